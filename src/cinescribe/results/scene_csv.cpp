#include "cinescribe/results/scene_csv.h"

#include <array>
#include <cstdio>

namespace cinescribe::results {

std::string scene_csv_header() {
  return "scene_index,start_frame,end_frame,start_seconds,end_seconds,duration_seconds,start_timecode,end_timecode\n";
}

std::string scene_csv_row(const SceneRecord& scene) {
  std::array<char, 256> numbers{};
  std::snprintf(numbers.data(), numbers.size(), "%lld,%lld,%lld,%.6f,%.6f,%.6f,",
                static_cast<long long>(scene.scene_index), static_cast<long long>(scene.start_frame),
                static_cast<long long>(scene.end_frame), scene.range.start.seconds(), scene.range.end.seconds(),
                scene.range.length().seconds());
  return numbers.data() + format_timecode(scene.range.start) + "," + format_timecode(scene.range.end) + "\n";
}

}  // namespace cinescribe::results
