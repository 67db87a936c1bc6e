#pragma once

#include <cstdint>
#include <vector>

#include "cinescribe/core/image.h"

namespace cinescribe::image {

/// The two source pixels that make one target pixel along one axis, and their weights in 1/2048.
struct LinearTap {
  int first = 0;
  int second = 0;
  std::int16_t first_weight = 2048;
  std::int16_t second_weight = 0;
};

/// Taps of OpenCV's INTER_LINEAR along x, where positions beyond the border count as the border pixel itself.
/// Precondition: both sizes are at least 1. @source OpenCV 4.6 to 5.0, imgproc/resize
std::vector<LinearTap> opencv_linear_taps_x(int source_px, int target_px);
/// Taps along y: as along x, but the weights at the border are kept and both rows are the border row.
std::vector<LinearTap> opencv_linear_taps_y(int source_px, int target_px);
/// Whether INTER_LINEAR takes the plain mean of 2 × 2 pixels: both axes shrink by exactly 2.
bool opencv_linear_is_mean_2x2(int source_width, int source_height, int target_width, int target_height);

/// Resizes exactly as OpenCV's INTER_LINEAR on 8-bit pictures, any number of channels.
/// Precondition: the picture is not empty, the target is at least 1 × 1.
Image resize_opencv_linear(const Image& source, int width, int height);

/// Resizes exactly as OpenCV's INTER_AREA on 8-bit pictures: means of pixel areas when shrinking, its own bilinear
/// when one axis grows. Preconditions as above.
Image resize_opencv_area(const Image& source, int width, int height);

}  // namespace cinescribe::image
