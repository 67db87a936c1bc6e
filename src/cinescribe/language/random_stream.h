#pragma once

#include <cmath>
#include <cstdint>

namespace cinescribe::language {

/// Random numbers that depend on the seed and the stream's number only: the same on every machine, and whatever else
/// is in the batch. @source SplitMix64
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::uint64_t stream) : state_(mix(seed) ^ mix(stream + kStep)) {}

  /// In [0, 1), 53 bits.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  /// A draw from the standard Gumbel distribution: the largest of `log p + gumbel` is a draw from p.
  double gumbel() { return -std::log(-std::log((static_cast<double>(next() >> 11) + 0.5) * 0x1.0p-53)); }

 private:
  static constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15ULL;
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  std::uint64_t next() { return mix(state_ += kStep); }

  std::uint64_t state_;
};

}  // namespace cinescribe::language
