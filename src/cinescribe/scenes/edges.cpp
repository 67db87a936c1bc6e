#include "cinescribe/scenes/edges.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>

namespace cinescribe::scenes {
namespace {

constexpr std::uint8_t kNone = 0;
constexpr std::uint8_t kWeak = 1;
constexpr std::uint8_t kStrong = 2;
constexpr int kTangentShift = 15;
constexpr int kTangent22 = 13573;  // tan(22.5°) in 1/2^15

std::size_t index_of(int row, int column, int stride) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(stride) + static_cast<std::size_t>(column);
}

/// Maximum over `kernel_size` neighbours along one axis. Values beyond the border do not count.
void widen(const std::uint8_t* in, std::uint8_t* out, int lines, std::ptrdiff_t line_step, int length,
           std::ptrdiff_t step, int kernel_size) {
  const int reach = kernel_size / 2;
  for (int line = 0; line < lines; ++line) {
    int last_edge = -kernel_size;  // nearest edge at or before i + reach
    const std::uint8_t* from = in + line * line_step;
    std::uint8_t* to = out + line * line_step;
    for (int i = -reach; i < length; ++i) {
      if (i + reach < length && from[(i + reach) * step] != 0) last_edge = i + reach;
      if (i >= 0) to[i * step] = last_edge >= i - reach ? 255 : 0;
    }
  }
}

}  // namespace

int default_edge_kernel_size(int width, int height) {
  const int size = 4 + static_cast<int>(std::nearbyint(std::sqrt(static_cast<double>(width) * height) / 192.0));
  return size % 2 == 0 ? size + 1 : size;
}

double median_of_bytes(std::span<const std::uint8_t> values) {
  std::array<std::size_t, 256> counts{};
  for (const std::uint8_t value : values) ++counts[value];
  const auto nth = [&](std::size_t n) {
    std::size_t seen = 0;
    int value = 0;
    while (value < 255 && seen + counts[static_cast<std::size_t>(value)] <= n) {
      seen += counts[static_cast<std::size_t>(value)];
      ++value;
    }
    return value;
  };
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return nth(middle);
  return (nth(middle - 1) + nth(middle)) / 2.0;
}

void EdgeFinder::gradients(std::span<const std::uint8_t> luma, int width, int height) {
  const std::size_t count = luma.size();
  dx_.resize(count);
  dy_.resize(count);
  const int stride = width + 2;
  magnitude_.assign(static_cast<std::size_t>(stride) * static_cast<std::size_t>(height + 2), 0);
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* above = &luma[index_of(std::max(y - 1, 0), 0, width)];
    const std::uint8_t* here = &luma[index_of(y, 0, width)];
    const std::uint8_t* below = &luma[index_of(std::min(y + 1, height - 1), 0, width)];
    for (int x = 0; x < width; ++x) {
      const int left = std::max(x - 1, 0);
      const int right = std::min(x + 1, width - 1);
      const int gx = (above[right] + 2 * here[right] + below[right]) - (above[left] + 2 * here[left] + below[left]);
      const int gy = (below[left] + 2 * below[x] + below[right]) - (above[left] + 2 * above[x] + above[right]);
      const std::size_t i = index_of(y, x, width);
      dx_[i] = static_cast<std::int16_t>(gx);
      dy_[i] = static_cast<std::int16_t>(gy);
      magnitude_[index_of(y + 1, x + 1, stride)] = std::abs(gx) + std::abs(gy);
    }
  }
}

void EdgeFinder::thin(int width, int height, int low, int high) {
  const int stride = width + 2;
  state_.assign(magnitude_.size(), kNone);
  strong_.clear();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const std::size_t at = index_of(y + 1, x + 1, stride);
      const int* m = &magnitude_[at];
      if (*m <= low) continue;
      const int gx = dx_[index_of(y, x, width)];
      const int gy = dy_[index_of(y, x, width)];
      const int across = std::abs(gy) << kTangentShift;
      const int tangent22 = std::abs(gx) * kTangent22;
      const int tangent67 = tangent22 + (std::abs(gx) << (kTangentShift + 1));
      bool is_peak = false;
      if (across < tangent22) {
        is_peak = *m > m[-1] && *m >= m[1];
      } else if (across > tangent67) {
        is_peak = *m > m[-stride] && *m >= m[stride];
      } else {
        const int side = (gx ^ gy) < 0 ? -1 : 1;
        is_peak = *m > m[-stride - side] && *m > m[stride + side];
      }
      if (!is_peak) continue;
      state_[at] = *m > high ? kStrong : kWeak;
      if (*m > high) strong_.push_back(at);
    }
  }
}

void EdgeFinder::follow(int width) {
  const std::ptrdiff_t stride = width + 2;
  const std::array<std::ptrdiff_t, 8> neighbours = {-stride - 1, -stride,    -stride + 1, -1,
                                                    1,           stride - 1, stride,      stride + 1};
  while (!strong_.empty()) {
    const std::size_t at = strong_.back();
    strong_.pop_back();
    for (const std::ptrdiff_t offset : neighbours) {
      const std::size_t next = at + static_cast<std::size_t>(offset);  // borders are never weak, so this stays inside
      if (state_[next] != kWeak) continue;
      state_[next] = kStrong;
      strong_.push_back(next);
    }
  }
}

void EdgeFinder::canny(std::span<const std::uint8_t> luma, int width, int height, int low, int high,
                       std::vector<std::uint8_t>& out) {
  gradients(luma, width, height);
  thin(width, height, low, high);
  follow(width);
  out.resize(luma.size());
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      out[index_of(y, x, width)] = state_[index_of(y + 1, x + 1, width + 2)] == kStrong ? 255 : 0;
    }
  }
}

void EdgeFinder::dilate(int width, int height, int kernel_size, std::vector<std::uint8_t>& out) {
  widened_.resize(out.size());
  widen(out.data(), widened_.data(), height, width, width, 1, kernel_size);
  widen(widened_.data(), out.data(), width, 1, height, width, kernel_size);
}

void EdgeFinder::find(std::span<const std::uint8_t> luma, int width, int height, int kernel_size,
                      std::vector<std::uint8_t>& out) {
  constexpr double kSigma = 1.0 / 3.0;
  const double median = median_of_bytes(luma);
  const int low = static_cast<int>(std::max(0.0, (1.0 - kSigma) * median));
  const int high = static_cast<int>(std::min(255.0, (1.0 + kSigma) * median));
  canny(luma, width, height, low, high, out);
  dilate(width, height, kernel_size > 0 ? kernel_size : default_edge_kernel_size(width, height), out);
}

}  // namespace cinescribe::scenes
