#pragma once

#include <filesystem>

#include "cinescribe/core/image.h"
#include "cinescribe/core/status.h"

namespace cinescribe::image {

/// Reads a JPEG or PNG file, whichever its content is, to HWC uint8 RGB as Pillow's convert("RGB") does: transparency
/// is dropped, EXIF orientation is not applied. Errors: kInput (missing, another format, damaged, too large), naming
/// the file.
Result<Image> read_picture(const std::filesystem::path& file);

}  // namespace cinescribe::image
