#pragma once

#include <cstdint>
#include <vector>

#include "cinescribe/core/image.h"
#include "cinescribe/scenes/working_picture.h"

namespace cinescribe::scenes {

/// OpenCV's 8-bit BGR2GRAY of a picture, one channel.
Image gray_image(const WorkingPicture& picture);

/// OpenCV's 8-bit Y of BGR2YUV, one value per pixel (rounded with one bit less than grey).
std::vector<std::uint8_t> yuv_luma(const WorkingPicture& picture);

}  // namespace cinescribe::scenes
