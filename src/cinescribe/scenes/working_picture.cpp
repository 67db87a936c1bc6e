#include "cinescribe/scenes/working_picture.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "cinescribe/scenes/kernels.h"
#include "cinescribe/scenes/make_detector.h"

namespace cinescribe::scenes {
namespace {

constexpr int kLongSide = 256;

int scaled(int side, double factor) {
  return std::max(1, static_cast<int>(std::nearbyint(static_cast<double>(side) / factor)));
}

void take_planar(const VideoFrame& frame, int y, const std::vector<int>& columns, std::uint8_t* luma, std::uint8_t* cb,
                 std::uint8_t* cr) {
  const std::uint8_t* y_row = frame.planes[0] + frame.stride_bytes[0] * y;
  const std::uint8_t* u_row = frame.planes[1] + frame.stride_bytes[1] * (y / 2);
  const std::uint8_t* v_row = frame.planes[2] + frame.stride_bytes[2] * (y / 2);
  const int* column = columns.data();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const int x = column[i];
    luma[i] = y_row[x];
    cb[i] = u_row[x >> 1];
    cr[i] = v_row[x >> 1];
  }
}

void take_packed(const VideoFrame& frame, int y, const std::vector<int>& columns, std::uint8_t* first,
                 std::uint8_t* second, std::uint8_t* third) {
  const std::uint8_t* row = frame.planes[0] + frame.stride_bytes[0] * y;
  const int* column = columns.data();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::uint8_t* pixel = row + static_cast<std::ptrdiff_t>(column[i]) * 3;
    first[i] = pixel[0];
    second[i] = pixel[1];
    third[i] = pixel[2];
  }
}

}  // namespace

bool takes_yuv420p(int, int height) { return height % 2 == 0; }

WorkingSize WorkingSize::of(int width, int height) {
  const int longer = std::max(width, height);
  if (longer <= kLongSide) return {width, height};
  const double factor = longer / static_cast<double>(kLongSide);
  return {scaled(width, factor), scaled(height, factor)};
}

void PictureReducer::Row::resize(std::size_t count) {
  for (auto* samples : {&blue, &green, &red}) samples->resize(count);
}

void PictureReducer::prepare(int width, int height) {
  source_width_ = width;
  source_height_ = height;
  size_ = WorkingSize::of(width, height);
  const std::vector<image::LinearTap> columns = image::opencv_linear_taps_x(width, size_.width);
  rows_ = image::opencv_linear_taps_y(height, size_.height);
  const auto is_point = [](const image::LinearTap& tap) { return tap.second_weight == 0; };
  method_ = Method::kLinear;
  if (image::opencv_linear_is_mean_2x2(width, height, size_.width, size_.height)) {
    method_ = Method::kMean2x2;
  } else if (std::all_of(columns.begin(), columns.end(), is_point) &&
             std::all_of(rows_.begin(), rows_.end(), is_point)) {
    method_ = Method::kPoint;  // no scaling, or an odd factor such as 5 for 1280 × 720
  }
  for (const image::LinearTap& tap : columns) {
    first_columns_.push_back(tap.first);
    second_columns_.push_back(tap.second);
    first_weights_.push_back(tap.first_weight);
    second_weights_.push_back(tap.second_weight);
  }
  for (Row& row : samples_) row.resize(columns.size());
  for (auto& row : blended_) row.resize(columns.size());
  for (auto* row : {&luma_, &cb_, &cr_}) row->resize(columns.size());
}

void PictureReducer::sample(const VideoFrame& frame, int y, const std::vector<int>& columns, Colours out) {
  switch (frame.format) {
    case PixelFormat::kYuv420p:
      take_planar(frame, y, columns, luma_.data(), cb_.data(), cr_.data());
      kernels().yuv_to_bgr(frame.yuv, columns.size(), luma_.data(), cb_.data(), cr_.data(), out.blue, out.green,
                           out.red);
      break;
    case PixelFormat::kBgr24:
      take_packed(frame, y, columns, out.blue, out.green, out.red);
      break;
    case PixelFormat::kRgb24:
      take_packed(frame, y, columns, out.red, out.green, out.blue);
      break;
  }
}

