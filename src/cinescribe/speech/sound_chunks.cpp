#include "cinescribe/speech/sound_chunks.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "cinescribe/core/audio.h"

namespace cinescribe::speech {

namespace {

constexpr std::size_t kFrame = kAudioRateHz / 50;  // 20 ms
constexpr std::size_t kQuietFrames = 10;           // a pause, not a zero crossing
constexpr int kSilenceLevel = 32;                  // about -60 dBFS

std::int16_t to_16_bit(float sample) {
  if (std::isnan(sample)) return 0;
  return static_cast<std::int16_t>(std::lround(std::clamp(sample, -1.0F, 1.0F) * 32767.0F));
}

/// Where to cut `samples`: in the middle of the quietest pause of the second half, the later of equals.
std::size_t quietest_place(std::span<const std::int16_t> samples) {
  const std::size_t begin = samples.size() / 2;
  std::vector<double> energies;
  for (std::size_t at = begin; at + kFrame <= samples.size(); at += kFrame) {
    double energy = 0.0;
    for (const std::int16_t sample : samples.subspan(at, kFrame)) energy += static_cast<double>(sample) * sample;
    energies.push_back(energy);
  }
  std::size_t best = samples.size();
  double least = 0.0;
  for (std::size_t i = 0; i + kQuietFrames <= energies.size(); ++i) {
    double sum = 0.0;
    for (std::size_t k = 0; k < kQuietFrames; ++k) sum += energies[i + k];
    if (best == samples.size() || sum <= least) {
      best = begin + (i + kQuietFrames / 2) * kFrame;
      least = sum;
    }
  }
  return best;
}

void put_number(std::string& bytes, std::uint32_t value, int size) {
  for (int i = 0; i < size; ++i) bytes.push_back(static_cast<char>((value >> (8 * i)) & 0xffU));
}

}  // namespace

ChunkCutter::ChunkCutter(std::size_t longest_samples) : longest_(std::max<std::size_t>(longest_samples, 2)) {}

void ChunkCutter::push(std::span<const float> samples, std::vector<SoundChunk>& chunks) {
  while (!samples.empty()) {
    const std::size_t count = std::min(samples.size(), longest_ - buffer_.size());
    for (const float sample : samples.first(count)) buffer_.push_back(to_16_bit(sample));
    samples = samples.subspan(count);
    if (buffer_.size() == longest_) cut(quietest_place(buffer_), chunks);
  }
}

void ChunkCutter::finish(std::vector<SoundChunk>& chunks) {
  if (!buffer_.empty()) cut(buffer_.size(), chunks);
}

void ChunkCutter::cut(std::size_t length, std::vector<SoundChunk>& chunks) {
  SoundChunk chunk;
  chunk.first_sample = first_sample_;
  std::vector<std::int16_t> rest(buffer_.begin() + static_cast<std::ptrdiff_t>(length), buffer_.end());
  buffer_.resize(length);
  chunk.samples = std::exchange(buffer_, std::move(rest));
  chunk.is_silent = std::all_of(chunk.samples.begin(), chunk.samples.end(),
                                [](std::int16_t sample) { return std::abs(int{sample}) <= kSilenceLevel; });
  first_sample_ += static_cast<std::int64_t>(length);
  chunks.push_back(std::move(chunk));
}

std::string wav_file(std::span<const std::int16_t> samples) {
  const auto data_bytes = static_cast<std::uint32_t>(2 * samples.size());
  std::string bytes;
  bytes.reserve(kWavHeaderBytes + data_bytes);
  bytes += "RIFF";
  put_number(bytes, 36 + data_bytes, 4);
  bytes += "WAVEfmt ";
  put_number(bytes, 16, 4);                // length of this part
  put_number(bytes, 1, 2);                 // PCM
  put_number(bytes, 1, 2);                 // mono
  put_number(bytes, kAudioRateHz, 4);      // samples per second
  put_number(bytes, 2 * kAudioRateHz, 4);  // bytes per second
  put_number(bytes, 2, 2);                 // bytes per sample of all channels
  put_number(bytes, 16, 2);                // bits per sample
  bytes += "data";
  put_number(bytes, data_bytes, 4);
  for (const std::int16_t sample : samples) put_number(bytes, static_cast<std::uint16_t>(sample), 2);
  return bytes;
}

}  // namespace cinescribe::speech
