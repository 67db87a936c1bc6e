#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/core/time.h"
#include "cinescribe/sounds/sound_tagger.h"

namespace cinescribe::sounds {

/// What was heard in one window.
struct TaggedWindow {
  TimeRange range;            ///< The part of the window that lies in its stretch (padding excluded).
  std::vector<float> logits;  ///< One per label of the tagger.
};

using WindowSink = std::function<Status(TaggedWindow&&)>;

/// Cuts a stream of sound into a tagger's windows so that every stretch (scene) is covered whole and no window reaches
/// over a boundary. Windows wait for each other to fill a batch, also across stretches; memory is bounded by the batch.
///
/// A stretch shorter than a window is one padded window; the last window of a longer stretch ends with it. Not
/// thread-safe.
class WindowStream {
 public:
  /// The tagger must outlive the stream. The sink receives the windows in time order. Windows of which more than half
  /// is exactly 0 (was masked) can be left out: the silence in them is none of the recording.
  WindowStream(SoundTagger& tagger, WindowSink sink, std::stop_token stop = {}, bool skips_masked = false);

  /// While this holds, windows that are complete are not looked at and do not reach the sink.
  void skip(bool is_skipping) { is_skipping_ = is_skipping; }
  /// The next samples of the stream (16 kHz mono f32). Errors: the tagger's or the sink's.
  Status push(std::span<const float> samples);
  /// The stretch ends at what was pushed so far; the next sample starts a new one. An empty stretch gives no window.
  Status end_stretch();
  /// Ends the last stretch and hands out every waiting window.
  Status finish();

 private:
  Status emit(std::size_t offset, std::size_t length);
  Status run_batch();

  SoundTagger& tagger_;
  WindowSink sink_;
  std::stop_token stop_;
  bool skips_masked_;
  bool is_skipping_ = false;
  std::int64_t stretch_start_ = 0;  ///< Absolute sample number of the stretch's first sample.
  std::int64_t buffer_start_ = 0;   ///< Absolute sample number of buffer_[0].
  std::vector<float> buffer_;
  std::int64_t next_window_ = 0;    ///< Absolute sample number where the next window starts.
  std::int64_t covered_until_ = 0;  ///< End of the last window of this stretch.
  struct Pending {
    TimeRange range;
    std::vector<float> samples;
  };
  std::vector<Pending> pending_;
};

}  // namespace cinescribe::sounds
