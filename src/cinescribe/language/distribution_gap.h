#pragma once

#include <optional>
#include <span>

namespace cinescribe::language {

/// How far a model's next-token distribution is from another's.
struct DistributionGap {
  double kl_nats = 0.0;      ///< Kullback-Leibler divergence of the reference from the other: >= 0, 0 = equal.
  bool is_same_top = false;  ///< Both would write the same token.
};

/// Nothing when a row is broken (softmax_norm) or the lengths differ. Sums in double precision.
std::optional<DistributionGap> distribution_gap(std::span<const float> reference_logits, std::span<const float> logits);

}  // namespace cinescribe::language
