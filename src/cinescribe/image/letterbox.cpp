#include "cinescribe/image/letterbox.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "cinescribe/image/letterbox_loops.h"
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

using Bytes = std::vector<std::uint8_t>;

/// Samples of one source row at given columns, one plane per colour.
struct Samples {
  std::array<Bytes, 3> bgr;
  explicit Samples(std::size_t count) : bgr{Bytes(count), Bytes(count), Bytes(count)} {}
};

/// Reads only the pixels that are asked for: a frame's planes are turned to colours sample by sample, with the same
/// result as turning the whole frame first.
class Sampler {
 public:
  Sampler(const PixelView& picture, std::size_t count) : picture_(picture), yuv_(count) {}

  void sample(int y, const std::vector<int>& columns, Samples& out) {
    if (picture_.format == PixelFormat::kYuv420p) {
      const std::uint8_t* luma = picture_.row(y);
      const std::uint8_t* cb = picture_.row(y / 2, 1);
      const std::uint8_t* cr = picture_.row(y / 2, 2);
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const int x = columns[i];
        yuv_.bgr[0][i] = luma[x];
        yuv_.bgr[1][i] = cb[x >> 1];
        yuv_.bgr[2][i] = cr[x >> 1];
      }
      letterbox_loops().yuv_to_bgr(picture_.yuv, columns.size(), yuv_.bgr[0].data(), yuv_.bgr[1].data(),
                                   yuv_.bgr[2].data(), out.bgr[0].data(), out.bgr[1].data(), out.bgr[2].data());
      return;
    }
    const bool is_bgr = picture_.format == PixelFormat::kBgr24;
    std::uint8_t* first = out.bgr[is_bgr ? 0 : 2].data();
    std::uint8_t* middle = out.bgr[1].data();
    std::uint8_t* last = out.bgr[is_bgr ? 2 : 0].data();
    const std::uint8_t* row = picture_.row(y);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::uint8_t* pixel = row + static_cast<std::ptrdiff_t>(columns[i]) * 3;
      first[i] = pixel[0];
      middle[i] = pixel[1];
      last[i] = pixel[2];
    }
  }

 private:
  PixelView picture_;
  Samples yuv_;
};

/// Reads source rows of a frame at pairs of neighbouring columns, turned to colours and blended to the target's
/// columns: the result of `Sampler` and `blend_columns` with a third of the reads.
class PairSampler {
 public:
  PairSampler(const PixelView& picture, const std::vector<LinearTap>& taps) : picture_(picture), count_(taps.size()) {
    const int last_chroma = (picture.width + 1) / 2 - 1;
    for (const LinearTap& tap : taps) {
      const bool is_pair = tap.second == tap.first + 1;
      is_wide_.push_back(is_pair && (tap.first >> 1) < last_chroma ? 1 : 0);
      first_.push_back(tap.first);
      second_.push_back(tap.second);
      has_next_chroma_.push_back((tap.second >> 1) != (tap.first >> 1) ? 0xFFFFU : 0U);
      first_weight_.push_back(tap.first_weight);
      second_weight_.push_back(tap.second_weight);
    }
    // Only at the borders a pair may be no pair or lie at the row's end.
    while (begin_ < count_ && is_wide_[begin_] == 0) ++begin_;
    end_ = begin_;
    while (end_ < count_ && is_wide_[end_] != 0) ++end_;
    for (auto* pairs : {&y_, &u_, &v_}) pairs->resize(count_);
  }

