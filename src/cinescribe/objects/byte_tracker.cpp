#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "cinescribe/objects/box_filter.h"
#include "cinescribe/objects/linear_assignment.h"
#include "cinescribe/objects/overlap.h"
#include "cinescribe/objects/tracker.h"

namespace cinescribe::objects {

namespace {

constexpr double kUnionOffset = 1e-7;
constexpr double kSecondMatchLimit = 0.5;
constexpr double kUnconfirmedMatchLimit = 0.7;
constexpr double kDuplicateDistance = 0.15;
constexpr std::size_t kRememberedRemovals = 1000;

enum class State { kTracked, kLost, kRemoved };

struct Track {
  std::int64_t id = 0;
  State state = State::kTracked;
  bool is_confirmed = false;
  std::int64_t start_frame = 0;
  std::int64_t last_frame = 0;
  Timestamp last_time;
  BoxFilter filter;
  float score = 0.0F;
  std::int32_t class_id = 0;
  std::int32_t detection_index = -1;
};
using TrackPtr = std::shared_ptr<Track>;
using Tracks = std::vector<TrackPtr>;

struct Candidate {
  Box box;
  float score = 0.0F;
  std::int32_t class_id = 0;
  std::int32_t index = 0;
};

bool is_usable(const Detection& d) {
  return std::isfinite(d.box.x1) && std::isfinite(d.box.y1) && std::isfinite(d.box.x2) && std::isfinite(d.box.y2) &&
         std::isfinite(d.score) && d.box.x2 > d.box.x1 && d.box.y2 > d.box.y1;
}

Assignment match(const Tracks& tracks, const std::vector<Candidate>& candidates, bool fuse_score, double limit) {
  std::vector<double> costs(tracks.size() * candidates.size());
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    const Box box = tracks[i]->filter.box();
    for (std::size_t j = 0; j < candidates.size(); ++j) {
      const double similarity = overlap(box, candidates[j].box, kUnionOffset);
      costs[i * candidates.size() + j] =
          1.0 - (fuse_score ? similarity * static_cast<double>(candidates[j].score) : similarity);
    }
  }
  return assign_below(costs, tracks.size(), candidates.size(), limit);
}

/// Appends the tracks of `more` whose ids `tracks` does not hold yet.
void join(Tracks& tracks, const Tracks& more) {
  std::unordered_set<std::int64_t> ids;
  for (const auto& track : tracks) ids.insert(track->id);
  for (const auto& track : more) {
    if (ids.insert(track->id).second) tracks.push_back(track);
  }
}

/// Of a tracked and a lost track on the same place the longer-lived one stays; on a tie the lost one.
void drop_duplicates(Tracks& tracked, Tracks& lost) {
  std::vector<char> drop_tracked(tracked.size(), 0);
  std::vector<char> drop_lost(lost.size(), 0);
  for (std::size_t i = 0; i < tracked.size(); ++i) {
    const Box box = tracked[i]->filter.box();
    for (std::size_t j = 0; j < lost.size(); ++j) {
      if (!(1.0 - overlap(box, lost[j]->filter.box(), kUnionOffset) < kDuplicateDistance)) continue;
      const auto age = [](const Track& track) { return track.last_frame - track.start_frame; };
      (age(*tracked[i]) > age(*lost[j]) ? drop_lost[j] : drop_tracked[i]) = 1;
    }
  }
  const auto keep = [](Tracks& tracks, const std::vector<char>& drop) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < tracks.size(); ++i) {
      if (drop[i] == 0) tracks[kept++] = tracks[i];
    }
    tracks.resize(kept);
  };
  keep(tracked, drop_tracked);
  keep(lost, drop_lost);
}

class ByteTracker : public Tracker {
 public:
  ByteTracker(const ByteTrackOptions& options, std::shared_ptr<std::int64_t> next_id)
      : options_(options), next_id_(std::move(next_id)) {}

