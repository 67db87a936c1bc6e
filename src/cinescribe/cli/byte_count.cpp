#include "cinescribe/cli/byte_count.h"

#include <array>
#include <cstdio>

namespace cinescribe::cli {

std::string format_byte_count(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000.0;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit > 0 && value < 9.95 ? "%.1f %s" : "%.0f %s", value, kUnits.at(unit));
  return text.data();
}

}  // namespace cinescribe::cli
