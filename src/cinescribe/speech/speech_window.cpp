#include "cinescribe/speech/speech_window.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "cinescribe/core/audio.h"

namespace cinescribe::speech {

namespace {

constexpr auto kMaxWindow = static_cast<std::int64_t>(kWindowSeconds * kAudioRateHz);
/// A last window shorter than this is evened out with the one before it.
constexpr std::int64_t kShortWindow = 20 * kAudioRateHz;

std::int64_t length_of(const SpeechWindow& window) { return static_cast<std::int64_t>(window.samples.size()); }

}  // namespace

double SpeechWindow::seconds() const { return static_cast<double>(samples.size()) / kAudioRateHz; }

std::size_t SpeechWindow::region_at(double seconds) const {
  auto left = static_cast<std::int64_t>(seconds * kAudioRateHz);
  for (std::size_t i = 0; i < regions.size(); ++i) {
    if (left < regions[i].length()) return i;
    left -= regions[i].length();
  }
  return regions.empty() ? 0 : regions.size() - 1;
}

Timestamp SpeechWindow::time_at(double seconds, std::size_t region) const {
  if (region >= regions.size()) return {};
  std::int64_t sample = std::llround(seconds * kAudioRateHz);
  for (std::size_t i = 0; i < region; ++i) sample -= regions[i].length();
  sample = std::clamp<std::int64_t>(sample, 0, regions[region].length());
  return Timestamp::from_ticks(regions[region].begin + sample, Rational{1, kAudioRateHz});
}

TimeRange SpeechWindow::to_recording(double begin_seconds, double end_seconds) const {
  const std::size_t region = region_at((begin_seconds + end_seconds) / 2);
  return {time_at(begin_seconds, region), time_at(end_seconds, region)};
}

void WindowPacker::add_sound(std::span<const float> samples) {
  sound_.insert(sound_.end(), samples.begin(), samples.end());
}

void WindowPacker::add_region(SampleRange region, std::vector<SpeechWindow>& windows) {
  region.begin = std::max(region.begin, sound_begin_);
  region.end = std::min(region.end, sound_begin_ + static_cast<std::int64_t>(sound_.size()));
  while (region.length() > 0) {
    // Regions longer than a window come only from other settings than the default ones: cut them.
    const SampleRange part{region.begin, std::min(region.end, region.begin + kMaxWindow)};
    region.begin = part.end;
    if (length_of(current_) + part.length() > kMaxWindow) {
      release(std::exchange(held_, std::exchange(current_, {})), windows);
    }
    append(current_, part);
  }
}

void WindowPacker::forget_before(std::int64_t sample) {
  const std::int64_t drop = std::min(sample - sound_begin_, static_cast<std::int64_t>(sound_.size()));
  constexpr std::int64_t kWorthMoving = 10 * kAudioRateHz;
  if (drop < kWorthMoving) return;
  sound_.erase(sound_.begin(), sound_.begin() + drop);
  sound_begin_ += drop;
}

void WindowPacker::finish(std::vector<SpeechWindow>& windows) {
  balance();
  release(std::exchange(held_, {}), windows);
  release(std::exchange(current_, {}), windows);
}

std::optional<std::int64_t> WindowPacker::earliest_pending() const {
  if (!held_.regions.empty()) return held_.regions.front().begin;
  if (!current_.regions.empty()) return current_.regions.front().begin;
  return std::nullopt;
}

void WindowPacker::append(SpeechWindow& window, SampleRange region) const {
  const auto first = sound_.begin() + (region.begin - sound_begin_);
  window.samples.insert(window.samples.end(), first, first + region.length());
  window.regions.push_back(region);
}

void WindowPacker::release(SpeechWindow&& window, std::vector<SpeechWindow>& windows) {
  if (window.samples.empty()) return;
  window.index = next_index_++;
  windows.push_back(std::move(window));
}

void WindowPacker::balance() {
  if (held_.samples.empty() || current_.samples.empty() || length_of(current_) >= kShortWindow) return;
  // Move whole regions from the end of the full window while that makes the two more even.
  while (held_.regions.size() > 1) {
    const SampleRange last = held_.regions.back();
    const std::int64_t before = std::llabs(length_of(held_) - length_of(current_));
    const std::int64_t after = std::llabs(length_of(held_) - length_of(current_) - 2 * last.length());
    if (after >= before) return;
    const auto first = held_.samples.end() - last.length();
    current_.samples.insert(current_.samples.begin(), first, held_.samples.end());
    held_.samples.erase(first, held_.samples.end());
    current_.regions.insert(current_.regions.begin(), last);
    held_.regions.pop_back();
  }
}

}  // namespace cinescribe::speech
