#include "cinescribe/media/audio_timeline.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <utility>

#include "cinescribe/core/log.h"

namespace cinescribe::media {

namespace {

constexpr std::int64_t kBlockSamples = kAudioRateHz / 2;
constexpr Duration kJitter = Duration::from_ms(50);
/// A longer hole is a broken time stamp, not silence.
constexpr Duration kLongestHole = Duration::from_ms(std::int64_t{6} * 3600 * 1000);

std::int64_t sample_at(Timestamp t) { return std::llround(t.seconds() * kAudioRateHz); }

std::uint64_t mask_of(const AVFrame& frame) {
  return frame.ch_layout.order == AV_CHANNEL_ORDER_NATIVE ? frame.ch_layout.u.mask : 0;
}

const std::shared_ptr<const std::vector<float>>& silent_block() {
  static const auto kSilence = std::make_shared<const std::vector<float>>(kBlockSamples, 0.0F);
  return kSilence;
}

ResamplerHandle make_resampler(const AVFrame& frame, bool equal_weights) {
  SwrContext* context = nullptr;
  AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
  auto* from = const_cast<AVChannelLayout*>(&frame.ch_layout);  // only read; FFmpeg 5's signature lacks the const
  const int code = swr_alloc_set_opts2(&context, &mono, AV_SAMPLE_FMT_FLT, kAudioRateHz, from,
                                       static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0, nullptr);
  ResamplerHandle handle(context);
  if (code < 0) return nullptr;
  // Without it float sound is mixed at full volume and leaves [-1, 1].
  av_opt_set_double(context, "rematrix_maxval", 1.0, 0);
  if (equal_weights) {
    const auto channels = static_cast<std::size_t>(frame.ch_layout.nb_channels);
    const std::vector<double> weights(channels, 1.0 / static_cast<double>(channels));
    if (swr_set_matrix(context, weights.data(), static_cast<int>(channels)) < 0) return nullptr;
  }
  if (swr_init(context) < 0) return nullptr;
  return handle;
}

}  // namespace

bool AudioTimeline::fits(const AVFrame& frame) const {
  return resampler_ && frame.sample_rate == rate_hz_ && frame.format == sample_format_ &&
         frame.ch_layout.nb_channels == channels_ && mask_of(frame) == channel_mask_;
}

Status AudioTimeline::configure(const AVFrame& frame) {
  resampler_ = make_resampler(frame, false);
  if (!resampler_) resampler_ = make_resampler(frame, true);  // channels of unknown meaning count alike
  if (!resampler_) {
    return Error{ErrorCode::kInput, "cannot convert sound of " + std::to_string(frame.ch_layout.nb_channels) +
                                        " channels at " + std::to_string(frame.sample_rate) + " Hz"};
  }
  rate_hz_ = frame.sample_rate;
  sample_format_ = frame.format;
  channels_ = frame.ch_layout.nb_channels;
  channel_mask_ = mask_of(frame);
  return {};
}

Status AudioTimeline::push(const AVFrame& frame, std::optional<Timestamp> time, std::vector<AudioBlock>& out) {
  if (frame.nb_samples <= 0 || frame.sample_rate <= 0 || frame.ch_layout.nb_channels <= 0) return {};
  bool must_align = run_samples_ == 0 && !resampler_;
  if (resampler_) {
    const Timestamp expected =
        anchor_ + Duration::from_seconds(static_cast<double>(run_samples_) / static_cast<double>(rate_hz_));
    if (!fits(frame)) {
      if (!time) time = expected;
      must_align = true;
    } else if (time) {
      const Duration drift = *time - expected;
      // Back by a second and more is a joined recording: it goes on without a hole, as the pictures do.
      const bool is_join = drift < Duration::from_ms(-1000);
      if (drift > kLongestHole || is_join) {
        anchor_ = *time;
        run_samples_ = 0;
      } else {
        must_align = drift >= kJitter || drift <= Duration() - kJitter;
      }
    }
  }
  if (must_align) {
    drain(out);
    CINESCRIBE_TRY(configure(frame));
    align(time, out);
  }
  CINESCRIBE_TRY(resample(&frame, out));
  run_samples_ += frame.nb_samples;
  return {};
}

void AudioTimeline::align(std::optional<Timestamp> time, std::vector<AudioBlock>& out) {
  anchor_ = time.value_or(Timestamp::from_seconds(static_cast<double>(position_) / kAudioRateHz));
  run_samples_ = 0;
  const std::int64_t target = sample_at(anchor_);
  if (target - position_ > sample_at(Timestamp() + kLongestHole)) {
    log(LogLevel::kDebug, "a time stamp of the sound is " + format_timecode(anchor_) + ", taken for damage");
    return;
  }
  to_drop_ = std::max<std::int64_t>(0, position_ - target);
  append_silence(target - position_, out);
}

void AudioTimeline::drain(std::vector<AudioBlock>& out) {
  if (resampler_) (void)resample(nullptr, out);
  to_drop_ = 0;
}

Status AudioTimeline::resample(const AVFrame* frame, std::vector<AudioBlock>& out) {
  const int in_count = frame == nullptr ? 0 : frame->nb_samples;
  const int room = swr_get_out_samples(resampler_.get(), in_count);
  if (room < 0) return Error{ErrorCode::kInput, "cannot resample: " + av_error_text(room)};
  scratch_.resize(static_cast<std::size_t>(std::max(room, 1)));
  auto* target = reinterpret_cast<std::uint8_t*>(scratch_.data());
  // swr_convert takes a pointer to const planes but does not say so in its type.
  const auto** planes = frame == nullptr ? nullptr : const_cast<const std::uint8_t**>(frame->extended_data);
  const int made = swr_convert(resampler_.get(), &target, room, planes, in_count);
  if (made < 0) return Error{ErrorCode::kInput, "cannot resample: " + av_error_text(made)};
  const std::int64_t dropped = std::min<std::int64_t>(to_drop_, made);
  to_drop_ -= dropped;
  append(scratch_.data() + dropped, made - dropped, out);
  return {};
}

void AudioTimeline::append(const float* data, std::int64_t count, std::vector<AudioBlock>& out) {
  while (count > 0) {
    const auto room = kBlockSamples - static_cast<std::int64_t>(pending_.size());
    const std::int64_t part = std::min(room, count);
    // Float files may hold anything; consumers are promised [-1, 1].
    std::transform(data, data + part, std::back_inserter(pending_),
                   [](float x) { return std::isnan(x) ? 0.0F : std::clamp(x, -1.0F, 1.0F); });
    data += part;
    count -= part;
    position_ += part;
    if (static_cast<std::int64_t>(pending_.size()) == kBlockSamples) emit(out);
  }
}

void AudioTimeline::append_silence(std::int64_t count, std::vector<AudioBlock>& out) {
  while (count > 0) {
    if (pending_.empty() && count >= kBlockSamples) {
      out.push_back({position_, silent_block()});
      position_ += kBlockSamples;
      count -= kBlockSamples;
      continue;
    }
    const std::int64_t part = std::min(kBlockSamples - static_cast<std::int64_t>(pending_.size()), count);
    append(silent_block()->data(), part, out);
    count -= part;
  }
}

void AudioTimeline::emit(std::vector<AudioBlock>& out) {
  if (pending_.empty()) return;
  const auto first = position_ - static_cast<std::int64_t>(pending_.size());
  out.push_back({first, std::make_shared<const std::vector<float>>(std::exchange(pending_, {}))});
  pending_.reserve(static_cast<std::size_t>(kBlockSamples));
}

void AudioTimeline::flush(std::vector<AudioBlock>& out) {
  drain(out);
  emit(out);
}

}  // namespace cinescribe::media
