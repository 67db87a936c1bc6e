#include "cinescribe/bench/caption_pass.h"

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

#include "cinescribe/bench/pass_meter.h"
#include "cinescribe/core/thread_name.h"
#include "cinescribe/pipeline/caption_journal.h"

namespace cinescribe::bench {

namespace {

namespace fs = std::filesystem;

std::int64_t word_count(const std::string& text) {
  std::istringstream words(text);
  std::int64_t count = 0;
  for (std::string word; words >> word;) ++count;
  return count;
}

UnitRecord unit_of(const results::CaptionRecord& caption, const PassRecord& pass, double end_seconds) {
  UnitRecord unit;
  unit.session = pass.session;
  unit.pass = pass.pass;
  unit.stage = kCaptions;
  unit.scene = caption.scene_index;
  unit.device = pass.device;
  unit.wall_seconds = caption.cost.elapsed_seconds;
  unit.start_seconds = std::max(0.0, end_seconds - unit.wall_seconds);
  unit.busy_seconds = unit.wall_seconds;
  unit.media_seconds = caption.range.length().seconds();
  unit.tokens_in = caption.prompt_tokens;
  unit.image_tokens = caption.image_tokens;
  unit.tokens_out = caption.generated_tokens;
  unit.frames = caption.frames_used;
  unit.bytes = static_cast<std::int64_t>(caption.caption.size());
  unit.phases = CaptionPhases{caption.cost.preprocess_seconds, caption.cost.encode_seconds,
                              caption.cost.prefill_seconds, caption.cost.decode_seconds};
  unit.caption_words = word_count(caption.caption);
  unit.finish_reason = caption.finish_reason;
  unit.suspect = caption.suspect;
  if (caption.failure) unit.error = caption.failure->code + ": " + caption.failure->message;
  return unit;
}

/// The captions of the journal in the order in which they were finished; `begun` is when describing began.
Status file_units(const fs::path& journal, double begun, const PassRecord& pass, RecordFile& file) {
  const pipeline::CaptionJournalState state = pipeline::read_caption_journal(journal);
  std::vector<std::uint64_t> offsets;
  for (const auto& [scene, offset] : state.units) offsets.push_back(offset);
  std::sort(offsets.begin(), offsets.end());
  double end = begun;
  for (const std::uint64_t offset : offsets) {
    CINESCRIBE_ASSIGN(const results::CaptionRecord caption, pipeline::read_caption_unit(journal, offset));
    end += caption.cost.elapsed_seconds;
    CINESCRIBE_TRY(file.append(unit_of(caption, pass, end)));
  }
  return {};
}

}  // namespace

Status run_caption_pass(const FreshCaptioner& captioner, const fs::path& base, const fs::path& folder, PassRecord& pass,
                        const PassTools& tools) {
  Status filing;
  PassMeter meter(tools.gpus, [&](const SampleRecord& moment) {
    SampleRecord sample = moment;
    sample.session = pass.session;
    sample.pass = pass.pass;
    const Status status = tools.file.append(sample);
    if (!status.ok()) filing = status;
  });
  double loaded = 0.0;
  pipeline::CaptionerSource source = captioner.source;
  source.load = [&, load = captioner.source.load](const std::stop_token& stop) {
    const double before = meter.seconds();
    auto result = load(stop);
    loaded = meter.seconds();
    pass.load_seconds += loaded - before;
    return result;
  };
  const ThreadName name("captions");
  const auto report = pipeline::caption_video(base, folder, source, captioner.options, tools.listener, tools.stop);
  meter.stop(pass);
  CINESCRIBE_TRY(report);
  CINESCRIBE_TRY(filing);
  pass.after_load_seconds = pass.wall_seconds - loaded;
  pass.scenes = report->totals.scenes;
  pass.resumed_scenes = report->reused;
  pass.fresh_scenes = std::max<std::int64_t>(0, pass.scenes - report->reused);
  pass.failed_scenes = report->totals.failures;
  CINESCRIBE_TRY(file_units(folder / "journal.jsonl", loaded, pass, tools.file));
  CINESCRIBE_TRY(tools.file.append(pass));
  return tools.file.sync();
}

}  // namespace cinescribe::bench
