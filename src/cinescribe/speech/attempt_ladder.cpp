#include "cinescribe/speech/attempt_ladder.h"

#include <algorithm>
#include <cmath>

#include "cinescribe/core/audio.h"

namespace cinescribe::speech {

namespace {

/// The encoder's time grows with its context, so it is cut to the window: to this many positions and a little silence
/// after the last word, never below the floor. Shorter contexts than these make the decoder loop.
constexpr int kContextStep = 64;
constexpr int kContextFloor = 512;
constexpr double kContextMarginSeconds = 0.4;
constexpr double kHottest = 1.0 + 1e-6;

int context_for(std::size_t samples) {
  const double seconds = static_cast<double>(samples) / kAudioRateHz + kContextMarginSeconds;
  const int steps = static_cast<int>(std::ceil(seconds * kPositionsPerSecond / kContextStep));
  return std::clamp(steps * kContextStep, kContextFloor, kFullAudioContext);
}

}  // namespace

std::vector<Attempt> attempt_ladder(std::size_t samples, const TranscriptionOptions& options) {
  std::vector<Attempt> ladder = {{options.temperature, context_for(samples)}};
  if (options.temperature_step <= 0.0) return ladder;
  if (ladder.front().audio_ctx < kFullAudioContext) ladder.push_back({options.temperature, kFullAudioContext});
  const auto steps = static_cast<int>((kHottest - options.temperature) / options.temperature_step);
  for (int i = 1; i <= steps; ++i) {
    ladder.push_back({std::min(1.0, options.temperature + i * options.temperature_step), kFullAudioContext});
  }
  return ladder;
}

bool is_better_attempt(const DecodedWindow& a, const DecodedWindow& b, const TranscriptionOptions& options) {
  const bool a_repeats = a.figures.compression_ratio > options.compression_ratio_limit;
  const bool b_repeats = b.figures.compression_ratio > options.compression_ratio_limit;
  return a_repeats != b_repeats ? b_repeats : a.figures.avg_logprob > b.figures.avg_logprob;
}

}  // namespace cinescribe::speech
