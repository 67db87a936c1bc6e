#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "cinescribe/core/image.h"
#include "cinescribe/core/status.h"
#include "cinescribe/image/resize_pillow.h"
#include "cinescribe/tensor/model_card.h"

namespace cinescribe::captions {

/// How a byte becomes a number near 1, before mean and standard deviation; the two differ in the last bit.
enum class ByteScale {
  kRescaleFactor,  ///< float32(double(byte) * factor): LLaVA, InstructBLIP. @source transformers 4.57, rescale
  kDivideBy255,    ///< float32(byte) / 255: Phi. @source torchvision ToTensor
};

/// The normalised value of every byte in every channel, in the reference's order of float operations.
class PixelTable {
 public:
  PixelTable(const tensor::PixelCard& card, ByteScale scale);

  [[nodiscard]] const std::array<float, 256>& channel(std::size_t c) const { return values_[c]; }

  /// Normalised CHW of the square of `size_px` whose corner is (left, top).
  /// Precondition: RGB, the square lies inside, `out` has 3 * size_px * size_px values.
  void write_square(const Image& picture, int left, int top, int size_px, std::span<float> out) const;

 private:
  std::array<std::array<float, 256>, 3> values_{};
};

/// Squares for a vision tower: `count` × 3 × `size_px` × `size_px`, normalised f32.
struct TilePixels {
  int count = 0;
  int size_px = 0;
  std::vector<float> values;

  TilePixels() = default;
  TilePixels(int tiles, int size) : count(tiles), size_px(size), values(floats_per_tile() * to_size(tiles)) {}

  [[nodiscard]] std::span<float> tile(int i) {
    return std::span(values).subspan(floats_per_tile() * to_size(i), floats_per_tile());
  }

 private:
  static std::size_t to_size(int value) { return static_cast<std::size_t>(value); }
  [[nodiscard]] std::size_t floats_per_tile() const { return 3 * to_size(size_px) * to_size(size_px); }
};

/// Error (kInput) unless the picture is RGB, not empty, and of the size that was planned.
Status check_picture(const Image& picture, int planned_width, int planned_height);

/// InstructBLIP's preprocessing: the picture squashed to a square (bicubic, aspect not kept, nothing cropped), one
/// tile. Errors: kInput (not an RGB picture), kModel (`card` names an unknown resize order).
///
/// @source transformers 4.57.1, BlipImageProcessor
Result<TilePixels> squashed_tile(const Image& picture, int size_px, const tensor::PixelCard& card);

}  // namespace cinescribe::captions
