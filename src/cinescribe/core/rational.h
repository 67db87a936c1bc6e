#pragma once

#include <cstdint>

namespace cinescribe {

/// An exact ratio such as a frame rate (30000/1001) or a sample aspect (4/3); 0/1 means unknown.
struct Rational {
  std::int64_t num = 0;
  std::int64_t den = 1;

  [[nodiscard]] bool is_known() const { return num > 0 && den > 0; }
  [[nodiscard]] double value() const { return den == 0 ? 0.0 : static_cast<double>(num) / static_cast<double>(den); }
  friend bool operator==(const Rational&, const Rational&) = default;
};

}  // namespace cinescribe
