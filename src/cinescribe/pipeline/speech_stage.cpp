#include "cinescribe/pipeline/speech_stage.h"

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cinescribe/models/model_store.h"
#include "cinescribe/models/whisper_convert.h"
#include "cinescribe/pipeline/unit_resume.h"
#include "cinescribe/results/record_json.h"
#include "cinescribe/speech/whisper_engine.h"

namespace cinescribe::pipeline {

namespace {

using Json = nlohmann::ordered_json;

results::SegmentRecord record_of(const speech::Segment& segment) {
  results::SegmentRecord record;
  record.range = segment.range;
  record.text = segment.text;
  record.avg_logprob = segment.avg_logprob;
  record.no_speech_prob = segment.no_speech_prob;
  record.compression_ratio = segment.compression_ratio;
  for (const speech::Word& word : segment.words) record.words.push_back({word.range, word.text, word.probability});
  return record;
}

const char* word_times_name(speech::WordTimes times) {
  switch (times) {
    case speech::WordTimes::kOff:
      return "off";
    case speech::WordTimes::kFast:
      return "fast";
    case speech::WordTimes::kExact:
      return "exact";
  }
  return "off";
}

class SpeechRun final : public StageRun {
 public:
  explicit SpeechRun(StageOutput& output) : output_(output) {}
  void use(std::unique_ptr<speech::Transcriber> transcriber) { transcriber_ = std::move(transcriber); }

  Status push_sound(const AudioBlock& block) override {
    CINESCRIBE_TRY(transcriber_->push(block.view()));
    output_.moved(transcriber_->done_until());
    return {};
  }
  Status finish(const StreamEnd& end) override {
    CINESCRIBE_TRY(transcriber_->finish());
    output_.moved(end.time);
    const speech::Language language = transcriber_->language();
    if (language.code.empty()) return {};
    return output_.note("language", results::language_json({language.code, language.probability}));
  }
  Status deliver(const speech::SpokenWindow& window) {
    std::vector<results::SegmentRecord> records;
    records.reserve(window.segments.size());
    for (const speech::Segment& segment : window.segments) records.push_back(record_of(segment));
    CINESCRIBE_TRY(output_.unit(speech_unit_json(window, records)));
    if (!records.empty()) output_.moved(records.back().range.end);
    return {};
  }

 private:
  StageOutput& output_;
  std::unique_ptr<speech::Transcriber> transcriber_;
};

/// What a video without sound gets.
class SilentRun final : public StageRun {
 public:
  Status finish(const StreamEnd&) override { return {}; }
};

class SpeechStage final : public Stage {
 public:
  explicit SpeechStage(SpeechStageOptions options) : options_(std::move(options)) {}

  [[nodiscard]] std::string name() const override { return "speech"; }
  [[nodiscard]] Feed feed() const override { return Feed::kSound; }
  [[nodiscard]] std::string settings_json() const override;
  [[nodiscard]] bool can_resume() const override { return true; }
  Result<std::vector<results::ModelRecord>> models() override;
  Result<std::unique_ptr<StageRun>> start(const StageContext& context) override;

 private:
  Status locate();
  Status load(const std::stop_token& stop);

  const SpeechStageOptions options_;
  std::mutex mutex_;
  bool is_located_ = false;
  models::LocatedModel model_;
  models::LocatedModel vad_;
  std::shared_ptr<speech::WhisperEngine> engine_;
};

std::string SpeechStage::settings_json() const {
  const speech::TranscriptionOptions& options = options_.transcription;
  const Json settings = {{"model", options_.model},
                         {"language", options.language},
                         {"translate", options.translate},
                         {"initial_prompt", options.initial_prompt},
                         {"word_times", word_times_name(options_.word_times)},
                         {"vad", options.use_vad},
                         {"beam_size", options.beam_size},
                         {"best_of", options.best_of},
                         {"temperature", options.temperature},
                         {"temperature_step", options.temperature_step},
                         {"compression_ratio_limit", options.compression_ratio_limit},
                         {"avg_logprob_limit", options.avg_logprob_limit},
                         {"no_speech_limit", options.no_speech_limit}};
  return settings.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Status SpeechStage::locate() {
  if (is_located_) return {};
  CINESCRIBE_ASSIGN(model_, models::locate(options_.model));
  if (options_.transcription.use_vad) {
    CINESCRIBE_ASSIGN(vad_, models::locate(options_.vad_model));
  }
  is_located_ = true;
  return {};
}

Result<std::vector<results::ModelRecord>> SpeechStage::models() {
  const std::lock_guard lock(mutex_);
  CINESCRIBE_TRY(locate());
  std::vector<results::ModelRecord> records = {{name(), model_.name, model_.sha256}};
  if (options_.transcription.use_vad) records.push_back({name(), vad_.name, vad_.sha256});
  return records;
}

Status SpeechStage::load(const std::stop_token& stop) {
  CINESCRIBE_TRY(locate());
  if (engine_) return {};
  models::WhisperOptions conversion;
  conversion.stop = stop;
  CINESCRIBE_ASSIGN(const models::WhisperModel whisper, models::prepare_whisper(model_, conversion));
  speech::WhisperEngineOptions engine;
  engine.model = whisper.ggml_path;
  engine.vad_model = vad_.path;
  engine.alignment_heads = whisper.alignment_heads;
  engine.word_times = options_.word_times;
  engine.threads = options_.threads;
  engine.device = options_.device;
  CINESCRIBE_ASSIGN(engine_, speech::WhisperEngine::load(engine));
  return {};
}

Result<std::unique_ptr<StageRun>> SpeechStage::start(const StageContext& context) {
  if (context.info->audio.empty()) return std::unique_ptr<StageRun>(std::make_unique<SilentRun>());
  const std::lock_guard lock(mutex_);
  CINESCRIBE_TRY(load(context.stop));
  speech::TranscribedPart done;
  if (context.resume) {
    CINESCRIBE_ASSIGN(done, transcribed_part(context.resume->last_unit));
  }
  auto run = std::make_unique<SpeechRun>(*context.output);
  // The run owns the transcriber, so it outlives every call of the sink.
  CINESCRIBE_ASSIGN(
      auto transcriber,
      engine_->make_window_transcriber(
          options_.transcription,
          [target = run.get()](speech::SpokenWindow&& window) { return target->deliver(window); }, done, context.stop));
  run->use(std::move(transcriber));
  return std::unique_ptr<StageRun>(std::move(run));
}

}  // namespace

std::unique_ptr<Stage> make_speech_stage(const SpeechStageOptions& options) {
  return std::make_unique<SpeechStage>(options);
}

}  // namespace cinescribe::pipeline
