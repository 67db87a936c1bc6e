#include "cinescribe/speech/remote_transcriber.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "cinescribe/core/audio.h"
#include "cinescribe/speech/remote_answer.h"
#include "cinescribe/speech/remote_request.h"
#include "cinescribe/speech/sound_chunks.h"

namespace cinescribe::speech {

namespace {

constexpr int kMostRequests = 32;

Error stopped() { return {ErrorCode::kInterrupted, "the transcription was stopped"}; }

class RemoteTranscriber final : public Transcriber {
 public:
  RemoteTranscriber(const RemoteTranscriberOptions& options, const TranscriptionOptions& transcription,
                    http::Request request, std::size_t longest_samples, SegmentSink sink, std::stop_token stop)
      : transcription_(transcription),
        request_(std::move(request)),
        most_chunks_(static_cast<std::size_t>(options.concurrency) + 1),
        sink_(std::move(sink)),
        cutter_(longest_samples),
        on_stop_(std::move(stop), [this] { cancel_.request_stop(); }) {
    for (int i = 0; i < options.concurrency; ++i) workers_.emplace_back([this] { work(); });
  }
  RemoteTranscriber(const RemoteTranscriber&) = delete;
  RemoteTranscriber& operator=(const RemoteTranscriber&) = delete;
  ~RemoteTranscriber() override {
    cancel_.request_stop();
    workers_.clear();
  }

  Status push(std::span<const float> samples) override {
    // In pieces, so that one call with a whole film never holds it twice.
    constexpr std::size_t kPiece = 60 * kAudioRateHz;
    while (!samples.empty()) {
      const auto piece = samples.first(std::min(samples.size(), kPiece));
      samples = samples.subspan(piece.size());
      std::vector<SoundChunk> chunks;
      cutter_.push(piece, chunks);
      for (SoundChunk& chunk : chunks) CINESCRIBE_TRY(submit(std::move(chunk)));
    }
    return state();
  }

  Status finish() override {
    std::vector<SoundChunk> chunks;
    cutter_.finish(chunks);
    for (SoundChunk& chunk : chunks) CINESCRIBE_TRY(submit(std::move(chunk)));
    std::unique_lock lock(mutex_);
    changed_.wait(lock, cancel_.get_token(), [this] { return failure_ || delivered_ == submitted_; });
    if (failure_) return *failure_;
    return delivered_ == submitted_ ? Status() : Status(stopped());
  }

  [[nodiscard]] Language language() const override {
    const std::lock_guard lock(mutex_);
    return language_;
  }

  [[nodiscard]] Timestamp done_until() const override {
    const std::lock_guard lock(mutex_);
    return done_until_;
  }

 private:
  struct Job {
    std::size_t index = 0;
    SoundChunk chunk;
  };
  struct Outcome {
    Timestamp end;
    Result<RemoteAnswer> answer;
  };

  Status state() {
    const std::lock_guard lock(mutex_);
    if (failure_) return *failure_;
    return cancel_.stop_requested() ? Status(stopped()) : Status();
  }

  /// Waits while `most_chunks_` chunks are on their way.
  Status submit(SoundChunk chunk) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, cancel_.get_token(), [this] { return failure_ || submitted_ - delivered_ < most_chunks_; });
    if (failure_) return *failure_;
    if (cancel_.stop_requested()) return stopped();
    jobs_.push_back({submitted_++, std::move(chunk)});
    lock.unlock();
    changed_.notify_all();
    return {};
  }

