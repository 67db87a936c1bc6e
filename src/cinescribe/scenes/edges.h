#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cinescribe::scenes {

/// Size of the square that widens edges, from the picture size: odd, at least 5.
int default_edge_kernel_size(int width, int height);

/// Median of bytes; the mean of the two middle ones when their number is even. Precondition: not empty.
double median_of_bytes(std::span<const std::uint8_t> values);

/// Finds edges exactly as OpenCV's Canny (8 bit, aperture 3, L1 gradient) between thresholds taken from the median
/// brightness, widened by dilation with a square. Keeps its buffers between calls; not thread-safe.
/// @source OpenCV 5.0, Canny and dilate; PySceneDetect 0.7.2, ContentDetector
class EdgeFinder {
 public:
  /// `luma`: height × width bytes. `kernel_size`: odd, at least 3; 0 = `default_edge_kernel_size`. `out`: 255 on
  /// widened edges, else 0.
  void find(std::span<const std::uint8_t> luma, int width, int height, int kernel_size, std::vector<std::uint8_t>& out);

  /// Canny alone: `out` is 255 on edges, else 0.
  void canny(std::span<const std::uint8_t> luma, int width, int height, int low, int high,
             std::vector<std::uint8_t>& out);

 private:
  void gradients(std::span<const std::uint8_t> luma, int width, int height);
  void thin(int width, int height, int low, int high);
  void follow(int width);
  void dilate(int width, int height, int kernel_size, std::vector<std::uint8_t>& out);

  std::vector<std::int16_t> dx_;
  std::vector<std::int16_t> dy_;
  std::vector<std::int32_t> magnitude_;  // with a border of one zero on every side
  std::vector<std::uint8_t> state_;      // same size: none, weak or strong
  std::vector<std::size_t> strong_;      // strong pixels still to be followed
  std::vector<std::uint8_t> widened_;
};

}  // namespace cinescribe::scenes
