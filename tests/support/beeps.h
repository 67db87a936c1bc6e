#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/speech_server.h"

namespace cinescribe::test {

constexpr int kBeepRateHz = 16000;

/// Sound in which beep n lasts from n * 0.5 + 0.1 s to n * 0.5 + 0.3 s; its loudness says which number it has (mod 8).
inline std::vector<float> beeps(int count) {
  std::vector<float> samples(static_cast<std::size_t>(count) * kBeepRateHz / 2, 0.0F);
  for (int n = 0; n < count; ++n) {
    for (int i = kBeepRateHz / 10; i < kBeepRateHz * 3 / 10; ++i) {
      const float sign = (i / 20) % 2 == 0 ? 1.0F : -1.0F;
      samples[static_cast<std::size_t>(n) * kBeepRateHz / 2 + static_cast<std::size_t>(i)] =
          sign * 0.1F * static_cast<float>(n % 8 + 1);
    }
  }
  return samples;
}

/// Transcribes a WAV file with beeps as "verbose_json": one segment and one word, "beep<n mod 8>", for each.
inline std::string transcript_of_beeps(std::string_view wav) {
  std::string segments;
  std::string words;
  const std::size_t count = wav.size() < 44 ? 0 : (wav.size() - 44) / 2;
  const auto level_at = [&](std::size_t i) {
    std::int16_t sample = 0;
    std::memcpy(&sample, wav.data() + 44 + 2 * i, 2);
    return static_cast<int>(std::lround(std::abs(sample) / 3276.7));
  };
  for (std::size_t i = 0; i < count;) {
    const int level = level_at(i);
    std::size_t end = i + 1;
    while (end < count && level_at(end) == level) ++end;
    if (level > 0) {
      char times[96];
      std::snprintf(times, sizeof times, "\"start\": %.4f, \"end\": %.4f", static_cast<double>(i) / kBeepRateHz,
                    static_cast<double>(end) / kBeepRateHz);
      const std::string word = "beep" + std::to_string(level - 1);
      segments +=
          (segments.empty() ? "{" : ", {") + std::string(times) + ", \"text\": \" " + word +
          ".\", \"avg_logprob\": -0.25, \"no_speech_prob\": 0.01, \"compression_ratio\": 1.1, \"temperature\": 0.0}";
      words += (words.empty() ? "{" : ", {") + std::string(times) + ", \"word\": \"" + word + "\"}";
    }
    i = end;
  }
  return R"({"task": "transcribe", "language": "english", "duration": 1.0, "text": "", "segments": [)" + segments +
         "], \"words\": [" + words + "]}";
}

/// A transcription server that answers every well-formed request with the beeps it hears.
inline SpeechReply answer_beeps(const SpeechRequest& request) {
  return {.body = transcript_of_beeps(request.part("file"))};
}

}  // namespace cinescribe::test
