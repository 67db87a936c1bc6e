#pragma once

// Private to the room.

#include "cinescribe/core/status.h"
#include "cinescribe/core/video_frame.h"
#include "cinescribe/media/av.h"
#include "cinescribe/media/decode_pass.h"
#include "cinescribe/media/geometry.h"

namespace cinescribe::media {

/// Makes the picture that one consumer asked for out of a decoded one: without a copy where the request allows it, else
/// by swscale and a turn. All pictures of one converter have the size and format of its first. Not thread-safe.
class PictureConverter {
 public:
  PictureConverter(const FrameRequest& request, int rotation_degrees, Rational sample_aspect);

  /// Fills everything but index, time and duration. Errors: kResource, kInput (a size or format that swscale refuses).
  Result<VideoFrame> convert(const SharedFrame& picture);

 private:
  /// What the scaler was made for.
  struct ScalerKey {
    int width = 0;
    int height = 0;
    int format = -1;
    int colorspace = -1;
    bool is_full_range = false;
    friend bool operator==(const ScalerKey&, const ScalerKey&) = default;
  };

  void decide(const AVFrame& first);
  Status prepare_scaler(const AVFrame& picture);
  Result<SharedFrame> scaled(const AVFrame& picture);
  Result<SharedFrame> rotated(const AVFrame& picture);
  Result<SharedFrame> allocate(PoolHandle& pool, PixelSize size) const;

  FrameRequest request_;
  int rotation_degrees_;
  Rational sample_aspect_;
  bool is_decided_ = false;
  AVPixelFormat target_format_ = AV_PIX_FMT_NONE;
  PixelSize stored_size_;  ///< Of the result before it is turned.
  int flags_ = 0;
  ScalerHandle scaler_;
  ScalerKey scaler_key_;
  PoolHandle scaled_pool_;
  PoolHandle rotated_pool_;
};

}  // namespace cinescribe::media
