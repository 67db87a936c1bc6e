#include "cinescribe/scenes/scene_list.h"

#include <algorithm>

#include "cinescribe/scenes/frame_clock.h"

namespace cinescribe::scenes {

VideoEnd nominal_end(Rational average_rate, std::int64_t frames_decoded) {
  return {frames_decoded, FrameClock(average_rate).time_of(frames_decoded)};
}

VideoEnd true_end(Rational average_rate, std::int64_t frames_decoded, Timestamp end_time) {
  const std::int64_t frame = FrameClock(average_rate).frame_number(end_time);
  return {std::max(frame, frames_decoded > 0 ? std::int64_t{1} : std::int64_t{0}), end_time};
}

std::vector<Cut> sorted_cuts(std::vector<Cut> cuts) {
  const auto is_earlier = [](const Cut& a, const Cut& b) {
    return a.time != b.time ? a.time < b.time : a.frame < b.frame;
  };
  std::sort(cuts.begin(), cuts.end(), is_earlier);
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  return cuts;
}

std::vector<Scene> scenes_from_cuts(std::vector<Cut> cuts, const VideoEnd& end) {
  std::vector<Scene> scenes;
  if (end.frame <= 0) return scenes;
  Cut start;
  const auto close_at = [&](const Cut& cut) {
    scenes.push_back({static_cast<std::int64_t>(scenes.size()), start.frame, cut.frame, {start.time, cut.time}});
    start = cut;
  };
  for (const Cut& cut : sorted_cuts(std::move(cuts))) close_at(cut);
  close_at({end.frame, end.time});
  return scenes;
}

}  // namespace cinescribe::scenes
