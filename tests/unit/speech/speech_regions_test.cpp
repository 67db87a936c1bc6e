#include "cinescribe/speech/speech_regions.h"

#include <algorithm>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "cinescribe/speech/quiet_cuts.h"

namespace cinescribe::speech {
namespace {

constexpr std::int64_t kChunk = 512;
constexpr std::int64_t kPad = 6400;  // 400 ms

/// Probabilities in runs: how many chunks, which probability.
std::vector<SampleRange> regions_of(const std::vector<std::pair<int, double>>& runs,
                                    const RegionOptions& options = {}) {
  RegionFinder finder(options);
  std::vector<SampleRange> regions;
  std::int64_t chunks = 0;
  for (const auto& [count, probability] : runs) {
    for (int i = 0; i < count; ++i) {
      finder.push(probability, regions);
      ++chunks;
      // What is still to come must not begin before the promise.
      const std::int64_t promised = finder.earliest_begin();
      if (!regions.empty()) {
        EXPECT_LE(regions.back().end, promised + 2 * kPad + kChunk);
      }
    }
  }
  finder.finish(chunks * kChunk, regions);
  return regions;
}

TEST(RegionFinder, silence_has_no_regions) { EXPECT_TRUE(regions_of({{1000, 0.01}}).empty()); }

TEST(RegionFinder, a_region_is_padded_on_both_sides_within_the_recording) {
  const auto regions = regions_of({{100, 0.0}, {50, 0.9}, {100, 0.0}});
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_EQ(regions[0], (SampleRange{100 * kChunk - kPad, 150 * kChunk + kPad}));
  const auto all = regions_of({{50, 0.9}});
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0], (SampleRange{0, 50 * kChunk}));
}

TEST(RegionFinder, a_pause_shorter_than_160_ms_does_not_end_a_region) {
  const auto regions = regions_of({{10, 0.0}, {50, 0.9}, {4, 0.0}, {50, 0.9}, {100, 0.0}});
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_EQ(regions[0].end, 114 * kChunk + kPad);
}

TEST(RegionFinder, the_exit_threshold_is_below_the_entry_threshold) {
  EXPECT_EQ(regions_of({{30, 0.9}, {30, 0.4}, {30, 0.9}, {60, 0.0}}).size(), 1U);
  EXPECT_TRUE(regions_of({{90, 0.45}}).empty());
}

TEST(RegionFinder, neighbours_share_the_pause_between_them_without_overlap) {
  const auto regions = regions_of({{50, 0.9}, {20, 0.0}, {50, 0.9}, {100, 0.0}});
  ASSERT_EQ(regions.size(), 2U);
  EXPECT_EQ(regions[0].end, regions[1].begin);
  EXPECT_EQ(regions[0].end, 60 * kChunk);
}

TEST(RegionFinder, a_region_that_grows_too_long_is_cut_at_its_last_pause) {
  const auto regions = regions_of({{500, 0.9}, {5, 0.0}, {800, 0.9}, {100, 0.0}});
  ASSERT_EQ(regions.size(), 2U);
  EXPECT_EQ(regions[0].end, 500 * kChunk + 5 * kChunk / 2);  // the pause of five chunks is shared
  for (const SampleRange& region : regions) EXPECT_LE(region.length(), 30 * 16000);
}

TEST(RegionFinder, speech_without_any_pause_is_cut_before_thirty_seconds) {
  for (const SampleRange& region : regions_of({{5000, 0.9}})) {
    EXPECT_GT(region.length(), 0);
    EXPECT_LE(region.length(), 30 * 16000);
  }
}

TEST(RegionFinder, random_probabilities_give_ordered_regions_that_do_not_overlap) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::pair<int, double>> runs;
    for (int i = 0; i < 200; ++i) runs.emplace_back(1 + static_cast<int>(uniform(random) * 40), uniform(random));
    std::int64_t until = 0;
    for (const SampleRange& region : regions_of(runs)) {
      EXPECT_GE(region.begin, until);
      EXPECT_GT(region.length(), 0);
      EXPECT_LE(region.length(), 30 * 16000);
      until = region.end;
    }
  }
}

TEST(QuietCutter, pieces_follow_each_other_and_end_in_the_pause) {
  QuietCutter cutter;
  std::vector<SampleRange> regions;
  std::vector<float> sound(100 * 16000, 0.5F);
  for (int at : {24, 48, 75}) std::fill_n(sound.begin() + at * 16000, 8000, 0.0F);  // half a second of silence
  for (std::size_t i = 0; i < sound.size(); i += 777) {
    cutter.push(std::span(sound).subspan(i, std::min<std::size_t>(777, sound.size() - i)), regions);
  }
  cutter.finish(regions);
  ASSERT_EQ(regions.size(), 4U);
  EXPECT_EQ(regions.front().begin, 0);
  EXPECT_EQ(regions.back().end, 100 * 16000);
  for (std::size_t i = 1; i < regions.size(); ++i) EXPECT_EQ(regions[i].begin, regions[i - 1].end);
  EXPECT_NEAR(static_cast<double>(regions[0].end) / 16000, 24.25, 0.25);
  EXPECT_NEAR(static_cast<double>(regions[1].end) / 16000, 48.25, 0.25);
  EXPECT_NEAR(static_cast<double>(regions[2].end) / 16000, 75.25, 0.25);
}

}  // namespace
}  // namespace cinescribe::speech
