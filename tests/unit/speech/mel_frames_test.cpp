#include "cinescribe/speech/mel_frames.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::speech {
namespace {

constexpr std::size_t kBands = 80;
constexpr std::size_t kBins = 201;

/// Band b listens to bins 2 b and 2 b + 1.
std::vector<float> plain_filters() {
  std::vector<float> filters(kBands * kBins, 0.0F);
  for (std::size_t b = 0; b < kBands; ++b) filters[b * kBins + 2 * b] = filters[b * kBins + 2 * b + 1] = 0.5F;
  return filters;
}

/// The definition, in double precision: frame `f` of sound that is reflected in front and silent behind.
double energy(const std::vector<float>& sound, std::size_t f, std::size_t band) {
  double sum = 0.0;
  for (const std::size_t bin : {2 * band, 2 * band + 1}) {
    std::complex<double> x = 0.0;
    for (int n = 0; n < 400; ++n) {
      const long at = std::labs(static_cast<long>(f) * 160 + n - 200);
      const double sample =
          at < static_cast<long>(sound.size()) ? static_cast<double>(sound[static_cast<std::size_t>(at)]) : 0.0;
      const double window = 0.5 * (1.0 - std::cos(2.0 * std::numbers::pi * n / 400));
      x += sample * window * std::polar(1.0, -2.0 * std::numbers::pi * static_cast<double>(bin) * n / 400);
    }
    sum += 0.5 * std::norm(x);
  }
  return std::log10(std::max(sum, 1e-10));
}

TEST(MelFrames, frames_are_the_definition_also_at_both_ends) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0.0F, 0.1F);
  std::vector<float> sound(16123);
  for (std::size_t i = 0; i < sound.size(); ++i)
    sound[i] = normal(random) + 0.3F * std::sin(0.39F * static_cast<float>(i));
  std::vector<const DenseKernels*> all = {&portable_dense_kernels()};
  if (fastest_dense_kernels() != nullptr) all.push_back(fastest_dense_kernels());
  for (const DenseKernels* kernels : all) {
    const auto mel = MelFrames(*kernels, plain_filters(), kBands).compute(sound, 130);
    ASSERT_EQ(mel.size(), 130 * kBands);
    double loudest = -10.0;
    for (std::size_t f = 0; f < 130; ++f) {
      for (std::size_t b = 0; b < kBands; ++b)
        loudest = std::max(loudest, static_cast<double>(mel[f * kBands + b]) * 4.0 - 4.0);
    }
    for (const std::size_t f : {0U, 1U, 50U, 99U, 100U, 101U, 102U, 120U}) {
      for (const std::size_t b : {0U, 12U, 40U, 79U}) {
        const double expected = (std::max(energy(sound, f, b), loudest - 8.0) + 4.0) / 4.0;
        EXPECT_NEAR(mel[f * kBands + b], expected, 2e-4) << kernels->name << " frame " << f << " band " << b;
      }
    }
  }
}

TEST(MelFrames, sound_beyond_the_frames_is_left_out) {
  std::vector<float> sound(32000, 0.0F);
  sound[800] = 0.5F;
  const MelFrames frames(portable_dense_kernels(), plain_filters(), kBands);
  const auto quiet = frames.compute(sound, 50);
  sound[31000] = 1.0F;
  EXPECT_EQ(frames.compute(sound, 50), quiet);
}

}  // namespace
}  // namespace cinescribe::speech
