#include "cinescribe/language/distribution_gap.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "cinescribe/language/log_softmax.h"

namespace cinescribe::language {

std::optional<DistributionGap> distribution_gap(std::span<const float> reference_logits,
                                                std::span<const float> logits) {
  if (reference_logits.size() != logits.size()) return std::nullopt;
  const auto reference_norm = softmax_norm(reference_logits);
  const auto norm = softmax_norm(logits);
  if (!reference_norm || !norm) return std::nullopt;
  // The norms are floats; what they lack would be counted for every token, so the two sums are done again.
  const auto log_sum = [](std::span<const float> row, float max) {
    double sum = 0.0;
    for (const float logit : row) sum += std::exp(static_cast<double>(logit) - static_cast<double>(max));
    return static_cast<double>(max) + std::log(sum);
  };
  const double reference_log_sum = log_sum(reference_logits, reference_norm->max);
  const double other_log_sum = log_sum(logits, norm->max);
  double divergence = 0.0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double reference_log = static_cast<double>(reference_logits[i]) - reference_log_sum;
    const double probability = std::exp(reference_log);
    if (probability == 0.0) continue;
    divergence += probability * (reference_log - (static_cast<double>(logits[i]) - other_log_sum));
  }
  const auto top = [](std::span<const float> row) { return std::max_element(row.begin(), row.end()) - row.begin(); };
  return DistributionGap{std::max(0.0, divergence), top(reference_logits) == top(logits)};
}

}  // namespace cinescribe::language
