#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "cinescribe/core/image.h"
#include "cinescribe/core/status.h"

namespace cinescribe::image {

/// Decodes a JPEG file's bytes to HWC uint8 RGB, with the same arithmetic as Pillow (accurate inverse DCT, smooth
/// chroma). Grey becomes RGB; the EXIF orientation is not applied. At most 2^27 pixels. Errors: kInput (not a JPEG,
/// damaged, CMYK, too large). Thread-safe.
Result<Image> decode_jpeg(std::span<const std::uint8_t> bytes);

/// Encodes RGB (or grey) as a baseline JPEG, 4:2:0. `quality` 1–100. Errors: kUsage (empty picture, quality),
/// kInternal.
Result<std::string> encode_jpeg(const Image& picture, int quality = 90);

/// Errors: as `decode_jpeg`, the message naming the file.
Result<Image> read_jpeg(const std::filesystem::path& file);

/// Writes the whole file or nothing. Errors: as `encode_jpeg`; kResource (disk).
Status write_jpeg(const std::filesystem::path& file, const Image& picture, int quality = 90);

}  // namespace cinescribe::image
