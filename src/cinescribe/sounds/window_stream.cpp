#include "cinescribe/sounds/window_stream.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cinescribe/core/audio.h"

namespace cinescribe::sounds {

namespace {

Timestamp time_of(std::int64_t sample) { return Timestamp::from_ticks(sample, {1, kAudioRateHz}); }

}  // namespace

float sigmoid(float logit) { return 1.0F / (1.0F + std::exp(-logit)); }

WindowStream::WindowStream(SoundTagger& tagger, WindowSink sink, std::stop_token stop, bool skips_masked)
    : tagger_(tagger), sink_(std::move(sink)), stop_(std::move(stop)), skips_masked_(skips_masked) {}

Status WindowStream::push(std::span<const float> samples) {
  const std::size_t window = tagger_.window_samples();
  buffer_.insert(buffer_.end(), samples.begin(), samples.end());
  for (;;) {
    const auto offset = static_cast<std::size_t>(next_window_ - buffer_start_);
    if (buffer_.size() < offset + window) break;
    CINESCRIBE_TRY(emit(offset, window));
    covered_until_ = next_window_ + static_cast<std::int64_t>(window);
    next_window_ += static_cast<std::int64_t>(tagger_.hop_samples());
  }
  // The last window of the stretch may reach back one window from its end; older samples are done with.
  if (buffer_.size() > 4 * window) {
    const std::size_t drop = buffer_.size() - window;
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(drop));
    buffer_start_ += static_cast<std::int64_t>(drop);
  }
  return {};
}

Status WindowStream::end_stretch() {
  const std::int64_t end = buffer_start_ + static_cast<std::int64_t>(buffer_.size());
  if (end > std::max(covered_until_, stretch_start_)) {
    const auto window = static_cast<std::int64_t>(tagger_.window_samples());
    const std::int64_t start = std::max(stretch_start_, end - window);
    CINESCRIBE_TRY(emit(static_cast<std::size_t>(start - buffer_start_), static_cast<std::size_t>(end - start)));
  }
  buffer_.clear();
  buffer_start_ = stretch_start_ = next_window_ = covered_until_ = end;
  return {};
}

Status WindowStream::finish() {
  CINESCRIBE_TRY(end_stretch());
  return run_batch();
}

Status WindowStream::emit(std::size_t offset, std::size_t length) {
  if (is_skipping_) return {};
  const auto first = buffer_.begin() + static_cast<std::ptrdiff_t>(offset);
  const auto last = first + static_cast<std::ptrdiff_t>(length);
  if (skips_masked_ && 2 * std::count(first, last, 0.0F) > last - first) return {};
  const std::int64_t start = buffer_start_ + static_cast<std::int64_t>(offset);
  pending_.push_back(
      {{time_of(start), time_of(start + static_cast<std::int64_t>(length))}, std::vector<float>(first, last)});
  return pending_.size() >= std::max<std::size_t>(1, tagger_.batch_windows()) ? run_batch() : Status();
}

Status WindowStream::run_batch() {
  if (pending_.empty()) return {};
  std::vector<std::span<const float>> windows;
  windows.reserve(pending_.size());
  for (const Pending& p : pending_) windows.emplace_back(p.samples);
  CINESCRIBE_ASSIGN(auto rows, tagger_.logits(windows, stop_));
  std::vector<Pending> done;
  done.swap(pending_);
  for (std::size_t i = 0; i < done.size(); ++i) CINESCRIBE_TRY(sink_({done[i].range, std::move(rows[i])}));
  return {};
}

}  // namespace cinescribe::sounds
