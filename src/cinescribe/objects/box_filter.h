#pragma once

#include <array>

#include "cinescribe/objects/detection.h"

namespace cinescribe::objects {

/// Constant-velocity Kalman filter of one box: centre x, centre y, aspect (width / height), height, and the velocity of
/// each per frame.
///
/// The eight-dimensional filter of the reference never couples two of the four coordinates (all its matrices are
/// diagonal across them), so it is kept as four filters of position and velocity: the same numbers, much less work.
/// @source Ultralytics 8.4 KalmanFilterXYAH
class BoxFilter {
 public:
  BoxFilter() = default;
  /// Starts at `box` with no velocity. Precondition: the box has a positive width and height.
  explicit BoxFilter(const Box& box);

  /// One frame later.
  void predict();
  /// Corrects the state by a measured box.
  void update(const Box& box);
  /// Forgets how fast the height changes; done for tracks that are not seen at present.
  void stop_growing() { axes_[3].velocity = 0.0; }

  [[nodiscard]] Box box() const;

 private:
  struct Axis {
    double position = 0.0;
    double velocity = 0.0;
    double var_position = 0.0;
    double covariance = 0.0;
    double var_velocity = 0.0;
  };
  std::array<Axis, 4> axes_;  ///< cx, cy, aspect, height.
};

}  // namespace cinescribe::objects
