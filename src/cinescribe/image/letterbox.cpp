#include "cinescribe/image/letterbox.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "cinescribe/image/resize_opencv.h"

namespace cinescribe::image {

namespace {

int at_least_one(double size) { return std::max(1, static_cast<int>(size)); }

Letterbox empty_box(int picture_width, int picture_height, int net_width, int net_height) {
  Letterbox box;
  box.net_width = net_width;
  box.net_height = net_height;
  box.picture_width = picture_width;
  box.picture_height = picture_height;
  return box;
}

double fitting_gain(const Letterbox& box) {
  return std::min(static_cast<double>(box.net_height) / static_cast<double>(box.picture_height),
                  static_cast<double>(box.net_width) / static_cast<double>(box.picture_width));
}

/// Resizes row by row and hands every finished row of 8-bit pixels to `sink(y, row)`.
template <typename Sink>
void resize_rows(const PixelView& picture, int width, int height, const Sink& sink) {
  if (width == picture.width && height == picture.height) {
    for (int y = 0; y < height; ++y) sink(y, picture.row(y));
    return;
  }
  std::vector<std::uint8_t> line(static_cast<std::size_t>(width) * 3);
  if (opencv_linear_is_mean_2x2(picture.width, picture.height, width, height)) {
    for (int y = 0; y < height; ++y) {
      const std::uint8_t* upper = picture.row(2 * y);
      const std::uint8_t* lower = picture.row(2 * y + 1);
      for (std::size_t x = 0; x < static_cast<std::size_t>(width); ++x) {
        for (std::size_t c = 0; c < 3; ++c) {
          const std::size_t at = 6 * x + c;
          line[3 * x + c] = static_cast<std::uint8_t>((upper[at] + upper[at + 3] + lower[at] + lower[at + 3] + 2) >> 2);
        }
      }
      sink(y, line.data());
    }
    return;
  }
  const auto taps_x = opencv_linear_taps_x(picture.width, width);
  const auto taps_y = opencv_linear_taps_y(picture.height, height);
  std::array<std::vector<std::int32_t>, 2> stretched{std::vector<std::int32_t>(line.size()),
                                                     std::vector<std::int32_t>(line.size())};
  std::array<int, 2> held{-1, -1};
  // When enlarging, two neighbouring target rows read the same source rows: keep the last two.
  const auto stretch = [&](int source_y, int keep) -> std::size_t {
    for (std::size_t slot = 0; slot < 2; ++slot) {
      if (held[slot] == source_y) return slot;
    }
    const std::size_t slot = held[0] == keep ? 1 : 0;
    held[slot] = source_y;
    const std::uint8_t* row = picture.row(source_y);
    std::int32_t* out = stretched[slot].data();
    for (const LinearTap& tap : taps_x) {
      const std::uint8_t* first = row + static_cast<std::ptrdiff_t>(tap.first) * 3;
      const std::uint8_t* second = row + static_cast<std::ptrdiff_t>(tap.second) * 3;
      for (int c = 0; c < 3; ++c) *out++ = first[c] * tap.first_weight + second[c] * tap.second_weight;
    }
    return slot;
  };
  for (int y = 0; y < height; ++y) {
    const LinearTap& tap = taps_y[static_cast<std::size_t>(y)];
    const std::int32_t* first = stretched[stretch(tap.first, tap.second)].data();
    const std::int32_t* second = stretched[stretch(tap.second, tap.first)].data();
    for (std::size_t i = 0; i < line.size(); ++i) {
      const int sum = ((tap.first_weight * (first[i] >> 4)) >> 16) + ((tap.second_weight * (second[i] >> 4)) >> 16);
      line[i] = static_cast<std::uint8_t>(std::clamp((sum + 2) >> 2, 0, 255));
    }
    sink(y, line.data());
  }
}

}  // namespace

Letterbox letterbox_centred(int picture_width, int picture_height, int net_width, int net_height) {
  Letterbox box = empty_box(picture_width, picture_height, net_width, net_height);
  const double gain = fitting_gain(box);
  box.resized_width = std::min(net_width, at_least_one(std::nearbyint(picture_width * gain)));
  box.resized_height = std::min(net_height, at_least_one(std::nearbyint(picture_height * gain)));
  box.left = static_cast<int>(std::nearbyint((net_width - box.resized_width) / 2.0 - 0.1));
  box.top = static_cast<int>(std::nearbyint((net_height - box.resized_height) / 2.0 - 0.1));
  // Back by what the picture was really resized to, per axis: rounding makes the two gains differ a little.
  box.gain_x = static_cast<double>(box.resized_width) / static_cast<double>(picture_width);
  box.gain_y = static_cast<double>(box.resized_height) / static_cast<double>(picture_height);
  box.back_left = box.left;
  box.back_top = box.top;
  return box;
}

Letterbox letterbox_top_left(int picture_width, int picture_height, int net_width, int net_height) {
  Letterbox box = empty_box(picture_width, picture_height, net_width, net_height);
  const double gain = fitting_gain(box);
  box.resized_width = std::min(net_width, at_least_one(picture_width * gain));
  box.resized_height = std::min(net_height, at_least_one(picture_height * gain));
  box.gain_x = box.gain_y = gain;
  return box;
}

Letterbox letterbox_stretched(int picture_width, int picture_height, int net_width, int net_height) {
  Letterbox box = empty_box(picture_width, picture_height, net_width, net_height);
  box.resized_width = net_width;
  box.resized_height = net_height;
  box.gain_x = static_cast<double>(net_width) / static_cast<double>(picture_width);
  box.gain_y = static_cast<double>(net_height) / static_cast<double>(picture_height);
  return box;
}

void write_letterboxed(const PixelView& picture, const Letterbox& box, const LetterboxFill& fill,
                       std::span<float> tensor) {
  std::array<float, 256> level{};
  for (std::size_t i = 0; i < level.size(); ++i) {
    level[i] = fill.is_scaled ? static_cast<float>(i) / 255.0F : static_cast<float>(i);
  }
  const float border = level[static_cast<std::size_t>(fill.border_value)];
  const auto net_width = static_cast<std::size_t>(box.net_width);
  const std::size_t plane = net_width * static_cast<std::size_t>(box.net_height);
  const auto left = static_cast<std::size_t>(box.left);
  const auto width = static_cast<std::size_t>(box.resized_width);
  const bool is_swapped = picture.is_bgr != fill.is_bgr;
  for (std::size_t c = 0; c < 3; ++c) {
    float* out = tensor.data() + c * plane;
    std::fill_n(out, net_width * static_cast<std::size_t>(box.top), border);
    const auto end = static_cast<std::size_t>(box.top + box.resized_height);
    std::fill_n(out + net_width * end, plane - net_width * end, border);
  }
  resize_rows(picture, box.resized_width, box.resized_height, [&](int y, const std::uint8_t* row) {
    for (std::size_t c = 0; c < 3; ++c) {
      float* out = tensor.data() + c * plane + net_width * static_cast<std::size_t>(box.top + y);
      std::fill_n(out, left, border);
      const std::uint8_t* in = row + (is_swapped ? 2 - c : c);
      for (std::size_t x = 0; x < width; ++x) out[left + x] = level[in[3 * x]];
      std::fill_n(out + left + width, net_width - left - width, border);
    }
  });
}

}  // namespace cinescribe::image
