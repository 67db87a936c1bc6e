#include "cinescribe/language/log_softmax.h"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::language {
namespace {

TEST(LogSoftmax, EqualsTheDefinitionForEveryLength) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal(0.0F, 4.0F);
  for (std::size_t size = 1; size < 70; ++size) {
    std::vector<float> logits(size);
    for (float& logit : logits) logit = normal(random);
    if (size > 3) logits[size / 2] = -std::numeric_limits<float>::infinity();
    double sum = 0.0;
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
    const auto norm = softmax_norm(logits);
    ASSERT_TRUE(norm.has_value());
    std::vector<float> out(size);
    log_softmax(logits, *norm, out);
    for (std::size_t i = 0; i < size; ++i) {
      if (std::isinf(logits[i])) {
        EXPECT_TRUE(std::isinf(out[i]));
        continue;
      }
      EXPECT_NEAR(static_cast<double>(out[i]), static_cast<double>(logits[i]) - std::log(sum), 4e-6) << size;
      EXPECT_EQ(out[i], norm->log_probability(logits[i]));
    }
  }
}

TEST(LogSoftmax, BrokenLogitsAreFoundWhereverTheyAre) {
  for (const float broken : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    for (std::size_t at = 0; at < 37; ++at) {
      std::vector<float> logits(37, 0.5F);
      logits[at] = broken;
      EXPECT_FALSE(softmax_norm(logits).has_value()) << broken << " at " << at;
    }
  }
  EXPECT_FALSE(softmax_norm(std::vector<float>(20, -std::numeric_limits<float>::infinity())).has_value());
}

}  // namespace
}  // namespace cinescribe::language
