#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "unit/pipeline/stub_tagger.h"

#include "cinescribe/pipeline/sounds_by_scene.h"
#include "cinescribe/pipeline/stage.h"
#include "cinescribe/results/record_json.h"

namespace cinescribe::pipeline {

/// What tests look at and steer from outside.
struct StubControl {
  std::atomic<int> starts = 0;
  std::atomic<int> pushes = 0;
  std::atomic<int> finishes = 0;
  std::string settings = "{\"stub\":1}";
  std::function<Status()> on_push;    ///< Called with every push; empty = fine.
  std::function<Status()> on_finish;  ///< Called before the units are delivered.
};

/// "scenes": a scene per second, told while the pictures come. "speech": a segment of two words per second. "frames": a
/// unit per scene. "sounds": what `StubTagger` hears in windows of 0.3 s, scene by scene. "objects": a dog that is in
/// every picture, and a cat from 1 s to 2.5 s.
class StubRun final : public StageRun {
 public:
  StubRun(std::string name, StubControl& control, StageContext context)
      : name_(std::move(name)), control_(control), context_(std::move(context)) {}

  Status push_frame(const VideoFrame& frame) override {
    CINESCRIBE_TRY(push());
    if (name_ == "objects") return see(frame);
    if (frame.index > 0 && frame.index % 10 == 0) context_.boundaries->settle({&frame.time, 1}, frame.time);
    return {};
  }
  Status push_sound(const AudioBlock& block) override {
    CINESCRIBE_TRY(push());
    if (name_ == "sounds") return hear(context_.boundaries->after(cuts_), block.view());
    const std::int64_t end = block.first_sample + static_cast<std::int64_t>(block.view().size());
    for (; (spoken_ + 1) * kAudioRateHz <= end; ++spoken_) CINESCRIBE_TRY(speak());
    return {};
  }
  Status push_scene(const SettledScene& scene) override {
    CINESCRIBE_TRY(push());
    const std::string index = std::to_string(scene.index);
    return context_.output->unit("{\"scene_index\":" + index + ",\"files\":[\"frames/" + index + ".jpg\"]}");
  }
  Status finish(const StreamEnd& end) override {
    ++control_.finishes;
    if (control_.on_finish) CINESCRIBE_TRY(control_.on_finish());
    if (name_ == "scenes") {
      context_.boundaries->complete(end.frames > 0 ? std::optional(end.time) : std::nullopt);
      return file_scenes(end);
    }
    if (name_ == "sounds") {
      const auto news = context_.boundaries->all_after(cuts_, context_.stop);
      if (!news) return Error{ErrorCode::kInterrupted, "stopped"};
      CINESCRIBE_TRY(hear(*news, {}));
      return sounds_.finish();
    }
    if (name_ == "objects") return context_.output->unit(results::object_unit_json(unit_));
    if (spoken_ > 0) return context_.output->note("language", results::language_json({"en", 0.75}));
    return {};
  }

 private:
  Status push() {
    ++control_.pushes;
    return control_.on_push ? control_.on_push() : Status();
  }
  Status speak() {
    const auto start = static_cast<double>(spoken_);
    results::SegmentRecord segment;
    segment.range = {Timestamp::from_seconds(start), Timestamp::from_seconds(start + 0.9)};
    segment.text = "word " + std::to_string(spoken_);
    segment.words = {{{segment.range.start, Timestamp::from_seconds(start + 0.4)}, " word", 0.5},
                     {{Timestamp::from_seconds(start + 0.5), segment.range.end}, " " + std::to_string(spoken_), 0.5}};
    return context_.output->unit(results::segment_json(segment));
  }
  Status file_scenes(const StreamEnd& end) {
    for (std::int64_t i = 0; i * 10 < end.frames; ++i) {
      results::SceneRecord scene;
      scene.scene_index = i;
      scene.start_frame = i * 10;
      scene.end_frame = i * 10 + 10;
      scene.range = {Timestamp::from_seconds(static_cast<double>(i)),
                     Timestamp::from_seconds(static_cast<double>(i + 1))};
      CINESCRIBE_TRY(context_.output->unit(results::scene_json(scene)));
    }
    return {};
  }
  Status hear(const SceneBoundaries::News& news, std::span<const float> samples) {
    cuts_ += news.cuts.size();
    CINESCRIBE_TRY(sounds_.settle(news.cuts, news.settled_until));
    return sounds_.push(samples);
  }
  Status file_sounds(const SceneSounds& scene) {
    results::SoundUnit unit;
    unit.scene_index = scene.scene_index;
    unit.windows = static_cast<std::int64_t>(scene.windows);
    for (const auto& tag : scene.tags) {
      unit.tags.push_back(
          {tagger_.labels().at(static_cast<std::size_t>(tag.label_index)), tag.max_score, tag.mean_score});
    }
    for (const auto& span : scene.time_line) {
      unit.time_line.push_back(
          {span.range, tagger_.labels().at(static_cast<std::size_t>(span.label_index)), span.max_score});
    }
    return context_.output->unit(results::sound_unit_json(unit));
  }
  Status see(const VideoFrame& frame) {
    if (frame.index == 0) CINESCRIBE_TRY(context_.output->note("detector", R"({"classes": ["cat", "dog"]})"));
    const auto x = static_cast<double>(frame.index);
    results::FrameBoxes seen{frame.index, frame.time, {{1, 1, 0.75, {x, 0.0, x + 8.0, 4.0}}}};
    if (frame.index >= 10 && frame.index < 25) seen.boxes.push_back({2, 0, 0.5, {0.0, 0.0, 2.0, 2.0}});
    unit_.frames.push_back(seen);
    return {};
  }

  const std::string name_;
  StubControl& control_;
  const StageContext context_;
  std::int64_t spoken_ = 0;
  StubTagger tagger_{4800};
  std::size_t cuts_ = 0;
  SoundsByScene sounds_{tagger_,
                        {{0.3, 0}, false, context_.folder, {}},
                        [this](SceneSounds&& scene) { return file_sounds(scene); },
                        context_.stop};
  results::ObjectUnit unit_;
};

class StubStage final : public Stage {
 public:
  StubStage(std::string name, StubControl& control) : name_(std::move(name)), control_(control) {}
  std::string name() const override { return name_; }
  Feed feed() const override {
    if (name_ == "scenes" || name_ == "objects") return Feed::kFrames;
    return name_ == "speech" || name_ == "sounds" ? Feed::kSound : Feed::kScenes;
  }
  std::string after() const override { return name_ == "frames" || name_ == "sounds" ? "scenes" : ""; }
  std::string settings_json() const override { return control_.settings; }
  Result<std::vector<results::ModelRecord>> models() override {
    return std::vector<results::ModelRecord>{{name_, "stub-model", "abcd"}};
  }
  Result<std::unique_ptr<StageRun>> start(const StageContext& context) override {
    ++control_.starts;
    return std::unique_ptr<StageRun>(std::make_unique<StubRun>(name_, control_, context));
  }

 private:
  const std::string name_;
  StubControl& control_;
};

}  // namespace cinescribe::pipeline
