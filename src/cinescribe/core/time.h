#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "cinescribe/core/rational.h"
#include "cinescribe/core/status.h"

namespace cinescribe {

/// A signed span of media time in integer nanoseconds.
class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration from_ns(std::int64_t ns) { return Duration(ns); }
  static constexpr Duration from_ms(std::int64_t ms) { return Duration(ms * 1'000'000); }
  /// Rounds to the nearest nanosecond; values beyond ±292 years saturate, NaN becomes 0.
  static Duration from_seconds(double seconds);

  [[nodiscard]] constexpr std::int64_t ns() const { return ns_; }
  [[nodiscard]] constexpr double seconds() const { return static_cast<double>(ns_) / 1e9; }

  friend constexpr auto operator<=>(Duration, Duration) = default;  // NOLINT(modernize-use-nullptr): false alarm
  friend constexpr Duration operator+(Duration a, Duration b) { return Duration(a.ns_ + b.ns_); }
  friend constexpr Duration operator-(Duration a, Duration b) { return Duration(a.ns_ - b.ns_); }
  friend constexpr Duration operator*(Duration a, std::int64_t k) { return Duration(a.ns_ * k); }
  friend constexpr Duration operator/(Duration a, std::int64_t k) { return Duration(a.ns_ / k); }

 private:
  constexpr explicit Duration(std::int64_t ns) : ns_(ns) {}
  std::int64_t ns_ = 0;
};

/// A point in media time: nanoseconds since the first displayed instant of the file (never a bare number).
class Timestamp {
 public:
  constexpr Timestamp() = default;
  static constexpr Timestamp from_ns(std::int64_t ns) { return Timestamp(ns); }
  static Timestamp from_seconds(double seconds) { return Timestamp(Duration::from_seconds(seconds).ns()); }
  /// `ticks` of `time_base` seconds, rounded to the nearest nanosecond without overflow for any 64-bit input
  /// (saturates); a time base with a denominator of 0 gives 0.
  static Timestamp from_ticks(std::int64_t ticks, Rational time_base);

  [[nodiscard]] constexpr std::int64_t ns() const { return ns_; }
  [[nodiscard]] constexpr double seconds() const { return static_cast<double>(ns_) / 1e9; }

  friend constexpr auto operator<=>(Timestamp, Timestamp) = default;  // NOLINT(modernize-use-nullptr): false alarm
  friend constexpr Timestamp operator+(Timestamp t, Duration d) { return Timestamp(t.ns_ + d.ns()); }
  friend constexpr Timestamp operator-(Timestamp t, Duration d) { return Timestamp(t.ns_ - d.ns()); }
  friend constexpr Duration operator-(Timestamp a, Timestamp b) { return Duration::from_ns(a.ns_ - b.ns_); }

 private:
  constexpr explicit Timestamp(std::int64_t ns) : ns_(ns) {}
  std::int64_t ns_ = 0;
};

/// A half-open range [start, end).
struct TimeRange {
  Timestamp start;
  Timestamp end;
  [[nodiscard]] Duration length() const { return end - start; }
  [[nodiscard]] bool contains(Timestamp t) const { return start <= t && t < end; }
  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

/// "HH:MM:SS.mmm", rounded to the nearest millisecond and carried (never ":60.000"); hours may exceed 99.
/// A negative time is written with a leading minus.
std::string format_timecode(Timestamp t);

/// Reads "1.5", "1.5s", "250ms", "MM:SS[.f]" or "HH:MM:SS[.f]". Error: kUsage, naming the accepted forms.
Result<Timestamp> parse_time(std::string_view text);

}  // namespace cinescribe
