#include "cinescribe/bench/number_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace cinescribe::bench {

namespace {

std::string formatted(const char* format, double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string grouped(std::string digits) {
  const std::size_t first = digits.front() == '-' ? 1 : 0;
  for (std::size_t i = digits.size(); i > first + 3;) {
    i -= 3;
    digits.insert(i, ",");
  }
  return digits;
}

}  // namespace

std::string number_text(double value) {
  if (!std::isfinite(value)) return "–";
  const double size = std::abs(value);
  if (size == 0.0) return "0";
  if (size < 1e-6) return value < 0.0 ? "-0.000001" : "<0.000001";
  const int decimals = std::clamp(2 - static_cast<int>(std::floor(std::log10(size))), 0, 8);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  if (decimals > 0) return text.data();
  const double unit = std::pow(10.0, std::floor(std::log10(size)) - 2.0);
  return grouped(formatted("%.0f", size >= 1000.0 ? std::round(value / unit) * unit : value));
}

std::string table_seconds(double seconds) {
  if (seconds <= 0.0) return "0";
  if (seconds < 0.001) return "<0.001";
  return seconds < 0.1 ? formatted("%.3f", seconds) : number_text(seconds);
}

std::string seconds_spread_text(const Spread& spread) {
  if (spread.count == 0) return "–";
  const std::string least = table_seconds(spread.min);
  const std::string most = table_seconds(spread.max);
  if (spread.count == 1 || least == most) return table_seconds(spread.median);
  return table_seconds(spread.median) + " (" + least + "–" + most + ")";
}

std::string percent_text(double share) {
  const double percent = share * 100.0;
  return formatted(std::abs(percent) < 1.0 && percent != 0.0 ? "%.1f %%" : "%.0f %%", percent);
}

std::string seconds_text(double seconds) {
  if (seconds < 1.0) return number_text(seconds * 1e3) + " ms";
  if (seconds < 120.0) return number_text(seconds) + " s";
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole < 7200) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole / 60 % 60) + " min";
}

std::string bytes_text(std::uint64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (value < 1e3) return std::to_string(bytes) + " B";
  if (value < 1e6) return number_text(value / 1e3) + " kB";
  if (value < 1e9) return number_text(value / 1e6) + " MB";
  return number_text(value / 1e9) + " GB";
}

std::string spread_text(const Spread& spread) {
  if (spread.count == 0) return "–";
  if (spread.count == 1) return number_text(spread.median);
  return number_text(spread.median) + " (" + number_text(spread.min) + "–" + number_text(spread.max) + ")";
}

std::string count_text(std::int64_t count) { return grouped(std::to_string(count)); }

}  // namespace cinescribe::bench