  std::optional<Job> next_job() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, cancel_.get_token(), [this] { return failure_ || !jobs_.empty(); });
    if (failure_ || jobs_.empty() || cancel_.stop_requested()) return std::nullopt;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
  }

  void work() {
    while (auto job = next_job()) {
      Result<RemoteAnswer> answer = RemoteAnswer();
      if (!job->chunk.is_silent) answer = transcribe_remotely(request_, job->chunk, cancel_.get_token());
      deliver(job->index, {range_of(job->chunk).end, std::move(answer)});
    }
  }

  /// Whoever brings the next outcome in order hands it to the sink, and all that wait behind it.
  void deliver(std::size_t index, Outcome outcome) {
    std::unique_lock lock(mutex_);
    ready_.emplace(index, std::move(outcome));
    if (is_delivering_) return;
    is_delivering_ = true;
    while (!failure_ && !ready_.empty() && ready_.begin()->first == delivered_) {
      Outcome next = std::move(ready_.extract(ready_.begin()).mapped());
      if (next.answer.ok() && language_.code.empty()) language_.code = next.answer->language;
      lock.unlock();
      const Status status = hand_over(next);
      lock.lock();
      if (!status.ok()) {
        failure_ = status.error();
        cancel_requests_of_others();
      } else {
        ++delivered_;
        done_until_ = next.end;
      }
    }
    is_delivering_ = false;
    lock.unlock();
    changed_.notify_all();
  }

  Status hand_over(Outcome& outcome) {
    if (!outcome.answer.ok()) return outcome.answer.error();
    for (Segment& segment : outcome.answer->segments) {
      const bool is_noise = segment.no_speech_prob > transcription_.no_speech_limit &&
                            segment.avg_logprob < transcription_.avg_logprob_limit;
      if (!is_noise) CINESCRIBE_TRY(sink_(std::move(segment)));
    }
    return {};
  }

  /// After a failure no answer is of use any more.
  void cancel_requests_of_others() {
    jobs_.clear();
    cancel_.request_stop();
  }

  const TranscriptionOptions transcription_;
  const http::Request request_;
  const std::size_t most_chunks_;
  const SegmentSink sink_;
  ChunkCutter cutter_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Job> jobs_;
  std::map<std::size_t, Outcome> ready_;
  std::size_t submitted_ = 0;
  std::size_t delivered_ = 0;
  bool is_delivering_ = false;
  std::optional<Error> failure_;
  Language language_;
  Timestamp done_until_;

  std::stop_source cancel_;  ///< Asked for by the caller's stop, a failure or the end.
  std::stop_callback<std::function<void()>> on_stop_;
  std::vector<std::jthread> workers_;  // Last: they use all of the above.
};

}  // namespace

Result<std::unique_ptr<Transcriber>> make_remote_transcriber(const RemoteTranscriberOptions& options,
                                                             const TranscriptionOptions& transcription,
                                                             SegmentSink sink, std::stop_token stop) {
  if (options.concurrency < 1 || options.concurrency > kMostRequests) {
    return Error{ErrorCode::kUsage, "the transcriber's concurrency is " + std::to_string(options.concurrency) +
                                        ", it goes from 1 to " + std::to_string(kMostRequests)};
  }
  const double seconds = options.longest_chunk.seconds();
  constexpr std::uint64_t kSmallestUpload = kWavHeaderBytes + 2 * kAudioRateHz;
  if (seconds < 1.0 || seconds > 3600.0 || options.largest_upload_bytes < kSmallestUpload) {
    return Error{ErrorCode::kUsage, "chunks for the transcription server must be 1 s to 1 h long"};
  }
  if (!(transcription.temperature >= 0.0 && transcription.temperature <= 1.0)) {
    return Error{ErrorCode::kUsage, "the temperature goes from 0 to 1"};
  }
  CINESCRIBE_ASSIGN(http::Request request, make_remote_request(options, transcription));
  const std::uint64_t fitting = (options.largest_upload_bytes - kWavHeaderBytes) / 2;
  const auto longest = std::min<std::uint64_t>(fitting, static_cast<std::uint64_t>(seconds * kAudioRateHz));
  return std::unique_ptr<Transcriber>(std::make_unique<RemoteTranscriber>(options, transcription, std::move(request),
                                                                          longest, std::move(sink), std::move(stop)));
}

}  // namespace cinescribe::speech
