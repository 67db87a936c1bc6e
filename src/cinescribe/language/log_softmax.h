#pragma once

#include <optional>
#include <span>

namespace cinescribe::language {

/// The two numbers that turn logits into log-probabilities: `logit - max - log_sum`, in that order, as PyTorch computes
/// it in f32.
struct SoftmaxNorm {
  float max = 0.0F;
  float log_sum = 0.0F;

  [[nodiscard]] float log_probability(float logit) const { return logit - max - log_sum; }
};

/// Nothing when a logit is NaN or +infinity, or when all are -infinity: the model's output is broken then.
std::optional<SoftmaxNorm> softmax_norm(std::span<const float> logits);

/// Writes the log-probability of every logit; the sizes must be equal.
void log_softmax(std::span<const float> logits, const SoftmaxNorm& norm, std::span<float> out);

}  // namespace cinescribe::language
