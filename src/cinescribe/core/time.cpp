#include "cinescribe/core/time.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

namespace cinescribe {

namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

std::int64_t saturate(long double ns) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  if (std::isnan(ns)) return 0;
  if (ns >= static_cast<long double>(kMax)) return kMax;
  if (ns <= static_cast<long double>(kMin)) return kMin;
  return std::llroundl(ns);
}

Error bad_time(std::string_view text) {
  return {ErrorCode::kUsage, "cannot read the time '" + std::string(text) +
                                 "'; write seconds (1.5 or 1.5s), milliseconds (250ms) or HH:MM:SS.mmm"};
}

/// Plain non-negative decimal number filling all of `text`.
bool read_number(std::string_view text, double& out) {
  if (text.empty() || !((text[0] >= '0' && text[0] <= '9') || text[0] == '.')) return false;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out, std::chars_format::fixed);
  return code == std::errc() && end == text.data() + text.size() && std::isfinite(out);
}

}  // namespace

Duration Duration::from_seconds(double seconds) {
  return Duration(saturate(static_cast<long double>(seconds) * static_cast<long double>(kNsPerSecond)));
}

Timestamp Timestamp::from_ticks(std::int64_t ticks, Rational time_base) {
  if (time_base.den == 0) return {};
  __extension__ using Wide = __int128;
  const Wide scaled = static_cast<Wide>(ticks) * time_base.num;
  const Wide whole = scaled / time_base.den;
  const Wide rest = scaled % time_base.den;
  constexpr Wide kLimit = std::numeric_limits<std::int64_t>::max() / kNsPerSecond;
  if (whole >= kLimit) return Timestamp(std::numeric_limits<std::int64_t>::max());
  if (whole <= -kLimit) return Timestamp(std::numeric_limits<std::int64_t>::min());
  const Wide den = time_base.den < 0 ? -static_cast<Wide>(time_base.den) : time_base.den;
  const Wide part = (time_base.den < 0 ? -rest : rest) * kNsPerSecond;
  const Wide rounded = (part >= 0 ? part + den / 2 : part - den / 2) / den;
  return Timestamp(static_cast<std::int64_t>(whole * kNsPerSecond + rounded));
}

std::string format_timecode(Timestamp t) {
  const bool negative = t.ns() < 0;
  const std::uint64_t ns = negative ? 0 - static_cast<std::uint64_t>(t.ns()) : static_cast<std::uint64_t>(t.ns());
  const std::uint64_t ms = (ns + 500'000) / 1'000'000;
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%s%02llu:%02llu:%02llu.%03llu", negative && ms != 0 ? "-" : "",
                static_cast<unsigned long long>(ms / 3'600'000), static_cast<unsigned long long>(ms / 60'000 % 60),
                static_cast<unsigned long long>(ms / 1000 % 60), static_cast<unsigned long long>(ms % 1000));
  return text.data();
}

Result<Timestamp> parse_time(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::string_view rest = text;;) {
    const auto colon = rest.find(':');
    parts.push_back(rest.substr(0, colon));
    if (colon == std::string_view::npos) break;
    rest.remove_prefix(colon + 1);
  }
  if (parts.size() > 3) return bad_time(text);
  double scale = 1.0;
  if (parts.size() == 1) {
    if (parts[0].ends_with("ms")) {
      parts[0].remove_suffix(2);
      scale = 1e-3;
    } else if (parts[0].ends_with("s")) {
      parts[0].remove_suffix(1);
    }
  }
  double seconds = 0.0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    double value = 0.0;
    if (!read_number(parts[i], value)) return bad_time(text);
    const bool is_last = i + 1 == parts.size();
    if (!is_last && parts[i].find('.') != std::string_view::npos) return bad_time(text);
    if (i > 0 && value >= 60.0) return bad_time(text);
    seconds = seconds * 60.0 + value;
  }
  return Timestamp::from_seconds(seconds * scale);
}

}  // namespace cinescribe