  void sample(int y, std::array<std::vector<std::int16_t>, 3>& bgr) {
    const std::uint8_t* luma = picture_.row(y);
    const std::uint8_t* cb = picture_.row(y / 2, 1);
    const std::uint8_t* cr = picture_.row(y / 2, 2);
    for (std::size_t i = 0; i < begin_; ++i) read_apart(i, luma, cb, cr);
    for (std::size_t i = begin_; i < end_; ++i) {
      const auto x = static_cast<std::size_t>(first_[i]);
      y_[i] = pair_at(luma + x);
      u_[i] = pair_at(cb + x / 2);
      v_[i] = pair_at(cr + x / 2);
    }
    for (std::size_t i = end_; i < count_; ++i) read_apart(i, luma, cb, cr);
    letterbox_loops().blend_yuv_pairs(picture_.yuv, count_, y_.data(), u_.data(), v_.data(), has_next_chroma_.data(),
                                      first_weight_.data(), second_weight_.data(), bgr[0].data(), bgr[1].data(),
                                      bgr[2].data());
  }

 private:
  static std::uint16_t pair_at(const std::uint8_t* bytes) {
    static_assert(std::endian::native == std::endian::little, "the first byte is the low one");
    std::uint16_t pair = 0;
    std::memcpy(&pair, bytes, sizeof(pair));
    return pair;
  }
  static std::uint16_t pair_of(std::uint8_t low, std::uint8_t high) {
    return static_cast<std::uint16_t>(low | (high << 8));
  }
  void read_apart(std::size_t i, const std::uint8_t* luma, const std::uint8_t* cb, const std::uint8_t* cr) {
    y_[i] = pair_of(luma[first_[i]], luma[second_[i]]);
    u_[i] = pair_of(cb[first_[i] >> 1], cb[second_[i] >> 1]);
    v_[i] = pair_of(cr[first_[i] >> 1], cr[second_[i] >> 1]);
  }

  PixelView picture_;
  std::size_t count_;
  std::size_t begin_ = 0;  ///< Columns in [begin_, end_) are read as pairs.
  std::size_t end_ = 0;
  std::vector<char> is_wide_;
  std::vector<int> first_;
  std::vector<int> second_;
  std::vector<std::uint16_t> has_next_chroma_;
  std::vector<std::int16_t> first_weight_;
  std::vector<std::int16_t> second_weight_;
  std::vector<std::uint16_t> y_;
  std::vector<std::uint16_t> u_;
  std::vector<std::uint16_t> v_;
};

/// Where the rows of the three colour planes (B, G, R) go.
using Targets = std::array<float*, 3>;

/// Resizes row by row; `target(y)` says where row y goes.
class RowResizer {
 public:
  RowResizer(const PixelView& picture, int width, int height, float divisor)
      : picture_(picture),
        width_(static_cast<std::size_t>(width)),
        height_(height),
        divisor_(divisor),
        sampler_(picture, width_),
        samples_(4, Samples(width_)) {
    const auto taps = opencv_linear_taps_x(picture.width, width);
    if (picture.format == PixelFormat::kYuv420p) pairs_.emplace(picture, taps);
    for (const LinearTap& tap : taps) {
      first_columns_.push_back(tap.first);
      second_columns_.push_back(tap.second);
      first_weights_.push_back(tap.first_weight);
      second_weights_.push_back(tap.second_weight);
    }
  }

  template <typename Target>
  void run(const Target& target) {
    const LetterboxLoops& loops = letterbox_loops();
    if (static_cast<int>(width_) == picture_.width && height_ == picture_.height) {
      for (int y = 0; y < height_; ++y) {
        sampler_.sample(y, first_columns_, samples_[0]);
        const Targets out = target(y);
        for (std::size_t c = 0; c < 3; ++c) loops.to_float(width_, samples_[0].bgr[c].data(), divisor_, out[c]);
      }
    } else if (opencv_linear_is_mean_2x2(picture_.width, picture_.height, static_cast<int>(width_), height_)) {
      run_mean(target);
    } else {
      run_linear(target);
    }
  }

 private:
  using Blended = std::array<std::vector<std::int16_t>, 3>;

