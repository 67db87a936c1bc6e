#include "cinescribe/speech/whisper_transcriber.h"

#include <algorithm>
#include <utility>

#include "cinescribe/core/audio.h"
#include "cinescribe/speech/segments.h"

namespace cinescribe::speech {

namespace {

Error stopped() { return {ErrorCode::kInterrupted, "the transcription was stopped"}; }

/// Quieter than the last bit of a 12-bit converter: nothing that a microphone heard.
bool is_digital_silence(const std::vector<float>& samples) {
  constexpr float kLoudest = 1.0F / 4096.0F;
  return std::all_of(samples.begin(), samples.end(), [](float s) { return s < kLoudest && s > -kLoudest; });
}

Timestamp time_of(std::int64_t sample) { return Timestamp::from_ticks(sample, Rational{1, kAudioRateHz}); }

}  // namespace

WhisperTranscriber::WhisperTranscriber(std::shared_ptr<WindowDecoders> decoders, std::unique_ptr<VoiceActivity> voice,
                                       TranscriptionOptions options, WindowSink sink, std::stop_token stop,
                                       TranscribedPart done)
    : decoders_(std::move(decoders)),
      voice_(std::move(voice)),
      options_(std::move(options)),
      sink_(std::move(sink)),
      stop_(std::move(stop)),
      done_(std::move(done)),
      next_delivery_(done_.windows) {
  if (!options_.language.empty()) language_ = Language{options_.language, 1.0};
  if (!language_ && !done_.language.code.empty()) language_ = done_.language;
}

WhisperTranscriber::~WhisperTranscriber() {
  is_cancelled_ = true;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return in_flight_ == 0; });
}

Status WhisperTranscriber::push(std::span<const float> samples) {
  if (should_stop()) return stopped();
  total_samples_ += static_cast<std::int64_t>(samples.size());
  packer_.add_sound(samples);
  std::vector<SampleRange> regions;
  if (voice_) {
    probabilities_.clear();
    CINESCRIBE_TRY(voice_->push(samples, probabilities_, stop_));
    for (const float probability : probabilities_) finder_.push(static_cast<double>(probability), regions);
  } else {
    cutter_.push(samples, regions);
  }
  std::vector<SpeechWindow> windows;
  for (const SampleRange& region : regions) packer_.add_region(region, windows);
  packer_.forget_before(earliest_undecided());
  return submit(windows);
}

Status WhisperTranscriber::finish() {
  if (should_stop()) return stopped();
  std::vector<SampleRange> regions;
  if (voice_) {
    probabilities_.clear();
    CINESCRIBE_TRY(voice_->finish(probabilities_, stop_));
    for (const float probability : probabilities_) finder_.push(static_cast<double>(probability), regions);
    finder_.finish(total_samples_, regions);
  } else {
    cutter_.finish(regions);
  }
  std::vector<SpeechWindow> windows;
  for (const SampleRange& region : regions) packer_.add_region(region, windows);
  packer_.finish(windows);
  CINESCRIBE_TRY(submit(windows));
  std::unique_lock lock(mutex_);
  if (!changed_.wait(lock, stop_, [this] { return in_flight_ == 0; })) return stopped();
  if (failure_) return *failure_;
  done_ns_ = std::max(done_ns_.load(), time_of(total_samples_).ns());
  return {};
}

Language WhisperTranscriber::language() const {
  const std::lock_guard lock(mutex_);
  return next_delivery_ > 0 ? language_.value_or(Language{}) : Language{};
}

std::int64_t WhisperTranscriber::earliest_undecided() const {
  return voice_ ? finder_.earliest_begin() : cutter_.earliest_begin();
}

Status WhisperTranscriber::submit(std::vector<SpeechWindow>& windows) {
  for (SpeechWindow& window : windows) {
    if (is_digital_silence(window.samples)) continue;
    window.index = next_submission_++;
    if (window.index < done_.windows) {
      CINESCRIBE_TRY(check_done(window));
    } else {
      CINESCRIBE_TRY(submit(std::move(window)));
    }
  }
  const std::lock_guard lock(mutex_);
  if (failure_) return *failure_;
  if (in_flight_ == 0) {
    const std::int64_t sample = std::min(earliest_undecided(), packer_.earliest_pending().value_or(total_samples_));
    done_ns_ = std::max(done_ns_.load(), time_of(sample).ns());
  }
  return {};
}

/// Windows depend on the sound and the voice detection alone; other ones than before mean that either has changed.
Status WhisperTranscriber::check_done(const SpeechWindow& window) const {
  const std::int64_t end = window.regions.empty() ? 0 : window.regions.back().end;
  if (window.index + 1 < done_.windows || end == done_.end_sample) return {};
  return Error{ErrorCode::kInternal,
               "the part of the speech that was transcribed before does not fit this recording; do it again with "
               "--force"};
}

Status WhisperTranscriber::submit(SpeechWindow&& window) {
  WindowJob job;
  {
    std::unique_lock lock(mutex_);
    const int most = decoders_->capacity() + 1;
    // Only the first window goes without a language: the others wait until it has told.
    const bool woke =
        changed_.wait(lock, stop_, [&] { return failure_ || (in_flight_ < most && (language_ || window.index == 0)); });
    if (!woke) return stopped();
    if (failure_) return *failure_;
    ++in_flight_;
    if (language_) job.language = language_->code;
  }
  const auto shared = std::make_shared<const SpeechWindow>(std::move(window));
  job.window = shared;
  job.options = &options_;
  job.should_stop = [this] { return should_stop(); };
  job.on_language = [this](const Language& language) { set_language(language); };
  job.on_done = [this, shared](Result<DecodedWindow> decoded) {
    const std::int64_t end = shared->regions.empty() ? 0 : shared->regions.back().end;
    deliver(shared->index, end, segments_of(*shared, std::move(decoded)));
  };
  decoders_->submit(std::move(job));
  return {};
}

void WhisperTranscriber::set_language(const Language& language) {
  {
    const std::lock_guard lock(mutex_);
    language_ = language;
  }
  changed_.notify_all();
}

Result<std::vector<Segment>> WhisperTranscriber::segments_of(const SpeechWindow& window,
                                                             Result<DecodedWindow> decoded) const {
  if (!decoded.ok()) return decoded.error();
  std::string language;
  {
    const std::lock_guard lock(mutex_);
    language = language_.value_or(Language{}).code;
  }
  return make_segments(*decoded, window, language, decoders_->word_times());
}

void WhisperTranscriber::deliver(std::int64_t index, std::int64_t end_sample, Result<std::vector<Segment>> segments) {
  std::unique_lock lock(mutex_);
  finished_.emplace(index, Finished{end_sample, std::move(segments)});
  if (is_delivering_) return;  // whoever delivers takes this one along
  is_delivering_ = true;
  while (!finished_.empty() && finished_.begin()->first == next_delivery_) {
    Finished next = std::move(finished_.begin()->second);
    finished_.erase(finished_.begin());
    ++next_delivery_;
    if (!failure_ && !next.segments.ok()) failure_ = next.segments.error();
    if (!failure_ && !should_stop()) {
      SpokenWindow window{next_delivery_ - 1, next.end_sample, language_.value_or(Language{}),
                          *std::move(next.segments)};
      lock.unlock();
      const Status status = sink_(std::move(window));
      done_ns_ = std::max(done_ns_.load(), time_of(next.end_sample).ns());
      lock.lock();
      if (!status.ok()) failure_ = status.error();
    }
    --in_flight_;
    changed_.notify_all();
  }
  is_delivering_ = false;
}

}  // namespace cinescribe::speech