void PictureReducer::reduce_point(const VideoFrame& frame, WorkingPicture& out) {
  const std::size_t width = first_columns_.size();
  for (std::size_t y = 0; y < rows_.size(); ++y) {
    const std::size_t at = y * width;
    sample(frame, rows_[y].first, first_columns_, {&out.blue[at], &out.green[at], &out.red[at]});
  }
}

void PictureReducer::reduce_mean(const VideoFrame& frame, WorkingPicture& out) {
  const std::size_t width = first_columns_.size();
  const auto& mean = kernels().mean_of_four;
  for (std::size_t y = 0; y < rows_.size(); ++y) {
    sample(frame, static_cast<int>(2 * y), first_columns_, samples_[0].colours());
    sample(frame, static_cast<int>(2 * y), second_columns_, samples_[1].colours());
    sample(frame, static_cast<int>(2 * y + 1), first_columns_, samples_[2].colours());
    sample(frame, static_cast<int>(2 * y + 1), second_columns_, samples_[3].colours());
    const auto mean_of = [&](std::vector<std::uint8_t> Row::*plane, std::vector<std::uint8_t>& target) {
      mean(width, (samples_[0].*plane).data(), (samples_[1].*plane).data(), (samples_[2].*plane).data(),
           (samples_[3].*plane).data(), target.data() + y * width);
    };
    mean_of(&Row::blue, out.blue);
    mean_of(&Row::green, out.green);
    mean_of(&Row::red, out.red);
  }
}

void PictureReducer::reduce_linear(const VideoFrame& frame, WorkingPicture& out) {
  const std::size_t width = first_columns_.size();
  const Kernels& loops = kernels();
  for (std::size_t y = 0; y < rows_.size(); ++y) {
    const image::LinearTap& tap = rows_[y];
    sample(frame, tap.first, first_columns_, samples_[0].colours());
    sample(frame, tap.first, second_columns_, samples_[1].colours());
    sample(frame, tap.second, first_columns_, samples_[2].colours());
    sample(frame, tap.second, second_columns_, samples_[3].colours());
    const auto blend = [&](std::vector<std::uint8_t> Row::*plane, std::vector<std::uint8_t>& target) {
      loops.blend_columns(width, (samples_[0].*plane).data(), (samples_[1].*plane).data(), first_weights_.data(),
                          second_weights_.data(), blended_[0].data());
      loops.blend_columns(width, (samples_[2].*plane).data(), (samples_[3].*plane).data(), first_weights_.data(),
                          second_weights_.data(), blended_[1].data());
      loops.blend_rows(width, blended_[0].data(), blended_[1].data(), tap.first_weight, tap.second_weight,
                       target.data() + y * width);
    };
    blend(&Row::blue, out.blue);
    blend(&Row::green, out.green);
    blend(&Row::red, out.red);
  }
}

Status PictureReducer::reduce(const VideoFrame& frame, WorkingPicture& out) {
  if (frame.width <= 0 || frame.height <= 0 || frame.planes[0] == nullptr) {
    return Error{ErrorCode::kInput, "frame " + std::to_string(frame.index) + " has no pixels"};
  }
  if (frame.format == PixelFormat::kYuv420p && !takes_yuv420p(frame.width, frame.height)) {
    return Error{ErrorCode::kInternal, "planar frames of odd height must be converted to BGR before scene detection"};
  }
  if (source_width_ == 0) prepare(frame.width, frame.height);
  if (frame.width != source_width_ || frame.height != source_height_) {
    return Error{ErrorCode::kInput, "the picture size changes from " + std::to_string(source_width_) + "x" +
                                        std::to_string(source_height_) + " to " + std::to_string(frame.width) + "x" +
                                        std::to_string(frame.height) + " at frame " + std::to_string(frame.index) +
                                        "; re-encode the video to one size"};
  }
  out.width = size_.width;
  out.height = size_.height;
  const auto count = static_cast<std::size_t>(size_.width) * static_cast<std::size_t>(size_.height);
  for (auto* plane : {&out.blue, &out.green, &out.red}) plane->resize(count);
  switch (method_) {
    case Method::kPoint:
      reduce_point(frame, out);
      break;
    case Method::kMean2x2:
      reduce_mean(frame, out);
      break;
    case Method::kLinear:
      reduce_linear(frame, out);
      break;
  }
  return {};
}

}  // namespace cinescribe::scenes
