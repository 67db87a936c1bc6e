#include "cinescribe/pipeline/sound_stage.h"

#include <mutex>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cinescribe/models/model_store.h"
#include "cinescribe/pipeline/lender.h"
#include "cinescribe/pipeline/sounds_by_scene.h"
#include "cinescribe/pipeline/speech_mask.h"
#include "cinescribe/pipeline/unit_resume.h"
#include "cinescribe/results/record_json.h"

namespace cinescribe::pipeline {

namespace {

using Json = nlohmann::ordered_json;

class SoundRun final : public StageRun {
 public:
  SoundRun(std::shared_ptr<sounds::SoundTagger> tagger, const SoundStageOptions& options, const StageContext& context,
           std::unique_ptr<SpeechMask> mask, SoundsByScene::Delivered delivered)
      : tagger_(std::move(tagger)),
        output_(*context.output),
        boundaries_(*context.boundaries),
        stop_(context.stop),
        mask_(std::move(mask)),
        scenes_(
            *tagger_,
            {options.filter, mask_ != nullptr, context.folder, [this](Timestamp time) { output_.moved(time); },
             std::move(delivered), context.quota},
            [this](SceneSounds&& scene) { return file(scene); }, context.stop) {}

  Status push_sound(const AudioBlock& block) override {
    CINESCRIBE_TRY(take(boundaries_.after(known_cuts_)));
    if (!mask_) return scenes_.push(block.view());
    std::vector<float> masked;
    CINESCRIBE_TRY(mask_->push(block.view(), masked));
    return scenes_.push(masked);
  }

  Status finish(const StreamEnd& end) override {
    std::vector<float> rest;
    if (mask_) CINESCRIBE_TRY(mask_->finish(rest));
    CINESCRIBE_TRY(scenes_.push(rest));
    const auto news = boundaries_.all_after(known_cuts_, stop_);
    if (!news) return Error{ErrorCode::kInterrupted, "stopped"};
    CINESCRIBE_TRY(take(*news));
    CINESCRIBE_TRY(scenes_.finish());
    output_.moved(end.time);
    return {};
  }

 private:
  Status take(const SceneBoundaries::News& news) {
    known_cuts_ += news.cuts.size();
    return scenes_.settle(news.cuts, news.settled_until);
  }

  Status file(const SceneSounds& scene) {
    results::SoundUnit unit;
    unit.scene_index = scene.scene_index;
    unit.windows = static_cast<std::int64_t>(scene.windows);
    for (const auto& tag : scene.tags) unit.tags.push_back({label(tag.label_index), tag.max_score, tag.mean_score});
    for (const auto& tag : scene.time_line)
      unit.time_line.push_back({tag.range, label(tag.label_index), tag.max_score});
    return output_.unit(sound_unit_json(unit, scene.open));
  }
  [[nodiscard]] const std::string& label(int index) const { return tagger_->labels()[static_cast<std::size_t>(index)]; }

  const std::shared_ptr<sounds::SoundTagger> tagger_;
  StageOutput& output_;
  const SceneBoundaries& boundaries_;
  const std::stop_token stop_;
  std::unique_ptr<SpeechMask> mask_;
  SoundsByScene scenes_;
  std::size_t known_cuts_ = 0;
};

/// What a video without sound gets.
class SilentRun final : public StageRun {
 public:
  Status finish(const StreamEnd&) override { return {}; }
};

class SoundStage final : public Stage {
 public:
  explicit SoundStage(SoundStageOptions options) : options_(std::move(options)) {}

  [[nodiscard]] std::string name() const override { return "sounds"; }
  [[nodiscard]] Feed feed() const override { return Feed::kSound; }
  [[nodiscard]] std::string after() const override { return "scenes"; }
  [[nodiscard]] std::string settings_json() const override {
    const Json settings = {{"model", options_.model},
                           {"type", options_.loading.type},
                           {"threshold", options_.filter.threshold},
                           {"top_k", options_.filter.top_k},
                           {"mask_speech", options_.masks_speech}};
    return settings.dump(-1, ' ', false, Json::error_handler_t::replace);
  }

  [[nodiscard]] bool can_resume() const override { return true; }

  Result<std::vector<results::ModelRecord>> models() override {
    const std::lock_guard lock(mutex_);
    CINESCRIBE_TRY(locate());
    std::vector<results::ModelRecord> records = {{name(), model_.name, model_.sha256}};
    if (options_.masks_speech) records.push_back({name(), vad_model_.name, vad_model_.sha256});
    return records;
  }

  Result<std::unique_ptr<StageRun>> start(const StageContext& context) override {
    if (context.info->audio.empty()) return std::unique_ptr<StageRun>(std::make_unique<SilentRun>());
    const std::lock_guard lock(mutex_);
    CINESCRIBE_TRY(load());
    CINESCRIBE_ASSIGN(auto tagger, taggers_.borrow([this] { return load_sound_model(model_, options_.loading); }));
    SoundsByScene::Delivered delivered;
    if (context.resume) {
      delivered.scenes = context.resume->units;
      CINESCRIBE_ASSIGN(delivered.open, open_sounds(context.resume->last_unit, tagger->labels().size()));
    }
    std::unique_ptr<SpeechMask> mask;
    if (vad_) mask = std::make_unique<SpeechMask>(vad_->make_stream(), context.stop);
    return std::unique_ptr<StageRun>(
        std::make_unique<SoundRun>(std::move(tagger), options_, context, std::move(mask), std::move(delivered)));
  }

 private:
  Status locate() {
    if (is_located_) return {};
    CINESCRIBE_ASSIGN(model_, models::locate(options_.model));
    if (options_.masks_speech) {
      CINESCRIBE_ASSIGN(vad_model_, models::locate(options_.vad_model));
    }
    is_located_ = true;
    return {};
  }
  Status load() {
    CINESCRIBE_TRY(locate());
    if (options_.masks_speech && !vad_) {
      CINESCRIBE_ASSIGN(vad_, speech::SileroVad::open(vad_model_.path));
    }
    return {};
  }

  const SoundStageOptions options_;
  std::mutex mutex_;
  bool is_located_ = false;
  models::LocatedModel model_;
  models::LocatedModel vad_model_;
  Lender<sounds::SoundTagger> taggers_;
  std::shared_ptr<speech::SileroVad> vad_;
};

}  // namespace

std::unique_ptr<Stage> make_sound_stage(const SoundStageOptions& options) {
  return std::make_unique<SoundStage>(options);
}

}  // namespace cinescribe::pipeline
