#include "cinescribe/pipeline/object_stage.h"

#include <mutex>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cinescribe/core/log.h"
#include "cinescribe/pipeline/lender.h"
#include "cinescribe/pipeline/object_model.h"
#include "cinescribe/pipeline/unit_resume.h"
#include "cinescribe/results/record_json.h"

namespace cinescribe::pipeline {

namespace {

using Json = nlohmann::ordered_json;

constexpr Duration kUnitLength = Duration::from_ms(1000);
/// Where nothing is seen.
constexpr Duration kEmptyUnitLength = Duration::from_ms(10000);

std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

results::FrameBoxes record_of(const VideoFrame& frame, const std::vector<objects::TrackedBox>& boxes) {
  results::FrameBoxes record{frame.index, frame.time, {}};
  record.boxes.reserve(boxes.size());
  for (const objects::TrackedBox& box : boxes) {
    record.boxes.push_back({box.track_id,
                            box.class_id,
                            static_cast<double>(box.score),
                            {static_cast<double>(box.box.x1), static_cast<double>(box.box.y1),
                             static_cast<double>(box.box.x2), static_cast<double>(box.box.y2)}});
  }
  return record;
}

class ObjectRun final : public StageRun {
 public:
  ObjectRun(std::shared_ptr<objects::ObjectDetector> detector, const objects::ByteTrackOptions& tracking,
            const StageContext& context)
      : detector_(std::move(detector)),
        tracker_(objects::make_byte_tracker(tracking)),
        output_(*context.output),
        stop_(context.stop),
        known_units_(context.folder / "journal.jsonl", "objects", context.resume ? context.resume->begin_offset : 0,
                     context.resume ? context.resume->units : 0) {}

  Status push_frame(const VideoFrame& frame) override {
    CINESCRIBE_ASSIGN(const bool is_known, follow_known(frame));
    if (is_known) return {};
    waiting_.push_back(frame);
    const auto batch = static_cast<std::size_t>(std::max(1, detector_->info().max_batch));
    return waiting_.size() >= batch ? analyse() : Status();
  }

  Status finish(const StreamEnd& end) override {
    CINESCRIBE_TRY(analyse());
    CINESCRIBE_TRY(file_unit());
    output_.moved(end.time);
    return {};
  }

 private:
  Status analyse() {
    if (waiting_.empty()) return {};
    const std::vector<image::PixelView> views(waiting_.begin(), waiting_.end());
    CINESCRIBE_ASSIGN(const auto found, detector_->detect(views, stop_));
    for (std::size_t i = 0; i < waiting_.size(); ++i) follow(waiting_[i], found[i]);
    // A unit ends with a batch, so that a run that goes on after it makes the same batches.
    const Duration length = waiting_.back().time - unit_start_;
    waiting_.clear();
    return length >= (unit_.frames.empty() ? kEmptyUnitLength : kUnitLength) ? file_unit() : Status();
  }

  void follow(const VideoFrame& frame, const std::vector<objects::Detection>& detections) {
    if (seen_.empty()) unit_start_ = frame.time;
    const auto boxes = tracker_->update(frame.time, detections);
    if (!boxes.empty()) unit_.frames.push_back(record_of(frame, boxes));
    seen_.push_back(detections);
    output_.moved(frame.time);
  }

  /// Shows the tracker what an earlier run has seen in this picture, if it has; its boxes are filed already.
  Result<bool> follow_known(const VideoFrame& frame) {
    while (next_known_ == known_.size()) {
      CINESCRIBE_ASSIGN(const auto unit, known_units_.next());
      if (!unit) return false;
      CINESCRIBE_ASSIGN(known_, seen_objects(*unit));
      next_known_ = 0;
    }
    tracker_->update(frame.time, known_[next_known_++]);
    return true;
  }

  Status file_unit() {
    if (seen_.empty()) return {};
    return output_.unit(object_unit_json(std::exchange(unit_, {}), std::exchange(seen_, {})));
  }

  const std::shared_ptr<objects::ObjectDetector> detector_;
  std::unique_ptr<objects::Tracker> tracker_;
  StageOutput& output_;
  const std::stop_token stop_;
  std::vector<VideoFrame> waiting_;
  results::ObjectUnit unit_;
  std::vector<std::vector<objects::Detection>> seen_;  ///< In every picture since the last unit.
  Timestamp unit_start_;
  UnitCursor known_units_;
  std::vector<std::vector<objects::Detection>> known_;  ///< Of one of them.
  std::size_t next_known_ = 0;
};

/// What a recording without pictures gets.
class BlindRun final : public StageRun {
 public:
  Status finish(const StreamEnd&) override { return {}; }
};

class ObjectStage final : public Stage {
 public:
  explicit ObjectStage(ObjectStageOptions options) : options_(std::move(options)) {}

