#include "cinescribe/speech/speech_window.h"

#include <span>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::speech {
namespace {

constexpr std::int64_t kSecond = 16000;

/// Sound whose samples count up, so that a window shows where its pieces come from.
std::vector<float> counting(std::int64_t seconds) {
  std::vector<float> sound(static_cast<std::size_t>(seconds * kSecond));
  for (std::size_t i = 0; i < sound.size(); ++i) sound[i] = static_cast<float>(i);
  return sound;
}

std::vector<SpeechWindow> pack(const std::vector<SampleRange>& regions, std::int64_t seconds) {
  WindowPacker packer;
  packer.add_sound(counting(seconds));
  std::vector<SpeechWindow> windows;
  for (const SampleRange& region : regions) packer.add_region(region, windows);
  packer.finish(windows);
  return windows;
}

void expect_whole(const std::vector<SpeechWindow>& windows) {
  std::int64_t index = 0;
  for (const SpeechWindow& window : windows) {
    EXPECT_EQ(window.index, index++);
    std::size_t at = 0;
    for (const SampleRange& region : window.regions) {
      ASSERT_LE(at + static_cast<std::size_t>(region.length()), window.samples.size());
      EXPECT_EQ(window.samples[at], static_cast<float>(region.begin));
      at += static_cast<std::size_t>(region.length());
      EXPECT_EQ(window.samples[at - 1], static_cast<float>(region.end - 1));
    }
    EXPECT_EQ(at, window.samples.size());
    EXPECT_LE(window.seconds(), 30.0);
  }
}

TEST(WindowPacker, regions_fill_windows_of_at_most_thirty_seconds) {
  const auto windows = pack({{0, 10 * kSecond}, {12 * kSecond, 30 * kSecond}, {35 * kSecond, 60 * kSecond}}, 60);
  ASSERT_EQ(windows.size(), 2U);
  EXPECT_EQ(windows[0].regions.size(), 2U);
  EXPECT_DOUBLE_EQ(windows[0].seconds(), 28.0);
  EXPECT_DOUBLE_EQ(windows[1].seconds(), 25.0);
  expect_whole(windows);
}

TEST(WindowPacker, a_short_last_window_takes_regions_from_the_one_before) {
  std::vector<SampleRange> regions;
  for (std::int64_t i = 0; i < 8; ++i) regions.push_back({i * 5 * kSecond, (i * 5 + 4) * kSecond});
  const auto windows = pack(regions, 40);  // 32 s of speech: 28 and 4
  ASSERT_EQ(windows.size(), 2U);
  EXPECT_DOUBLE_EQ(windows[0].seconds(), 16.0);
  EXPECT_DOUBLE_EQ(windows[1].seconds(), 16.0);
  expect_whole(windows);
}

TEST(WindowPacker, a_region_longer_than_a_window_is_cut) {
  const auto windows = pack({{0, 70 * kSecond}}, 70);
  ASSERT_EQ(windows.size(), 3U);
  expect_whole(windows);
}

TEST(WindowPacker, sound_that_is_forgotten_does_not_shift_later_regions) {
  WindowPacker packer;
  std::vector<SpeechWindow> windows;
  const auto sound = counting(100);
  for (std::int64_t s = 0; s < 100; ++s) {
    packer.add_sound(std::span(sound).subspan(static_cast<std::size_t>(s * kSecond), kSecond));
    if (s == 50) packer.forget_before(45 * kSecond);
    if (s == 70) packer.add_region({50 * kSecond, 70 * kSecond}, windows);
  }
  packer.add_region({80 * kSecond, 99 * kSecond}, windows);
  packer.finish(windows);
  ASSERT_EQ(windows.size(), 2U);
  expect_whole(windows);
}

TEST(SpeechWindow, times_go_back_to_the_region_they_come_from) {
  const auto windows = pack({{2 * kSecond, 4 * kSecond}, {100 * kSecond, 103 * kSecond}}, 110);
  ASSERT_EQ(windows.size(), 1U);
  const SpeechWindow& window = windows[0];
  EXPECT_EQ(window.region_at(1.999), 0U);
  EXPECT_EQ(window.region_at(2.0), 1U);
  EXPECT_EQ(window.region_at(99.0), 1U);
  EXPECT_DOUBLE_EQ(window.time_at(1.0, 0).seconds(), 3.0);
  EXPECT_DOUBLE_EQ(window.time_at(2.5, 1).seconds(), 100.5);
  // A word over the seam belongs where its middle is, and does not reach over the pause.
  const TimeRange word = window.to_recording(1.9, 2.5);
  EXPECT_DOUBLE_EQ(word.start.seconds(), 100.0);
  EXPECT_DOUBLE_EQ(word.end.seconds(), 100.5);
}

}  // namespace
}  // namespace cinescribe::speech
