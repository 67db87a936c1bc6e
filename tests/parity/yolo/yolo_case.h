#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "parity/parity_cases.h"
#include <nlohmann/json.hpp>
#include <png.h>

#include "cinescribe/core/image.h"

namespace cinescribe::parity {

/// The named array of a safetensors file; empty when it is not there. `T` must be the stored type.
template <typename T>
std::vector<T> read_array(const std::filesystem::path& file, const std::string& name) {
  const std::string bytes = read_text(file);
  std::uint64_t length = 0;
  if (bytes.size() < 8) return {};
  std::memcpy(&length, bytes.data(), 8);
  const auto header = nlohmann::json::parse(bytes.substr(8, length), nullptr, false);
  if (!header.is_object() || !header.contains(name)) return {};
  const std::size_t begin = header[name]["data_offsets"][0];
  const std::size_t end = header[name]["data_offsets"][1];
  std::vector<T> values((end - begin) / sizeof(T));
  std::memcpy(values.data(), bytes.data() + 8 + length + begin, values.size() * sizeof(T));
  return values;
}

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
