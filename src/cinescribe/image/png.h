#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "cinescribe/core/image.h"
#include "cinescribe/core/status.h"

namespace cinescribe::image {

/// Decodes a PNG file's bytes to HWC uint8 RGB as Pillow's convert("RGB") does: palettes and grey are expanded, 16 bits
/// keep their upper byte, transparency is dropped, gamma is ignored. At most 2^27 pixels. Errors: kInput (not a PNG,
/// damaged, too large). Thread-safe.
Result<Image> decode_png(std::span<const std::uint8_t> bytes);

/// Encodes RGB (or grey) without loss. Errors: kUsage (empty picture), kInternal.
Result<std::string> encode_png(const Image& picture);

/// Errors: as `decode_png`, the message naming the file.
Result<Image> read_png(const std::filesystem::path& file);

/// Writes the whole file or nothing. Errors: as `encode_png`; kResource (disk).
Status write_png(const std::filesystem::path& file, const Image& picture);

}  // namespace cinescribe::image
