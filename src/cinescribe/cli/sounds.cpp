#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/progress.h"
#include "cinescribe/media/decode_pass.h"
#include "cinescribe/models/model_store.h"
#include "cinescribe/pipeline/sound_model.h"
#include "cinescribe/pipeline/speech_mask.h"
#include "cinescribe/sounds/tag_pool.h"
#include "cinescribe/sounds/window_stream.h"
#include "cinescribe/speech/voice_activity.h"

namespace cinescribe::cli {

namespace {

using nlohmann::json;

struct SoundsFlags {
  std::string file;
  std::string model = "yamnet";
  std::string type = "auto";
  sounds::TagFilter filter;
  int audio_track = -1;
  bool is_json = false;
  bool is_csv = false;
  bool has_logits = false;
  bool masks_speech = false;
};

double rounded(double value, double steps) { return std::nearbyint(value * steps) / steps; }

/// Writes what was heard: one JSON object (its windows as they come), or the time line as CSV or as a table.
class SoundsWriter {
 public:
  SoundsWriter(const SoundsFlags& flags, const std::vector<std::string>& labels)
      : flags_(flags), labels_(labels), timeline_({flags.filter.threshold, flags.filter.top_k}) {
    if (flags_.is_json) {
      std::printf("{\"schema_version\": 1, \"file\": %s, \"model\": %s, \"windows\": [",
                  json(flags.file).dump().c_str(), json(flags.model).dump().c_str());
    } else if (flags_.is_csv) {
      std::puts("start,end,label,score");
    }
  }

  void add(const sounds::TaggedWindow& window) {
    timeline_.add(window, tags_);
    if (!flags_.is_json) return;
    json entry = {{"start_seconds", rounded(window.range.start.seconds(), 1e6)},
                  {"end_seconds", rounded(window.range.end.seconds(), 1e6)},
                  {"tags", json::array()}};
    for (const auto& tag : sounds::tags_of(window.logits, flags_.filter)) {
      entry["tags"].push_back({{"label", label(tag.label_index)}, {"score", rounded(tag.score, 1e6)}});
    }
    if (flags_.has_logits) entry["logits"] = window.logits;
    std::printf("%s\n  %s", windows_++ == 0 ? "" : ",", entry.dump().c_str());
  }

  void finish() {
    timeline_.finish(tags_);
    write_timeline();
  }

 private:
  [[nodiscard]] const std::string& label(int index) const { return labels_[static_cast<std::size_t>(index)]; }

  /// The time line, by start: entries become known in the order in which they end.
  void write_timeline() {
    std::stable_sort(tags_.begin(), tags_.end(),
                     [](const auto& x, const auto& y) { return x.range.start < y.range.start; });
    json entries = json::array();
    for (const auto& tag : tags_) {
      if (flags_.is_json) {
        entries.push_back({{"start_seconds", rounded(tag.range.start.seconds(), 1e6)},
                           {"end_seconds", rounded(tag.range.end.seconds(), 1e6)},
                           {"label", label(tag.label_index)},
                           {"max_score", rounded(tag.max_score, 1e6)}});
      } else if (flags_.is_csv) {
        std::string name = label(tag.label_index);
        if (name.find(',') != std::string::npos) name = "\"" + name + "\"";
        std::printf("%.3f,%.3f,%s,%.4f\n", tag.range.start.seconds(), tag.range.end.seconds(), name.c_str(),
                    tag.max_score);
      } else {
        std::printf("%s  %s  %.2f  %s\n", format_timecode(tag.range.start).c_str(),
                    format_timecode(tag.range.end).c_str(), tag.max_score, label(tag.label_index).c_str());
      }
    }
    if (flags_.is_json) std::printf("\n], \"timeline\": %s}\n", entries.dump().c_str());
  }