  [[nodiscard]] std::string name() const override { return "objects"; }
  [[nodiscard]] Feed feed() const override { return Feed::kFrames; }
  [[nodiscard]] std::string settings_json() const override;
  [[nodiscard]] bool can_resume() const override { return true; }
  Result<std::vector<results::ModelRecord>> models() override {
    const std::lock_guard lock(mutex_);
    CINESCRIBE_TRY(locate());
    return std::vector<results::ModelRecord>{{name(), chosen_.model.name, chosen_.model.sha256}};
  }
  [[nodiscard]] media::FrameRequest frame_request(const media::MediaInfo& info) const override {
    media::FrameRequest request;
    // The detector reads a frame's own planes; stretching to square pixels needs colours.
    const bool has_square_pixels = info.video.front().sample_aspect == Rational{1, 1};
    request.format = has_square_pixels ? media::FrameRequest::Format::kNative : media::FrameRequest::Format::kBgr24;
    request.square_pixels = true;
    request.queue_frames = 4;
    if (options_.frames_per_second > 0.0) request.every = Duration::from_seconds(1.0 / options_.frames_per_second);
    return request;
  }
  Result<std::unique_ptr<StageRun>> start(const StageContext& context) override {
    if (context.info->video.empty()) return std::unique_ptr<StageRun>(std::make_unique<BlindRun>());
    const std::lock_guard lock(mutex_);
    CINESCRIBE_TRY(locate());
    CINESCRIBE_ASSIGN(auto detector, detectors_.borrow([this] {
      return objects::make_detector(chosen_.model.path, options_.detector);
    }));
    if (!context.resume) CINESCRIBE_TRY(context.output->note("detector", detector_json(detector->info())));
    objects::ByteTrackOptions tracking = options_.tracking;
    const auto suggested = static_cast<double>(detector->info().suggested_track_conf);
    tracking.track_high_thresh = options_.track_high.value_or(suggested);
    tracking.new_track_thresh = options_.new_track.value_or(suggested);
    return std::unique_ptr<StageRun>(std::make_unique<ObjectRun>(std::move(detector), tracking, context));
  }

 private:
  Status locate();
  [[nodiscard]] std::string detector_json(const objects::DetectorInfo& info) const;

  const ObjectStageOptions options_;
  std::mutex mutex_;
  bool is_located_ = false;
  ChosenDetector chosen_;
  Lender<objects::ObjectDetector> detectors_;
};

std::string ObjectStage::settings_json() const {
  const objects::DetectorOptions& detector = options_.detector;
  const objects::ByteTrackOptions& tracking = options_.tracking;
  const auto given = [](const auto& value) { return value ? Json(*value) : Json(nullptr); };
  Json settings = {{"model", options_.model},
                   {"layout", objects::layout_name(detector.layout)},
                   {"frames_per_second", options_.frames_per_second},
                   {"conf", given(detector.conf)},
                   {"iou", given(detector.iou)},
                   {"classes", detector.classes},
                   {"class_names", detector.class_file.string()},
                   {"max_objects", detector.max_boxes},
                   {"track_high", given(options_.track_high)},
                   {"track_low", tracking.track_low_thresh},
                   {"new_track", given(options_.new_track)},
                   {"track_buffer", tracking.track_buffer},
                   {"match", tracking.match_thresh},
                   {"fuse_score", tracking.fuse_score},
                   {"track_per_class", tracking.per_class}};
  if (tracking.buffer_time) settings["track_buffer_seconds"] = tracking.buffer_time->seconds();
  return dump(settings);
}

Status ObjectStage::locate() {
  if (is_located_) return {};
  CINESCRIBE_ASSIGN(chosen_, choose_detector(options_.model));
  if (!chosen_.reason.empty()) log(LogLevel::kInfo, "objects: " + chosen_.model.name + " (" + chosen_.reason + ")");
  is_located_ = true;
  return {};
}

std::string ObjectStage::detector_json(const objects::DetectorInfo& info) const {
  return dump({{"model", chosen_.model.name},
               {"layout", objects::layout_name(info.layout)},
               {"input_width", info.input_width},
               {"input_height", info.input_height},
               {"classes", info.class_names}});
}

}  // namespace

std::unique_ptr<Stage> make_object_stage(const ObjectStageOptions& options) {
  return std::make_unique<ObjectStage>(options);
}

}  // namespace cinescribe::pipeline
