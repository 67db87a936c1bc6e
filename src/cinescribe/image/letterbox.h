#pragma once

#include <span>

#include "cinescribe/image/pixel_view.h"

namespace cinescribe::image {

/// Where a picture lies inside a network's input, in pixels, and how to get back: x_picture = (x - back_left) / gain_x.
struct Letterbox {
  int net_width = 0;
  int net_height = 0;
  int picture_width = 0;
  int picture_height = 0;
  int resized_width = 0;
  int resized_height = 0;
  int left = 0;
  int top = 0;
  double gain_x = 1.0;
  double gain_y = 1.0;
  double back_left = 0.0;
  double back_top = 0.0;

  [[nodiscard]] double picture_x(double x) const { return (x - back_left) / gain_x; }
  [[nodiscard]] double picture_y(double y) const { return (y - back_top) / gain_y; }
};

/// As large as fits, centred; sizes and borders round half to even. @source Ultralytics 8.4 LetterBox, scale_boxes
Letterbox letterbox_centred(int picture_width, int picture_height, int net_width, int net_height);
/// As large as fits, sizes truncated, in the top left corner. @source YOLOX preproc
Letterbox letterbox_top_left(int picture_width, int picture_height, int net_width, int net_height);
/// Stretched to the whole input, whatever the aspect.
Letterbox letterbox_stretched(int picture_width, int picture_height, int net_width, int net_height);

struct LetterboxFill {
  bool is_bgr = false;     ///< Channel order of the input.
  bool is_scaled = true;   ///< Values divided by 255, else 0..255.
  int border_value = 114;  ///< Grey level around the picture.
};

/// Writes a picture into a network's input: 3 × net_height × net_width float32, planes in the asked order. Resizing
/// equals OpenCV's INTER_LINEAR on 8-bit pixels; planar frames (any matrix and range, even height) give what swscale's
/// default conversion to BGR followed by that gives, but only the pixels that are read are converted. Precondition:
/// `tensor` has exactly that many elements, the box was made for this picture.
void write_letterboxed(const PixelView& picture, const Letterbox& box, const LetterboxFill& fill,
                       std::span<float> tensor);

}  // namespace cinescribe::image