  const SoundsFlags& flags_;
  const std::vector<std::string>& labels_;
  sounds::TagTimeline timeline_;
  std::vector<sounds::TimedTag> tags_;
  std::size_t windows_ = 0;
};

Outcome run_sounds(const SoundsFlags& flags, const CommonOptions& common) {
  media::DecodeOptions decode;
  decode.audio_track = flags.audio_track;
  CINESCRIBE_ASSIGN(const auto pass, media::DecodePass::open(flags.file, decode));
  if (!pass->has_audio()) {
    return Error{ErrorCode::kInput, flags.file + " has no sound; nothing to tag"};
  }
  CINESCRIBE_ASSIGN(const auto model, models::locate(flags.model));
  CINESCRIBE_ASSIGN(const auto tagger, pipeline::load_sound_model(model, {flags.type, common.device, common.threads}));
  std::unique_ptr<pipeline::SpeechMask> mask;
  if (flags.masks_speech) {
    CINESCRIBE_ASSIGN(const auto voice, models::locate("silero-vad"));
    CINESCRIBE_ASSIGN(const auto vad, speech::SileroVad::open(voice.path));
    mask = std::make_unique<pipeline::SpeechMask>(vad->make_stream(), common.stop);
  }
  media::AudioSource& source = pass->add_audio();
  Status decoded;
  std::jthread decoder([&](const std::stop_token&) { decoded = pass->run(common.stop); });

  Progress progress(progress_style(common));
  progress.start("sounds", flags.file, ProgressUnit::kMediaSeconds, pass->info().duration().seconds());
  SoundsWriter writer(flags, tagger->labels());
  sounds::WindowStream stream(
      *tagger,
      [&](sounds::TaggedWindow&& window) {
        writer.add(window);
        progress.update("sounds", window.range.end.seconds());
        return Status();
      },
      common.stop, flags.masks_speech);
  Status tagged;
  while (tagged.ok()) {
    const auto block = source.pop(common.stop);
    if (!block) break;
    std::vector<float> masked;
    if (mask) tagged = mask->push(block->view(), masked);
    if (tagged.ok()) tagged = stream.push(mask ? std::span<const float>(masked) : block->view());
  }
  source.cancel();
  decoder.join();
  CINESCRIBE_TRY(tagged);
  CINESCRIBE_TRY(decoded);
  std::vector<float> rest;
  if (mask) CINESCRIBE_TRY(mask->finish(rest));
  CINESCRIBE_TRY(stream.push(rest));
  CINESCRIBE_TRY(stream.finish());
  writer.finish();
  progress.finish("sounds");
  return 0;
}

}  // namespace

Command add_sounds(CLI::App& root, const CommonOptions& common) {
  auto flags = std::make_shared<SoundsFlags>();
  CLI::App* app = root.add_subcommand("sounds", "Name what is heard: music, speech, engines, animals, ... with times");
  app->add_option("file", flags->file, "Video or sound file")->required();
  app->add_option("--model", flags->model,
                  "yamnet, a Hugging Face folder of an Audio Spectrogram Transformer, or its imported GGUF file")
      ->capture_default_str();
  app->add_option(
         "--type", flags->type,
         "Weights of an AST model after import: f32 (exact), f16, bf16, q8_0 (smallest), auto (f32 for small models, "
         "else the fastest)")
      ->check(CLI::IsMember({"auto", "f32", "f16", "bf16", "q8_0"}))
      ->capture_default_str();
  app->add_option("--threshold", flags->filter.threshold, "Lowest score to report")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app->add_option("--top-k", flags->filter.top_k, "Most tags per window; 0 = all above the threshold")
      ->capture_default_str();
  app->add_option("--audio-track", flags->audio_track, "Which audio track, from 0; -1 = the default one")
      ->capture_default_str();
  app->add_flag("--mask-speech", flags->masks_speech, "Silence speech first, to name what sounds besides");
  auto* as_json = app->add_flag("--json", flags->is_json, "Windows and time line as JSON on stdout");
  app->add_flag("--csv", flags->is_csv, "Time line as CSV on stdout: start,end,label,score")->excludes(as_json);
  app->add_flag("--logits", flags->has_logits, "With --json: all classes of every window, before the sigmoid")
      ->needs(as_json);
  app->footer("Example:  cinescribe sounds concert.mp4 --threshold 0.4");
  return {app, [flags, &common] { return run_sounds(*flags, common); }};
}

}  // namespace cinescribe::cli
