#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/core/video_frame.h"
#include "cinescribe/image/resize_opencv.h"

namespace cinescribe::scenes {

/// The small picture that detectors look at: planes of B, G and R without padding.
struct WorkingPicture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> blue;
  std::vector<std::uint8_t> green;
  std::vector<std::uint8_t> red;

  [[nodiscard]] std::size_t pixel_count() const { return blue.size(); }
};

/// Size that detectors work at: the longer side becomes 256 pixels, smaller pictures stay as they are.
/// @source PySceneDetect 0.7.2, compute_downscale_factor
struct WorkingSize {
  int width = 0;
  int height = 0;
  static WorkingSize of(int width, int height);
  friend bool operator==(const WorkingSize&, const WorkingSize&) = default;
};

/// Reduces frames to working pictures, as if the whole frame were converted to BGR by swscale's default and then shrunk
/// by OpenCV's INTER_LINEAR, but touching only the pixels that the reduction reads. Not thread-safe.
class PictureReducer {
 public:
  /// Takes a frame of any format; the first one fixes the size. Errors: kInput when a later frame differs in size or
  /// the frame has no pixels; kInternal for planar frames of odd height (see `takes_yuv420p`).
  Status reduce(const VideoFrame& frame, WorkingPicture& out);

 private:
  enum class Method { kPoint, kMean2x2, kLinear };
  struct Colours {
    std::uint8_t* blue;
    std::uint8_t* green;
    std::uint8_t* red;
  };
  struct Row {
    std::vector<std::uint8_t> blue, green, red;
    void resize(std::size_t count);
    Colours colours() { return {blue.data(), green.data(), red.data()}; }
  };

  void prepare(int width, int height);
  void sample(const VideoFrame& frame, int y, const std::vector<int>& columns, Colours out);
  void reduce_point(const VideoFrame& frame, WorkingPicture& out);
  void reduce_mean(const VideoFrame& frame, WorkingPicture& out);
  void reduce_linear(const VideoFrame& frame, WorkingPicture& out);

  int source_width_ = 0;
  int source_height_ = 0;
  WorkingSize size_;
  Method method_ = Method::kPoint;
  std::vector<int> first_columns_;
  std::vector<int> second_columns_;
  std::vector<std::int16_t> first_weights_;
  std::vector<std::int16_t> second_weights_;
  std::vector<image::LinearTap> rows_;
  std::array<Row, 4> samples_;
  std::array<std::vector<std::int16_t>, 2> blended_;
  std::vector<std::uint8_t> luma_, cb_, cr_;  // samples of a planar frame before conversion
};

}  // namespace cinescribe::scenes