  std::vector<TrackedBox> update(Timestamp time, std::span<const Detection> detections) override {
    ++frame_;
    time_ = time;
    split(detections);
    Tracks confirmed;
    Tracks unconfirmed;
    for (const auto& track : tracked_) (track->is_confirmed ? confirmed : unconfirmed).push_back(track);
    Tracks pool = confirmed;
    join(pool, lost_);
    for (const auto& track : pool) {
      if (track->state != State::kTracked) track->filter.stop_growing();
      track->filter.predict();
    }

    Tracks active;
    Tracks found_again;
    Tracks newly_lost;
    std::vector<std::int64_t> newly_removed;
    std::vector<char> is_high_used(high_.size(), 0);

    const auto first = match(pool, high_, options_.fuse_score, options_.match_thresh);
    Tracks unseen;
    for (std::size_t i = 0; i < pool.size(); ++i) {
      const int j = first.row_to_column[i];
      if (j >= 0) {
        is_high_used[static_cast<std::size_t>(j)] = 1;
        (pool[i]->state == State::kTracked ? active : found_again).push_back(pool[i]);
        see(*pool[i], high_[static_cast<std::size_t>(j)]);
      } else if (pool[i]->state == State::kTracked) {
        unseen.push_back(pool[i]);
      }
    }
    const auto second = match(unseen, low_, false, kSecondMatchLimit);
    for (std::size_t i = 0; i < unseen.size(); ++i) {
      const int j = second.row_to_column[i];
      if (j >= 0) {
        see(*unseen[i], low_[static_cast<std::size_t>(j)]);
        active.push_back(unseen[i]);
      } else {
        unseen[i]->state = State::kLost;
        newly_lost.push_back(unseen[i]);
      }
    }
    std::vector<Candidate> left;
    for (std::size_t j = 0; j < high_.size(); ++j) {
      if (is_high_used[j] == 0) left.push_back(high_[j]);
    }
    const auto third = match(unconfirmed, left, options_.fuse_score, kUnconfirmedMatchLimit);
    for (std::size_t i = 0; i < unconfirmed.size(); ++i) {
      const int j = third.row_to_column[i];
      if (j >= 0) {
        see(*unconfirmed[i], left[static_cast<std::size_t>(j)]);
        active.push_back(unconfirmed[i]);
      } else {
        unconfirmed[i]->state = State::kRemoved;
        newly_removed.push_back(unconfirmed[i]->id);
      }
    }
    for (std::size_t j = 0; j < left.size(); ++j) {
      if (third.column_to_row[j] < 0 && left[j].score >= static_cast<float>(options_.new_track_thresh)) {
        active.push_back(begin(left[j]));
      }
    }
    for (const auto& track : lost_) {
      if (is_expired(*track)) {
        track->state = State::kRemoved;
        newly_removed.push_back(track->id);
      }
    }
    rebuild(active, found_again, newly_lost, newly_removed);
    return seen();
  }

 private:
  void split(std::span<const Detection> detections) {
    high_.clear();
    low_.clear();
    // The reference compares in single precision, so that a score of 0.1 is not above a threshold of 0.1.
    const auto high = static_cast<float>(options_.track_high_thresh);
    const auto low = static_cast<float>(options_.track_low_thresh);
    for (std::size_t i = 0; i < detections.size(); ++i) {
      const Detection& d = detections[i];
      if (!is_usable(d)) continue;
      const Candidate candidate{d.box, d.score, d.class_id, static_cast<std::int32_t>(i)};
      if (d.score >= high) {
        high_.push_back(candidate);
      } else if (d.score > low) {
        low_.push_back(candidate);
      }
    }
  }

  void see(Track& track, const Candidate& candidate) const {
    track.filter.update(candidate.box);
    track.state = State::kTracked;
    track.is_confirmed = true;
    note(track, candidate);
  }

  TrackPtr begin(const Candidate& candidate) const {
    auto track = std::make_shared<Track>();
    track->id = (*next_id_)++;
    track->is_confirmed = frame_ == 1;
    track->start_frame = frame_;
    track->filter = BoxFilter(candidate.box);
    note(*track, candidate);
    return track;
  }

  void note(Track& track, const Candidate& candidate) const {
    track.last_frame = frame_;
    track.last_time = time_;
    track.score = candidate.score;
    track.class_id = candidate.class_id;
    track.detection_index = candidate.index;
  }

