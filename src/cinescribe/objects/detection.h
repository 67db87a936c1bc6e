#pragma once

#include <cstdint>

namespace cinescribe::objects {

/// An axis-aligned box, corners in pixels of the displayed picture (x to the right, y down); may leave the picture.
struct Box {
  float x1 = 0.0F;
  float y1 = 0.0F;
  float x2 = 0.0F;
  float y2 = 0.0F;

  [[nodiscard]] float width() const { return x2 - x1; }
  [[nodiscard]] float height() const { return y2 - y1; }
  friend bool operator==(const Box&, const Box&) = default;
};

/// One thing a detector saw in one picture.
struct Detection {
  Box box;
  float score = 0.0F;         ///< 0..1.
  std::int32_t class_id = 0;  ///< Index into the detector's class names.
  std::int32_t row = -1;  ///< Row (anchor, query or cell) of the network's output it came from; -1 = from elsewhere.
};

/// One tracked thing in one frame.
struct TrackedBox {
  std::int64_t track_id = 0;          ///< From 1 in the order of birth; never used twice within a tracker's life.
  Box box;                            ///< From the track's smoothed state, not the raw detection.
  float score = 0.0F;                 ///< Of the detection matched in this frame.
  std::int32_t class_id = 0;          ///< Of the detection matched in this frame.
  std::int32_t detection_index = -1;  ///< Position of that detection in the frame's list.
};

}  // namespace cinescribe::objects
