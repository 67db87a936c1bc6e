#include "cinescribe/captions/tile_pixels.h"

#include <string>

namespace cinescribe::captions {

PixelTable::PixelTable(const tensor::PixelCard& card, ByteScale scale) {
  for (std::size_t c = 0; c < values_.size(); ++c) {
    const auto mean = static_cast<float>(card.mean[c]);
    const auto deviation = static_cast<float>(card.std[c]);
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const float unit = scale == ByteScale::kDivideBy255
                             ? static_cast<float>(byte) / 255.0F
                             : static_cast<float>(static_cast<double>(byte) * card.rescale_factor);
      values_[c][byte] = (unit - mean) / deviation;
    }
  }
}

void PixelTable::write_square(const Image& picture, int left, int top, int size_px, std::span<float> out) const {
  const auto size = static_cast<std::size_t>(size_px);
  for (std::size_t y = 0; y < size; ++y) {
    const std::uint8_t* pixel = picture.row(top + static_cast<int>(y)) + static_cast<std::ptrdiff_t>(left) * 3;
    float* row = out.data() + y * size;
    for (std::size_t x = 0; x < size; ++x, pixel += 3) {
      for (std::size_t c = 0; c < 3; ++c) row[c * size * size + x] = values_[c][pixel[c]];
    }
  }
}

Status check_picture(const Image& picture, int planned_width, int planned_height) {
  if (picture.empty() || picture.width < 1 || picture.height < 1) {
    return Error{ErrorCode::kInput, "the picture has no pixels"};
  }
  if (picture.channels != 3) {
    return Error{ErrorCode::kInput,
                 "the picture has " + std::to_string(picture.channels) + " channels; vision models need RGB"};
  }
  if (picture.width != planned_width || picture.height != planned_height) {
    return Error{ErrorCode::kInput, "the picture has " + std::to_string(picture.width) + " x " +
                                        std::to_string(picture.height) + " pixels, but " +
                                        std::to_string(planned_width) + " x " + std::to_string(planned_height) +
                                        " were planned for"};
  }
  return {};
}

Result<TilePixels> squashed_tile(const Image& picture, int size_px, const tensor::PixelCard& card) {
  CINESCRIBE_TRY(check_picture(picture, picture.width, picture.height));
  CINESCRIBE_ASSIGN(const image::PassOrder order, image::pass_order_from_name(card.resize_order));
  TilePixels tiles(1, size_px);
  const Image square = image::resize_pillow(picture, size_px, size_px, image::PillowFilter::kBicubic, order);
  PixelTable(card, ByteScale::kRescaleFactor).write_square(square, 0, 0, size_px, tiles.tile(0));
  return tiles;
}

}  // namespace cinescribe::captions
