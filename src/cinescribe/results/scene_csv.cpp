#include "cinescribe/results/scene_csv.h"

#include <array>
#include <cstdint>
#include <cstdio>

namespace cinescribe::results {

std::string scene_csv_header() {
  return "scene_index,start_frame,end_frame,start_seconds,end_seconds,duration_seconds,start_timecode,end_timecode\n";
}

std::string scene_csv_row(const SceneRecord& scene) {
  // Without pictures there are no frame numbers.
  const auto frame = [](std::int64_t number) { return (number < 0 ? std::string() : std::to_string(number)) + ","; };
  std::array<char, 128> times{};
  std::snprintf(times.data(), times.size(), "%.6f,%.6f,%.6f,", scene.range.start.seconds(), scene.range.end.seconds(),
                scene.range.length().seconds());
  return std::to_string(scene.scene_index) + "," + frame(scene.start_frame) + frame(scene.end_frame) + times.data() +
         format_timecode(scene.range.start) + "," + format_timecode(scene.range.end) + "\n";
}

}  // namespace cinescribe::results
