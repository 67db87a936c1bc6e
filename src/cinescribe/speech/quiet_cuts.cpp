#include "cinescribe/speech/quiet_cuts.h"

#include <algorithm>
#include <cstddef>

#include "cinescribe/core/audio.h"

namespace cinescribe::speech {

namespace {

constexpr std::int64_t kFrame = kAudioRateHz / 50;  // 20 ms
constexpr std::size_t kFramesPerPiece = 1500;
constexpr std::size_t kEarliestCut = 1000;
constexpr std::size_t kQuietFrames = 10;  // a pause, not a zero crossing

std::size_t quietest_frame(const std::vector<double>& energies) {
  std::size_t best = energies.size();
  double least = 0.0;
  for (std::size_t i = kEarliestCut; i + kQuietFrames <= energies.size(); ++i) {
    double sum = 0.0;
    for (std::size_t k = 0; k < kQuietFrames; ++k) sum += energies[i + k];
    if (best == energies.size() || sum <= least) {  // the later of equals: longer pieces
      best = i + kQuietFrames / 2;
      least = sum;
    }
  }
  return best;
}

}  // namespace

void QuietCutter::push(std::span<const float> samples, std::vector<SampleRange>& regions) {
  for (const float sample : samples) {
    energy_ += static_cast<double>(sample) * static_cast<double>(sample);
    ++position_;
    if (++in_frame_ < kFrame) continue;
    energies_.push_back(energy_);
    energy_ = 0.0;
    in_frame_ = 0;
    if (energies_.size() < kFramesPerPiece) continue;
    const std::size_t frames = quietest_frame(energies_);
    const std::int64_t end = begin_ + static_cast<std::int64_t>(frames) * kFrame;
    regions.push_back({begin_, end});
    energies_.erase(energies_.begin(), energies_.begin() + static_cast<std::ptrdiff_t>(frames));
    begin_ = end;
  }
}

void QuietCutter::finish(std::vector<SampleRange>& regions) {
  if (position_ > begin_) regions.push_back({begin_, position_});
  begin_ = position_;
}

}  // namespace cinescribe::speech
