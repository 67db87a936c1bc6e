#include "cinescribe/objects/box_filter.h"

namespace cinescribe::objects {

namespace {

constexpr double kPositionWeight = 1.0 / 20.0;
constexpr double kVelocityWeight = 1.0 / 160.0;

constexpr double square(double x) { return x * x; }

std::array<double, 4> measurement(const Box& box) {
  const double width = static_cast<double>(box.x2) - static_cast<double>(box.x1);
  const double height = static_cast<double>(box.y2) - static_cast<double>(box.y1);
  return {static_cast<double>(box.x1) + width / 2.0, static_cast<double>(box.y1) + height / 2.0, width / height,
          height};
}

}  // namespace

BoxFilter::BoxFilter(const Box& box) {
  const auto measured = measurement(box);
  const double h = measured[3];
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    const bool is_aspect = i == 2;
    axes_[i].position = measured[i];
    axes_[i].var_position = square(is_aspect ? 1e-2 : 2.0 * kPositionWeight * h);
    axes_[i].var_velocity = square(is_aspect ? 1e-5 : 10.0 * kVelocityWeight * h);
  }
}

void BoxFilter::predict() {
  const double h = axes_[3].position;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    const bool is_aspect = i == 2;
    Axis& a = axes_[i];
    a.position += a.velocity;
    a.var_position += 2.0 * a.covariance + a.var_velocity + square(is_aspect ? 1e-2 : kPositionWeight * h);
    a.covariance += a.var_velocity;
    a.var_velocity += square(is_aspect ? 1e-5 : kVelocityWeight * h);
  }
}

void BoxFilter::update(const Box& box) {
  const auto measured = measurement(box);
  const double h = axes_[3].position;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    const bool is_aspect = i == 2;
    Axis& a = axes_[i];
    const double innovation_var = a.var_position + square(is_aspect ? 1e-1 : kPositionWeight * h);
    // A height of 0 with no variance left cannot be corrected; keep the state rather than divide by nothing.
    if (!(innovation_var > 0.0)) continue;
    const double gain_position = a.var_position / innovation_var;
    const double gain_velocity = a.covariance / innovation_var;
    const double innovation = measured[i] - a.position;
    a.position += gain_position * innovation;
    a.velocity += gain_velocity * innovation;
    a.var_velocity -= gain_velocity * a.covariance;
    a.covariance -= gain_position * a.covariance;
    a.var_position -= gain_position * a.var_position;
  }
}

Box BoxFilter::box() const {
  const double height = axes_[3].position;
  const double width = axes_[2].position * height;
  const double left = axes_[0].position - width / 2.0;
  const double top = axes_[1].position - height / 2.0;
  return {static_cast<float>(left), static_cast<float>(top), static_cast<float>(left + width),
          static_cast<float>(top + height)};
}

}  // namespace cinescribe::objects
