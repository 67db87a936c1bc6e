#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/speech/quiet_cuts.h"
#include "cinescribe/speech/speech_regions.h"
#include "cinescribe/speech/speech_window.h"
#include "cinescribe/speech/transcriber.h"
#include "cinescribe/speech/transcription_options.h"
#include "cinescribe/speech/voice_activity.h"
#include "cinescribe/speech/window_decoders.h"

namespace cinescribe::speech {

/// Cuts a recording into windows of speech on the caller's thread, has them decoded by the pool, and hands the
/// segments out in order. Holds about as many windows as the pool has in work.
class WhisperTranscriber final : public Transcriber {
 public:
  /// `voice` empty: everything is taken for speech. `options.language` is a code or empty.
  /// Windows of the `done` part are found again and skipped.
  WhisperTranscriber(std::shared_ptr<WindowDecoders> decoders, std::unique_ptr<VoiceActivity> voice,
                     TranscriptionOptions options, WindowSink sink, std::stop_token stop, TranscribedPart done = {});
  WhisperTranscriber(const WhisperTranscriber&) = delete;
  WhisperTranscriber& operator=(const WhisperTranscriber&) = delete;
  /// Drops what has not been delivered.
  ~WhisperTranscriber() override;

  Status push(std::span<const float> samples) override;
  Status finish() override;
  [[nodiscard]] Language language() const override;
  [[nodiscard]] Timestamp done_until() const override { return Timestamp::from_ns(done_ns_.load()); }

 private:
  Status submit(std::vector<SpeechWindow>& windows);
  Status submit(SpeechWindow&& window);
  void set_language(const Language& language);
  Result<std::vector<Segment>> segments_of(const SpeechWindow& window, Result<DecodedWindow> decoded) const;
  void deliver(std::int64_t index, std::int64_t end_sample, Result<std::vector<Segment>> segments);
  [[nodiscard]] Status check_done(const SpeechWindow& window) const;
  [[nodiscard]] std::int64_t earliest_undecided() const;
  [[nodiscard]] bool should_stop() const { return stop_.stop_requested() || is_cancelled_.load(); }

  struct Finished {
    std::int64_t end_sample = 0;
    Result<std::vector<Segment>> segments;
  };

  const std::shared_ptr<WindowDecoders> decoders_;
  const std::unique_ptr<VoiceActivity> voice_;
  const TranscriptionOptions options_;
  const WindowSink sink_;
  const std::stop_token stop_;
  const TranscribedPart done_;

  // The caller's thread only.
  RegionFinder finder_;
  QuietCutter cutter_;
  WindowPacker packer_;
  std::vector<float> probabilities_;
  std::int64_t total_samples_ = 0;
  std::int64_t next_submission_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<Language> language_;
  std::optional<Error> failure_;
  std::map<std::int64_t, Finished> finished_;  // waiting for the windows before them
  std::int64_t next_delivery_ = 0;
  int in_flight_ = 0;
  bool is_delivering_ = false;

  std::atomic<std::int64_t> done_ns_{0};
  std::atomic<bool> is_cancelled_{false};
};

}  // namespace cinescribe::speech
