#include <algorithm>
#include <cmath>

#include "cinescribe/cli/objects_output.h"
#include "cinescribe/image/draw.h"
#include "cinescribe/image/pixel_view.h"

namespace cinescribe::cli {

namespace {

Image copy_rgb(const image::PixelView& view) {
  Image picture(view.width, view.height, 3);
  const std::size_t red = view.format == PixelFormat::kBgr24 ? 2 : 0;
  for (int y = 0; y < view.height; ++y) {
    const std::uint8_t* in = view.row(y);
    std::uint8_t* out = picture.row(y);
    for (std::size_t x = 0; x < 3 * static_cast<std::size_t>(view.width); x += 3) {
      out[x] = in[x + red];
      out[x + 1] = in[x + 1];
      out[x + 2] = in[x + 2 - red];
    }
  }
  return picture;
}

int pixel(float value, int limit) {
  return static_cast<int>(std::lround(std::clamp(value, 0.0F, static_cast<float>(limit - 1))));
}

}  // namespace

Status BoxPainter::add(const VideoFrame& frame, std::span<const objects::TrackedBox> boxes) {
  if (writer_ == nullptr) {
    CINESCRIBE_ASSIGN(writer_, media::VideoWriter::create(file_, {frame.width, frame.height, frame_rate_, threads_}));
  }
  Image picture = copy_rgb(frame);
  const int scale = std::max(1, std::min(frame.width, frame.height) / 360);
  for (const auto& box : boxes) {
    const bool has_id = box.track_id > 0;
    const image::Colour colour = image::distinct_colour(has_id ? box.track_id : box.class_id + 1);
    const int x1 = pixel(box.box.x1, frame.width);
    const int y1 = pixel(box.box.y1, frame.height);
    const int x2 = pixel(box.box.x2, frame.width);
    const int y2 = pixel(box.box.y2, frame.height);
    image::draw_box(picture, x1, y1, x2, y2, 2 * scale, colour);
    const auto index = static_cast<std::size_t>(box.class_id);
    std::string text = box.class_id >= 0 && index < names_.size() ? names_[index] : "?";
    if (has_id) text += " #" + std::to_string(box.track_id);
    text += " " + std::to_string(std::lround(100.0F * box.score)) + "%";
    const int height = image::label_height(scale);
    image::draw_label(picture, x1, y1 >= height ? y1 - height : y1, text, scale, colour);
  }
  return writer_->add(picture, frame.time);
}

Status BoxPainter::finish() { return writer_ == nullptr ? Status() : writer_->finish(); }

}  // namespace cinescribe::cli
