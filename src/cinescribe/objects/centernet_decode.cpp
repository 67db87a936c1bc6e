#include "cinescribe/objects/centernet_decode.h"

#include <algorithm>

namespace cinescribe::objects {

namespace {

constexpr std::size_t kMaxPeaks = 100;

bool is_peak(const float* map, std::int64_t width, std::int64_t height, std::int64_t x, std::int64_t y) {
  const float score = map[y * width + x];
  for (std::int64_t ny = std::max<std::int64_t>(y - 1, 0); ny <= std::min(y + 1, height - 1); ++ny) {
    for (std::int64_t nx = std::max<std::int64_t>(x - 1, 0); nx <= std::min(x + 1, width - 1); ++nx) {
      if (map[ny * width + nx] > score) return false;
    }
  }
  return true;
}

}  // namespace

std::vector<Detection> centernet_peaks(const LayoutChoice& layout, const RawOutputs& outputs, float conf) {
  const std::int64_t height = outputs.shapes[0][1];
  const std::int64_t width = outputs.shapes[0][2];
  const std::int64_t plane = width * height;
  std::vector<Detection> peaks;
  for (int c = 0; c < layout.classes; ++c) {
    const float* map = outputs.values[0].data() + c * plane;
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        const float score = map[y * width + x];
        if (!(score > conf) || !is_peak(map, width, height, x, y)) continue;
        const float* side = outputs.values[1].data() + y * width + x;
        const float px = static_cast<float>(x) * static_cast<float>(layout.input_width) / static_cast<float>(width);
        const float py = static_cast<float>(y) * static_cast<float>(layout.input_height) / static_cast<float>(height);
        Detection d;
        d.box = {px - side[0], py - side[plane], px + side[2 * plane], py + side[3 * plane]};
        d.score = score;
        d.class_id = c;
        d.row = static_cast<std::int32_t>((y * width + x) * layout.classes + c);
        peaks.push_back(d);
      }
    }
  }
  const std::size_t kept = std::min(kMaxPeaks, peaks.size());
  std::partial_sort(
      peaks.begin(), peaks.begin() + static_cast<std::ptrdiff_t>(kept), peaks.end(),
      [](const Detection& a, const Detection& b) { return a.score != b.score ? a.score > b.score : a.row < b.row; });
  peaks.resize(kept);
  return peaks;
}

}  // namespace cinescribe::objects
