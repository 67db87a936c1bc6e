#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/core/time.h"

namespace cinescribe::speech {

/// A spoken word. `text` keeps its leading space as the model wrote it.
struct Word {
  TimeRange range;
  std::string text;
  double probability = 0.0;  ///< Mean of its tokens' probabilities, 0..1.
};

/// A stretch of speech.
struct Segment {
  TimeRange range;
  std::string text;  ///< Trimmed.
  double avg_logprob = 0.0;
  double no_speech_prob = 0.0;
  double compression_ratio = 0.0;
  double temperature = 0.0;
  std::vector<Word> words;  ///< Empty when word times are off.
};

struct Language {
  std::string code;  ///< ISO 639-1 as Whisper spells it, e.g. "en"; empty when there was no speech.
  double probability = 0.0;
};

using SegmentSink = std::function<Status(Segment&&)>;

/// What was said in one window: the piece of sound that the recogniser sees at once, and the unit of its work.
struct SpokenWindow {
  std::int64_t index = 0;  ///< Counts the windows that were heard, from 0.
  std::int64_t end_sample = 0;
  Language language;
  std::vector<Segment> segments;  ///< In time order; may be empty.
};
using WindowSink = std::function<Status(SpokenWindow&&)>;

/// The first windows of a recording, where an earlier run with the same models and options has transcribed them.
struct TranscribedPart {
  std::int64_t windows = 0;
  std::int64_t end_sample = 0;  ///< Of the last one.
  Language language;
};

/// Turns sound into words. Takes mono f32 at 16 kHz in order, as it comes; the caller never sees windows or padding.
/// Memory does not grow with the length. Not thread-safe; one instance per recording (engines are shared below it).
class Transcriber {
 public:
  virtual ~Transcriber() = default;

  /// Next samples of the recording. Finished segments go to the sink given at creation, in time order, from this or
  /// another thread, one call at a time. Errors: kModel, kResource, kInterrupted, or the sink's.
  virtual Status push(std::span<const float> samples) = 0;
  /// End of the recording: waits until every segment has been delivered.
  virtual Status finish() = 0;
  /// Known after the first delivered segment, at the latest after `finish()`.
  [[nodiscard]] virtual Language language() const = 0;
  /// Media time up to which everything has been delivered. Thread-safe.
  [[nodiscard]] virtual Timestamp done_until() const = 0;
};

}  // namespace cinescribe::speech
