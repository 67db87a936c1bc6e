#include "cinescribe/pipeline/scene_stage.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cinescribe/results/record_json.h"
#include "cinescribe/scenes/make_detector.h"
#include "cinescribe/scenes/scene_list.h"

namespace cinescribe::pipeline {

namespace {

using Json = nlohmann::ordered_json;

Json score_settings(const scenes::ContentScoreOptions& score) {
  return {{"hue", score.weights.hue},
          {"saturation", score.weights.saturation},
          {"luma", score.weights.luma},
          {"edges", score.weights.edges},
          {"edge_kernel_size", score.edge_kernel_size}};
}

/// The settings of the chosen detector alone: the others change nothing.
Json detector_settings(const scenes::DetectorOptions& options) {
  switch (options.kind) {
    case scenes::DetectorKind::kContent:
      return {{"detector", "content"},
              {"threshold", options.content.threshold},
              {"weights", score_settings(options.content.score)},
              {"filter", options.content.filter == scenes::FlashFilter::Mode::kMerge ? "merge" : "suppress"}};
    case scenes::DetectorKind::kAdaptive:
      return {{"detector", "adaptive"},
              {"threshold", options.adaptive.threshold},
              {"window_frames", options.adaptive.window_frames},
              {"min_content_score", options.adaptive.min_content_score},
              {"weights", score_settings(options.adaptive.score)}};
    case scenes::DetectorKind::kThreshold:
      return {{"detector", "threshold"},
              {"threshold", options.threshold.threshold},
              {"fade_bias", options.threshold.fade_bias},
              {"add_final_scene", options.threshold.add_final_scene},
              {"method", options.threshold.method == scenes::ThresholdOptions::Method::kFloor ? "floor" : "ceiling"}};
    case scenes::DetectorKind::kHash:
      return {{"detector", "hash"},
              {"threshold", options.hash.threshold},
              {"size", options.hash.size},
              {"lowpass", options.hash.lowpass}};
    case scenes::DetectorKind::kHistogram:
      return {{"detector", "histogram"}, {"threshold", options.histogram.threshold}, {"bins", options.histogram.bins}};
  }
  return Json::object();
}

class SceneRun final : public StageRun {
 public:
  SceneRun(std::unique_ptr<scenes::SceneDetector> detector, Rational rate, const StageContext& context)
      : detector_(std::move(detector)), rate_(rate), output_(*context.output), boundaries_(*context.boundaries) {}

  Status push_frame(const VideoFrame& frame) override {
    CINESCRIBE_TRY(detector_->push(frame, cuts_));
    tell_cuts(detector_->settled_until());
    return {};
  }

  Status finish(const StreamEnd& end) override {
    detector_->flush(cuts_);
    if (end.frames == 0) cuts_.clear();
    tell_cuts(Timestamp::from_ns(std::numeric_limits<std::int64_t>::max()));
    boundaries_.complete(end.frames > 0 ? std::optional(end.time) : std::nullopt);
    if (end.frames == 0) return {};
    for (const scenes::Scene& scene :
         scenes::scenes_from_cuts(std::move(cuts_), scenes::true_end(rate_, end.frames, end.time))) {
      results::SceneRecord record;
      record.scene_index = scene.index;
      record.start_frame = scene.start_frame;
      record.end_frame = scene.end_frame;
      record.range = scene.range;
      CINESCRIBE_TRY(output_.unit(results::scene_json(record)));
    }
    return {};
  }

 private:
  /// Tells the cuts before `until` that were not told yet; none to come lies there.
  void tell_cuts(Timestamp until) {
    if (cuts_.size() > told_) cuts_ = scenes::sorted_cuts(std::move(cuts_));
    std::vector<Timestamp> news;
    for (; told_ < cuts_.size() && cuts_[told_].time < until; ++told_) news.push_back(cuts_[told_].time);
    boundaries_.settle(news, until);
  }

  std::unique_ptr<scenes::SceneDetector> detector_;
  const Rational rate_;
  StageOutput& output_;
  SceneBoundaries& boundaries_;
  std::vector<scenes::Cut> cuts_;
  std::size_t told_ = 0;  ///< The first so many of the sorted cuts were told.
};

class SceneStage final : public Stage {
 public:
  explicit SceneStage(SceneStageOptions options) : options_(std::move(options)) {}

  [[nodiscard]] std::string name() const override { return "scenes"; }
  [[nodiscard]] Feed feed() const override { return Feed::kFrames; }
  [[nodiscard]] std::string settings_json() const override {
    Json settings = detector_settings(options_.detector);
    settings["min_scene_len"] = options_.min_scene_length_text;
    settings["frame_skip"] = options_.detector.frame_skip;
    return settings.dump();
  }
  [[nodiscard]] media::FrameRequest frame_request(const media::MediaInfo& info) const override {
    const media::VideoStream& video = info.video.front();
    media::FrameRequest request;
    if (!scenes::takes_yuv420p(video.coded_width, video.coded_height)) {
      request.format = media::FrameRequest::Format::kBgr24;
    }
    return request;
  }
  Result<std::unique_ptr<StageRun>> start(const StageContext& context) override {
    const Rational rate = context.info->video.empty() ? Rational() : context.info->video.front().average_rate;
    CINESCRIBE_ASSIGN(auto detector, scenes::make_detector(options_.detector, {rate}));
    return std::unique_ptr<StageRun>(std::make_unique<SceneRun>(std::move(detector), rate, context));
  }

 private:
  const SceneStageOptions options_;
};

}  // namespace

std::unique_ptr<Stage> make_scene_stage(const SceneStageOptions& options) {
  return std::make_unique<SceneStage>(options);
}

}  // namespace cinescribe::pipeline
