#include "cinescribe/language/log_softmax.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

namespace cinescribe::language {

namespace {

// A vocabulary has tens of thousands of entries, and every row that is decoded needs all of them: this is written in
// the compilers' portable vectors, four numbers in each of four independent chains.
using Vector = float __attribute__((vector_size(16)));
using Bits = std::int32_t __attribute__((vector_size(16)));
constexpr std::size_t kLanes = 4;
constexpr std::size_t kChains = 4;
constexpr std::size_t kBlock = kLanes * kChains;

Vector load(const float* from) {
  Vector v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

Vector same(float x) { return Vector{x, x, x, x}; }

/// e^x for x <= 0 to about one unit in the last place; what lies below e^-87 counts as e^-87.
Vector exp_of_nonpositive(Vector x) {
  constexpr float kRoundingTrick = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer in the low bits
  x = x > -87.0F ? x : same(-87.0F);
  const Vector shifted = x * 1.44269504088896341F + kRoundingTrick;
  const Vector n = shifted - kRoundingTrick;
  const Vector r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  Vector p = same(1.9875691500e-4F);  // @source Cephes expf
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1.0F;
  const Bits exponent = std::bit_cast<Bits>(shifted) - std::bit_cast<std::int32_t>(kRoundingTrick);
  return p * std::bit_cast<Vector>((exponent + 127) << 23);
}

/// The largest logit; nothing when one is NaN or +infinity, or none is above -infinity.
std::optional<float> largest(std::span<const float> logits) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::array<Vector, kChains> highest;
  highest.fill(same(-kInfinity));
  Bits is_broken{};
  std::size_t i = 0;
  for (; i + kBlock <= logits.size(); i += kBlock) {
    for (std::size_t chain = 0; chain < kChains; ++chain) {
      const Vector x = load(logits.data() + i + chain * kLanes);
      highest[chain] = x > highest[chain] ? x : highest[chain];
      is_broken |= ~(x < kInfinity);
    }
  }
  float max = -kInfinity;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (is_broken[lane] != 0) return std::nullopt;
    for (const Vector& each : highest) max = std::max(max, each[lane]);
  }
  for (; i < logits.size(); ++i) {
    if (!(logits[i] < kInfinity)) return std::nullopt;
    max = std::max(max, logits[i]);
  }
  if (max == -kInfinity) return std::nullopt;
  return max;
}

}  // namespace

std::optional<SoftmaxNorm> softmax_norm(std::span<const float> logits) {
  const std::optional<float> max = largest(logits);
  if (!max) return std::nullopt;
  std::array<Vector, kChains> sums{};
  double sum = 0.0;
  std::size_t i = 0;
  for (; i + kBlock <= logits.size(); i += kBlock) {
    for (std::size_t chain = 0; chain < kChains; ++chain) {
      sums[chain] += exp_of_nonpositive(load(logits.data() + i + chain * kLanes) - *max);
    }
  }
  for (; i < logits.size(); ++i) sum += std::exp(static_cast<double>(logits[i] - *max));
  for (const Vector& part : sums) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sum += static_cast<double>(part[lane]);
  }
  return SoftmaxNorm{*max, static_cast<float>(std::log(sum))};
}

void log_softmax(std::span<const float> logits, const SoftmaxNorm& norm, std::span<float> out) {
  std::size_t i = 0;
  for (; i + kLanes <= logits.size(); i += kLanes) {
    const Vector y = load(logits.data() + i) - norm.max - norm.log_sum;
    std::memcpy(out.data() + i, &y, sizeof y);
  }
  for (; i < logits.size(); ++i) out[i] = norm.log_probability(logits[i]);
}

}  // namespace cinescribe::language
