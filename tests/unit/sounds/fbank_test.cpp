#include <array>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "cinescribe/sounds/kaldi_fbank.h"
#include "cinescribe/sounds/mel_filters.h"
#include "cinescribe/sounds/power_spectrum.h"

namespace cinescribe::sounds {
namespace {

TEST(PowerSpectrum, EqualsTheDefinitionOfTheTransform) {
  for (const std::size_t length : {4U, 8U, 64U, 512U}) {
    PowerSpectrum spectrum(length);
    std::vector<double> frame(length - 1);
    for (std::size_t i = 0; i < frame.size(); ++i) frame[i] = std::sin(0.37 * static_cast<double>(i * i % 97));
    std::vector<double> power(spectrum.bins());
    spectrum.compute(frame, power);
    for (std::size_t k = 0; k < power.size(); ++k) {
      std::complex<double> sum = 0.0;
      for (std::size_t i = 0; i < frame.size(); ++i) {
        sum += frame[i] *
               std::polar(1.0, -2.0 * std::numbers::pi * static_cast<double>(k * i) / static_cast<double>(length));
      }
      EXPECT_NEAR(power[k], std::norm(sum), 1e-9 * static_cast<double>(length)) << length << " " << k;
    }
  }
}

TEST(MelFilters, MatchTheKnownWeightsOfKaldisBank) {
  const MelFilters filters(128, 512, 16000, 20, 8000);
  std::vector<double> energies(128);
  const auto weight = [&](std::size_t filter, std::size_t bin) {
    std::vector<double> spectrum(257, 0.0);
    spectrum[bin] = 1.0;
    filters.apply(spectrum, energies);
    return energies[filter];
  };
  EXPECT_NEAR(weight(0, 1), 0.80264, 1e-5);
  EXPECT_NEAR(weight(1, 2), 0.03097, 1e-5);
  EXPECT_NEAR(weight(2, 2), 0.96903, 1e-5);
  EXPECT_GT(weight(127, 246), 0.0);
  EXPECT_GT(weight(127, 255), 0.0);
  EXPECT_EQ(weight(127, 256), 0.0);
  for (std::size_t bin = 0; bin < 257; ++bin) EXPECT_EQ(weight(3, bin), 0.0) << "filter 3 covers no bin";
}

TEST(KaldiFbank, CountsOnlyWholeFrames) {
  EXPECT_EQ(fbank_frames(0), 0U);
  EXPECT_EQ(fbank_frames(399), 0U);
  EXPECT_EQ(fbank_frames(400), 1U);
  EXPECT_EQ(fbank_frames(164'080), 1024U);
}

TEST(KaldiFbank, PadsWithNormalisedZeroAndFloorsSilence) {
  const FbankOptions options;
  const auto nothing = kaldi_fbank({}, options);
  ASSERT_EQ(nothing.size(), 1024U * 128U);
  EXPECT_NEAR(nothing.front(), 0.4670324F, 1e-6F);
  const std::vector<float> silence(400, 0.0F);
  const auto floor = kaldi_fbank(silence, options);
  EXPECT_NEAR(floor.front(), -1.2775938F, 1e-6F);
  EXPECT_NEAR(floor[128], 0.4670324F, 1e-6F);
}

TEST(KaldiFbank, LeavesRawLogsAndZeroPaddingWithoutNormalisation) {
  FbankOptions options;
  options.is_normalized = false;
  const auto features = kaldi_fbank(std::vector<float>(400, 0.0F), options);
  EXPECT_NEAR(features.front(), std::log(1.1920928955078125e-07F), 1e-4F);
  EXPECT_EQ(features[128], 0.0F);
}

}  // namespace
}  // namespace cinescribe::sounds