  [[nodiscard]] bool is_expired(const Track& track) const {
    // Of lost tracks only: those found again in this frame carry its number.
    if (options_.buffer_time.has_value()) return time_ - track.last_time > *options_.buffer_time;
    return frame_ - track.last_frame > options_.track_buffer;
  }

  void rebuild(const Tracks& active, const Tracks& found_again, const Tracks& newly_lost,
               const std::vector<std::int64_t>& newly_removed) {
    std::erase_if(tracked_, [](const TrackPtr& track) { return track->state != State::kTracked; });
    join(tracked_, active);
    join(tracked_, found_again);
    std::unordered_set<std::int64_t> tracked_ids;
    for (const auto& track : tracked_) tracked_ids.insert(track->id);
    std::erase_if(lost_, [&](const TrackPtr& track) { return tracked_ids.contains(track->id); });
    lost_.insert(lost_.end(), newly_lost.begin(), newly_lost.end());
    // Two habits of the reference that its results depend on: only the removals of *earlier* frames leave the list (so
    // a track removed now can still be found in the next frame), and a track found that way stays on that list (so it
    // vanishes as soon as it is lost again).
    std::erase_if(lost_, [this](const TrackPtr& track) { return removed_count_.contains(track->id); });
    drop_duplicates(tracked_, lost_);
    for (const auto id : newly_removed) {
      removed_ids_.push_back(id);
      ++removed_count_[id];
    }
    while (removed_ids_.size() > kRememberedRemovals) {
      const auto oldest = removed_count_.find(removed_ids_.front());
      if (--oldest->second == 0) removed_count_.erase(oldest);
      removed_ids_.pop_front();
    }
  }

  [[nodiscard]] std::vector<TrackedBox> seen() const {
    std::vector<TrackedBox> boxes;
    for (const auto& track : tracked_) {
      if (!track->is_confirmed) continue;
      boxes.push_back({track->id, track->filter.box(), track->score, track->class_id, track->detection_index});
    }
    return boxes;
  }

  ByteTrackOptions options_;
  std::shared_ptr<std::int64_t> next_id_;
  std::int64_t frame_ = 0;
  Timestamp time_;
  std::vector<Candidate> high_;
  std::vector<Candidate> low_;
  Tracks tracked_;
  Tracks lost_;
  std::deque<std::int64_t> removed_ids_;  ///< The newest removals; an id can be there twice.
  std::unordered_map<std::int64_t, int> removed_count_;
};

/// One tracker per class over one sequence of ids.
class PerClassTracker : public Tracker {
 public:
  explicit PerClassTracker(const ByteTrackOptions& options) : options_(options) {}

  std::vector<TrackedBox> update(Timestamp time, std::span<const Detection> detections) override {
    for (const auto& detection : detections) {
      auto& tracker = trackers_[detection.class_id];
      if (tracker == nullptr) {
        tracker = std::make_unique<ByteTracker>(options_, next_id_);
        // Only on the first frame of the video are tracks confirmed at once: a class that comes later has missed it.
        if (frames_ > 0) tracker->update(time, {});
      }
    }
    ++frames_;
    std::vector<TrackedBox> all;
    std::vector<Detection> own;
    std::vector<std::int32_t> indices;
    for (auto& [class_id, tracker] : trackers_) {
      own.clear();
      indices.clear();
      for (std::size_t i = 0; i < detections.size(); ++i) {
        if (detections[i].class_id != class_id) continue;
        own.push_back(detections[i]);
        indices.push_back(static_cast<std::int32_t>(i));
      }
      for (auto& box : tracker->update(time, own)) {
        box.detection_index = indices[static_cast<std::size_t>(box.detection_index)];
        all.push_back(box);
      }
    }
    return all;
  }

 private:
  ByteTrackOptions options_;
  std::shared_ptr<std::int64_t> next_id_ = std::make_shared<std::int64_t>(1);
  std::map<std::int32_t, std::unique_ptr<ByteTracker>> trackers_;
  std::int64_t frames_ = 0;
};

}  // namespace

std::unique_ptr<Tracker> make_byte_tracker(const ByteTrackOptions& options) {
  if (options.per_class) return std::make_unique<PerClassTracker>(options);
  return std::make_unique<ByteTracker>(options, std::make_shared<std::int64_t>(1));
}

}  // namespace cinescribe::objects
