#include "cinescribe/objects/track_summary.h"

#include <algorithm>

namespace cinescribe::objects {

void TrackSummariser::push(Timestamp time, std::span<const TrackedBox> boxes) {
  const std::size_t limit = 2 * std::max<std::size_t>(options_.max_path_points, 2);
  for (const auto& box : boxes) {
    Track& track = tracks_[box.track_id];
    const auto score = static_cast<double>(box.score);
    track.class_weights[box.class_id] += score;
    const TrackPoint point{time, box.box};
    track.stretches.push_back({point, point, 1, score, share_of(box.box)});
    if (track.stretches.size() <= limit) continue;
    // Merge the older half in pairs: a cut found late still meets single sightings.
    auto& s = track.stretches;
    const std::size_t half = s.size() / 4 * 2;
    for (std::size_t i = 0; i < half; i += 2) {
      Stretch merged = s[i];
      merged.last = s[i + 1].last;
      merged.sightings += s[i + 1].sightings;
      merged.score_sum += s[i + 1].score_sum;
      merged.share_sum += s[i + 1].share_sum;
      s[i / 2] = merged;
    }
    s.erase(s.begin() + static_cast<std::ptrdiff_t>(half / 2), s.begin() + static_cast<std::ptrdiff_t>(half));
  }
}

std::vector<TrackSummary> TrackSummariser::finish_scene(Timestamp end) {
  std::vector<TrackSummary> summaries;
  for (auto it = tracks_.begin(); it != tracks_.end();) {
    auto& stretches = it->second.stretches;
    const auto split = std::find_if(stretches.begin(), stretches.end(),
                                    [end](const Stretch& stretch) { return stretch.first.time >= end; });
    if (split != stretches.begin()) {
      summaries.push_back(summarise(it->first, it->second, {stretches.begin(), split}));
      stretches.erase(stretches.begin(), split);
    }
    it = stretches.empty() ? tracks_.erase(it) : std::next(it);
  }
  return summaries;
}

std::vector<TrackSummary> TrackSummariser::finish() {
  std::vector<TrackSummary> summaries;
  for (const auto& [id, track] : tracks_) summaries.push_back(summarise(id, track, track.stretches));
  tracks_.clear();
  return summaries;
}

std::vector<TrackSummary> TrackSummariser::take_ended(Timestamp time) {
  std::vector<TrackSummary> summaries;
  for (auto it = tracks_.begin(); it != tracks_.end();) {
    if (it->second.stretches.back().last.time < time) {
      summaries.push_back(summarise(it->first, it->second, it->second.stretches));
      it = tracks_.erase(it);
    } else {
      ++it;
    }
  }
  return summaries;
}

std::size_t TrackSummariser::stored_points() const {
  std::size_t points = 0;
  for (const auto& [id, track] : tracks_) points += track.stretches.size();
  return points;
}

double TrackSummariser::share_of(const Box& box) const {
  const auto width = static_cast<double>(options_.picture_width);
  const auto height = static_cast<double>(options_.picture_height);
  if (width <= 0.0 || height <= 0.0) return 0.0;
  const auto side = [](float from, float to, double limit) {
    return std::clamp(static_cast<double>(to), 0.0, limit) - std::clamp(static_cast<double>(from), 0.0, limit);
  };
  return std::max(0.0, side(box.x1, box.x2, width)) * std::max(0.0, side(box.y1, box.y2, height)) / (width * height);
}

TrackSummary TrackSummariser::summarise(std::int64_t id, const Track& track, std::span<const Stretch> stretches) const {
  TrackSummary summary;
  summary.track_id = id;
  summary.class_id =
      std::max_element(track.class_weights.begin(), track.class_weights.end(), [](const auto& a, const auto& b) {
        return a.second < b.second;
      })->first;
  summary.range = {stretches.front().first.time, stretches.back().last.time};
  double score_sum = 0.0;
  double share_sum = 0.0;
  for (const auto& stretch : stretches) {
    summary.sightings += stretch.sightings;
    score_sum += stretch.score_sum;
    share_sum += stretch.share_sum;
  }
  summary.mean_score = score_sum / static_cast<double>(summary.sightings);
  summary.screen_share = share_sum / static_cast<double>(summary.sightings);
  std::vector<TrackPoint> places;
  for (const auto& stretch : stretches) places.push_back(stretch.first);
  if (places.back().time < summary.range.end) places.push_back(stretches.back().last);
  const std::size_t wanted = std::min(places.size(), std::max<std::size_t>(options_.max_path_points, 2));
  for (std::size_t i = 0; i < wanted; ++i) {
    summary.path.push_back(places[wanted == 1 ? 0 : i * (places.size() - 1) / (wanted - 1)]);
  }
  return summary;
}

std::string count_by_label(std::span<const TrackSummary> tracks, std::span<const std::string> class_names) {
  std::map<std::int32_t, int> counts;
  for (const auto& track : tracks) ++counts[track.class_id];
  return count_by_label(counts, class_names);
}

std::string count_by_label(const std::map<std::int32_t, int>& counts, std::span<const std::string> class_names) {
  std::vector<std::pair<int, std::int32_t>> order;
  order.reserve(counts.size());
  for (const auto& [class_id, count] : counts) order.emplace_back(-count, class_id);
  std::sort(order.begin(), order.end());
  std::string text;
  for (const auto& [count, class_id] : order) {
    const bool is_named = class_id >= 0 && static_cast<std::size_t>(class_id) < class_names.size();
    text += (text.empty() ? "" : ", ") + std::to_string(-count) + " " +
            (is_named ? class_names[static_cast<std::size_t>(class_id)] : "class " + std::to_string(class_id));
  }
  return text;
}

}  // namespace cinescribe::objects
