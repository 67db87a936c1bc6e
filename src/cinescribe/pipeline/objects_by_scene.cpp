#include "cinescribe/pipeline/objects_by_scene.h"

#include <limits>
#include <utility>

namespace cinescribe::pipeline {

namespace {

/// Enough to draw a way; every box is in the MOT file.
constexpr std::size_t kPathPoints = 16;

objects::TrackedBox box_of(const results::BoxRecord& record) {
  objects::TrackedBox box;
  box.track_id = record.track_id;
  box.class_id = record.class_id;
  box.score = static_cast<float>(record.score);
  box.box = {static_cast<float>(record.box[0]), static_cast<float>(record.box[1]), static_cast<float>(record.box[2]),
             static_cast<float>(record.box[3])};
  return box;
}

}  // namespace

ObjectsByScene::ObjectsByScene(Options options, Next next)
    : options_(std::move(options)),
      next_(std::move(next)),
      summariser_({options_.picture_width, options_.picture_height, kPathPoints}) {}

Status ObjectsByScene::fetch() {
  while (!is_over_ && next_frame_ == unit_.frames.size()) {
    auto unit = next_();
    if (!unit.ok()) return unit.error();
    next_frame_ = 0;
    is_over_ = !unit->has_value();
    unit_ = is_over_ ? results::ObjectUnit() : **std::move(unit);
  }
  return {};
}

Result<std::vector<results::TrackRecord>> ObjectsByScene::take_until(Timestamp end) {
  for (;;) {
    CINESCRIBE_TRY(fetch());
    if (is_over_) break;
    const results::FrameBoxes& frame = unit_.frames[next_frame_];
    if (frame.time >= end) break;
    if (options_.on_frame) CINESCRIBE_TRY(options_.on_frame(frame));
    std::vector<objects::TrackedBox> boxes;
    boxes.reserve(frame.boxes.size());
    for (const results::BoxRecord& box : frame.boxes) boxes.push_back(box_of(box));
    summariser_.push(frame.time, boxes);
    ++next_frame_;
  }
  std::vector<results::TrackRecord> tracks;
  for (const objects::TrackSummary& summary : summariser_.finish()) tracks.push_back(record_of(summary));
  return tracks;
}

Result<std::vector<results::TrackRecord>> ObjectsByScene::take_rest() {
  return take_until(Timestamp::from_ns(std::numeric_limits<std::int64_t>::max()));
}

results::TrackRecord ObjectsByScene::record_of(const objects::TrackSummary& summary) const {
  results::TrackRecord record;
  record.track_id = summary.track_id;
  const auto id = static_cast<std::size_t>(summary.class_id);
  record.label = summary.class_id >= 0 && id < options_.class_names.size()
                     ? options_.class_names[id]
                     : "class " + std::to_string(summary.class_id);
  record.range = summary.range;
  record.sightings = summary.sightings;
  record.mean_score = summary.mean_score;
  record.screen_share = summary.screen_share;
  for (const objects::TrackPoint& point : summary.path) {
    record.path.push_back({point.time.seconds(), static_cast<double>(point.box.x1), static_cast<double>(point.box.y1),
                           static_cast<double>(point.box.x2), static_cast<double>(point.box.y2)});
  }
  return record;
}

}  // namespace cinescribe::pipeline
