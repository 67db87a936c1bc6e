#pragma once

#include <filesystem>

#include "parity/stored_array.h"
#include <nlohmann/json.hpp>
#include <png.h>

#include "cinescribe/core/image.h"

namespace cinescribe::parity {

/// A PNG file as RGB; empty when it cannot be read.
inline Image read_png(const std::filesystem::path& file) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_file(&png, file.c_str()) == 0) return {};
  png.format = PNG_FORMAT_RGB;
  Image picture(static_cast<int>(png.width), static_cast<int>(png.height), 3);
  if (png_image_finish_read(&png, nullptr, picture.pixels.data(), 0, nullptr) == 0) return {};
  return picture;
}

}  // namespace cinescribe::parity