  template <typename Target>
  void run_mean(const Target& target) {
    for (int y = 0; y < height_; ++y) {
      for (std::size_t k = 0; k < 4; ++k) {
        sampler_.sample(2 * y + static_cast<int>(k / 2), k % 2 == 0 ? first_columns_ : second_columns_, samples_[k]);
      }
      const Targets out = target(y);
      for (std::size_t c = 0; c < 3; ++c) {
        letterbox_loops().mean_of_four(width_, samples_[0].bgr[c].data(), samples_[1].bgr[c].data(),
                                       samples_[2].bgr[c].data(), samples_[3].bgr[c].data(), divisor_, out[c]);
      }
    }
  }

  template <typename Target>
  void run_linear(const Target& target) {
    for (auto& row : blended_) {
      for (auto& plane : row) plane.resize(width_);
    }
    const auto taps = opencv_linear_taps_y(picture_.height, height_);
    for (int y = 0; y < height_; ++y) {
      const LinearTap& tap = taps[static_cast<std::size_t>(y)];
      const Blended& first = blended_[blend(tap.first, tap.second)];
      const Blended& second = blended_[blend(tap.second, tap.first)];
      const Targets out = target(y);
      for (std::size_t c = 0; c < 3; ++c) {
        letterbox_loops().blend_rows(width_, first[c].data(), second[c].data(), tap.first_weight, tap.second_weight,
                                     divisor_, out[c]);
      }
    }
  }

  /// Slot that holds source row `y` stretched to the target's width; never the slot of row `keep`. When enlarging, two
  /// neighbouring target rows read the same source rows: the last two are kept.
  std::size_t blend(int y, int keep) {
    if (held_[0] == y) return 0;
    if (held_[1] == y) return 1;
    const std::size_t slot = held_[0] == keep ? 1 : 0;
    held_[slot] = y;
    if (pairs_) {
      pairs_->sample(y, blended_[slot]);
      return slot;
    }
    sampler_.sample(y, first_columns_, samples_[0]);
    sampler_.sample(y, second_columns_, samples_[1]);
    for (std::size_t c = 0; c < 3; ++c) {
      letterbox_loops().blend_columns(width_, samples_[0].bgr[c].data(), samples_[1].bgr[c].data(),
                                      first_weights_.data(), second_weights_.data(), blended_[slot][c].data());
    }
    return slot;
  }

  PixelView picture_;
  std::size_t width_;
  int height_;
  float divisor_;
  Sampler sampler_;
  std::optional<PairSampler> pairs_;  ///< For planes as decoded.
  std::vector<Samples> samples_;
  std::vector<int> first_columns_;
  std::vector<int> second_columns_;
  std::vector<std::int16_t> first_weights_;
  std::vector<std::int16_t> second_weights_;
  std::array<Blended, 2> blended_;
  std::array<int, 2> held_{-1, -1};
};

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
  const float divisor = fill.is_scaled ? 255.0F : 1.0F;
  const float border = static_cast<float>(fill.border_value) / divisor;
  const auto net_width = static_cast<std::size_t>(box.net_width);
  const std::size_t plane = net_width * static_cast<std::size_t>(box.net_height);
  const auto left = static_cast<std::size_t>(box.left);
  const auto right = left + static_cast<std::size_t>(box.resized_width);
  for (std::size_t c = 0; c < 3; ++c) {
    float* out = tensor.data() + c * plane;
    std::fill_n(out, net_width * static_cast<std::size_t>(box.top), border);
    const auto end = net_width * static_cast<std::size_t>(box.top + box.resized_height);
    std::fill(out + end, out + plane, border);
  }
  RowResizer(picture, box.resized_width, box.resized_height, divisor).run([&](int y) {
    Targets targets{};
    for (std::size_t c = 0; c < 3; ++c) {
      float* row = tensor.data() + c * plane + net_width * static_cast<std::size_t>(box.top + y);
      std::fill(row, row + left, border);
      std::fill(row + right, row + net_width, border);
      targets[fill.is_bgr ? c : 2 - c] = row + left;
    }
    return targets;
  });
}

}  // namespace cinescribe::image
