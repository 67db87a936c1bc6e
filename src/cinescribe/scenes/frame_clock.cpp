#include "cinescribe/scenes/frame_clock.h"

#include <cmath>

namespace cinescribe::scenes {
namespace {

constexpr double kSmallestRate = 1e-3;
constexpr double kLargestRate = 1e6;
constexpr std::int64_t kLargestDenominator = 10000;
constexpr Rational kFallbackRate{25, 1};

/// The fraction closest to `value` with a limited denominator (Stern-Brocot bounds, as Python's
/// Fraction.limit_denominator).
Rational limit_denominator(Rational value, std::int64_t limit) {
  if (value.den <= limit) return value;
  std::int64_t p0 = 0;
  std::int64_t q0 = 1;
  std::int64_t p1 = 1;
  std::int64_t q1 = 0;
  std::int64_t n = value.num;
  std::int64_t d = value.den;
  while (true) {
    const std::int64_t a = n / d;
    const std::int64_t q2 = q0 + a * q1;
    if (q2 > limit) break;
    const std::int64_t p2 = p0 + a * p1;
    p0 = p1;
    q0 = q1;
    p1 = p2;
    q1 = q2;
    const std::int64_t rest = n - a * d;
    n = d;
    d = rest;
  }
  const std::int64_t k = (limit - q0) / q1;
  const Rational low{p0 + k * p1, q0 + k * q1};
  const Rational high{p1, q1};
  const double target = value.value();
  return std::abs(high.value() - target) <= std::abs(low.value() - target) ? high : low;
}

Rational reduced(Rational value) {
  std::int64_t a = value.num;
  std::int64_t b = value.den;
  while (b != 0) {
    const std::int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return {value.num / a, value.den / a};
}

Rational nominal_rate(Rational average) {
  if (!average.is_known()) return kFallbackRate;
  const double rate = average.value();
  if (rate < kSmallestRate || rate > kLargestRate) return kFallbackRate;
  if (rate == std::floor(rate)) return {static_cast<std::int64_t>(rate), 1};
  const double base = std::nearbyint(rate * 1001.0 / 1000.0);
  if (base > 0 && std::abs(base * 1000.0 / 1001.0 - rate) < 1e-3) {
    return reduced({static_cast<std::int64_t>(base) * 1000, 1001});
  }
  return limit_denominator(reduced(average), kLargestDenominator);
}

}  // namespace

FrameClock::FrameClock(Rational average_rate) : rate_(nominal_rate(average_rate)) {}

std::int64_t FrameClock::microseconds(Timestamp time) {
  return static_cast<std::int64_t>(std::nearbyint(static_cast<double>(time.ns()) / 1000.0));
}

std::int64_t FrameClock::frames_in(std::int64_t microseconds) const {
  const double seconds = static_cast<double>(microseconds) / 1e6;
  return static_cast<std::int64_t>(std::nearbyint(seconds * rate_.value()));
}

Timestamp FrameClock::time_of(std::int64_t frame_number) const {
  return Timestamp::from_ticks(frame_number, {rate_.den, rate_.num});
}

}  // namespace cinescribe::scenes
