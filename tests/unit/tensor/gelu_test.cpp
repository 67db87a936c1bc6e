#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "cinescribe/tensor/gelu_loops.h"

namespace cinescribe::tensor {
namespace {

/// Largest |actual - exact| / max(|x|, 1e-3) over a fine grid and beyond.
double largest_error(GeluLoop loop) {
  std::vector<float> x;
  for (int i = -1'000'003; i <= 1'000'003; ++i) x.push_back(static_cast<float>(i) * 9e-6F);
  for (const float big : {-1e30F, -100.0F, -20.0F, 20.0F, 100.0F, 1e30F}) x.push_back(big);
  std::vector<float> out(x.size());
  loop(x.size(), x.data(), out.data());
  double largest = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto v = static_cast<double>(x[i]);
    const double exact = 0.5 * v * (1.0 + std::erf(v / std::sqrt(2.0)));
    largest = std::max(largest, std::abs(static_cast<double>(out[i]) - exact) / std::max(std::abs(v), 1e-3));
  }
  return largest;
}

TEST(Gelu, every_instruction_set_is_exact_to_the_last_bits) {
  EXPECT_LE(largest_error(gelu_portable), 3e-7);
  EXPECT_LE(largest_error(gelu_loop()), 3e-7);
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    EXPECT_LE(largest_error(gelu_avx2), 3e-7);
  }
#endif
}

TEST(Gelu, not_a_number_stays_one_and_infinities_have_their_limits) {
  const std::vector<float> x = {NAN, HUGE_VALF};
  std::vector<float> out(x.size());
  gelu_loop()(x.size(), x.data(), out.data());
  EXPECT_TRUE(std::isnan(out[0]));
  EXPECT_EQ(out[1], HUGE_VALF);
}

}  // namespace
}  // namespace cinescribe::tensor
