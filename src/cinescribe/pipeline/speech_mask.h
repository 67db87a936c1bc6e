#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/speech/speech_regions.h"
#include "cinescribe/speech/voice_activity.h"

namespace cinescribe::pipeline {

/// Silences the stretches of a recording in which somebody speaks, so that what sounds besides can be named: samples
/// come out later than they went in, as many, exactly 0 within speech, with short ramps at its edges (a hard edge would
/// sound like a click). Not thread-safe; one per recording.
class SpeechMask {
 public:
  explicit SpeechMask(std::unique_ptr<speech::VoiceActivity> voice, std::stop_token stop = {});

  /// The next samples; appends those that are certain now to `out`. Errors: those of the voice detector.
  Status push(std::span<const float> samples, std::vector<float>& out);
  /// End of the recording: appends the rest.
  Status finish(std::vector<float>& out);

 private:
  void release(std::int64_t until_sample, std::vector<float>& out);
  [[nodiscard]] float gain_at(std::int64_t sample) const;

  std::unique_ptr<speech::VoiceActivity> voice_;
  std::stop_token stop_;
  speech::RegionFinder finder_;
  std::vector<speech::SampleRange> regions_;  ///< Those that reach into what waits, in order.
  std::vector<float> waiting_;
  std::int64_t first_waiting_ = 0;
};

}  // namespace cinescribe::pipeline
