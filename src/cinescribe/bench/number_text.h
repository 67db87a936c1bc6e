#pragma once

#include <cstdint>
#include <string>

#include "cinescribe/bench/statistics.h"

/// Figures as people read them.
namespace cinescribe::bench {

/// Three significant digits without an exponent: "0.0123", "1.23", "123", "12,300".
std::string number_text(double value);
/// Seconds in a table, thousandths at the finest: "0.012", "12.3", "<0.001".
std::string table_seconds(double seconds);
/// As `spread_text`, of `table_seconds`.
std::string seconds_spread_text(const Spread& spread);
/// "12 %", "0.4 %".
std::string percent_text(double share);
/// "850 ms", "12.3 s", "4 min 10 s", "2 h 5 min".
std::string seconds_text(double seconds);
/// "1.2 GB" (powers of ten, as disks and memory are sold).
std::string bytes_text(std::uint64_t bytes);
/// "1.23 (1.20–1.31)"; without the bracket for one repeat; "–" for none.
std::string spread_text(const Spread& spread);
/// "12,345".
std::string count_text(std::int64_t count);

}  // namespace cinescribe::bench
