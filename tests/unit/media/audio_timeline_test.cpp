#include "cinescribe/media/audio_timeline.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace cinescribe::media {
namespace {

constexpr double kPi = 3.14159265358979323846;

/// A block of sound whose sample i is `value(i)` on every channel.
template <typename Value>
FrameHandle block(int samples, int rate, int channels, Value value) {
  FrameHandle frame(av_frame_alloc());
  frame->nb_samples = samples;
  frame->sample_rate = rate;
  frame->format = AV_SAMPLE_FMT_FLTP;
  av_channel_layout_default(&frame->ch_layout, channels);
  EXPECT_EQ(av_frame_get_buffer(frame.get(), 0), 0);
  for (int c = 0; c < channels; ++c) {
    auto* plane = reinterpret_cast<float*>(frame->extended_data[c]);
    for (int i = 0; i < samples; ++i) plane[i] = static_cast<float>(value(i));
  }
  return frame;
}

FrameHandle tone(int samples, float level) {
  return block(samples, kAudioRateHz, 1, [level](int) { return level; });
}

Timestamp at_ms(std::int64_t value) { return Timestamp::from_ns(value * 1'000'000); }

struct Line {
  AudioTimeline timeline;
  std::vector<AudioBlock> blocks;

  void push(const FrameHandle& frame, std::optional<Timestamp> time) {
    const Status status = timeline.push(*frame, time, blocks);
    EXPECT_TRUE(status.ok()) << status.error().message;
  }
  std::vector<float> finish() {
    timeline.flush(blocks);
    std::vector<float> sound;
    for (const AudioBlock& one : blocks) {
      EXPECT_EQ(one.first_sample, static_cast<std::int64_t>(sound.size()));
      sound.insert(sound.end(), one.view().begin(), one.view().end());
    }
    return sound;
  }
};

TEST(AudioTimeline, PutsSilenceBeforeSoundThatStartsLate) {
  Line line;
  line.push(tone(1600, 0.5F), at_ms(1500));
  const auto sound = line.finish();
  ASSERT_EQ(sound.size(), 24000U + 1600U);
  EXPECT_EQ(sound[23999], 0.0F);
  EXPECT_EQ(sound[24000], 0.5F);
}

TEST(AudioTimeline, CutsWhatLiesBeforeZero) {
  Line line;
  line.push(tone(1600, 0.5F), at_ms(-150));  // 2400 samples early: all of this block and half of the next
  line.push(tone(1600, 0.25F), std::nullopt);
  const auto sound = line.finish();
  ASSERT_EQ(sound.size(), 800U);
  EXPECT_EQ(sound[0], 0.25F);
}

TEST(AudioTimeline, TakesJitterBelowFiftyMillisecondsForNothing) {
  Line line;
  for (int i = 0; i < 100; ++i) line.push(tone(1600, 0.5F), at_ms(i * 100 + (i % 3 - 1) * 20 + 20));
  const auto sound = line.finish();
  ASSERT_EQ(sound.size(), 160000U);
  for (const float sample : sound) ASSERT_EQ(sample, 0.5F);
}

TEST(AudioTimeline, FillsAHoleWithSilence) {
  Line line;
  line.push(tone(1600, 0.5F), at_ms(0));
  line.push(tone(1600, 0.25F), at_ms(300));
  const auto sound = line.finish();
  ASSERT_EQ(sound.size(), 6400U);
  EXPECT_EQ(sound[1599], 0.5F);
  EXPECT_EQ(sound[1600], 0.0F);
  EXPECT_EQ(sound[4799], 0.0F);
  EXPECT_EQ(sound[4800], 0.25F);
}

TEST(AudioTimeline, CutsSoundThatOverlapsTheLast) {
  Line line;
  line.push(tone(3200, 0.5F), at_ms(0));
  line.push(tone(3200, 0.25F), at_ms(100));
  const auto sound = line.finish();
  ASSERT_EQ(sound.size(), 4800U);
  EXPECT_EQ(sound[3199], 0.5F);
  EXPECT_EQ(sound[3200], 0.25F);
}

TEST(AudioTimeline, FollowsASlowClockOnceItIsFiftyMillisecondsBehind) {
  Line line;  // blocks of 100 ms that come every 101 ms: after 10 s the stream is 100 ms late
  for (int i = 0; i < 100; ++i) line.push(tone(1600, 0.5F), at_ms(i * 101));
  const auto sound = line.finish();
  EXPECT_NEAR(static_cast<double>(sound.size()), 161600.0, 800.0);
}

TEST(AudioTimeline, ContinuesWithoutAHoleAfterAJoinedRecordingStartsOver) {
  Line line;
  line.push(tone(16000, 0.5F), at_ms(0));
  line.push(tone(16000, 0.5F), at_ms(1000));
  line.push(tone(16000, 0.25F), at_ms(0));
  line.push(tone(16000, 0.25F), at_ms(1000));
  const auto sound = line.finish();
  ASSERT_EQ(sound.size(), 64000U);
  EXPECT_EQ(sound[32000], 0.25F);
}

TEST(AudioTimeline, DoesNotWriteDaysOfSilenceForABrokenStamp) {
  Line line;
  line.push(tone(1600, 0.5F), at_ms(0));
  line.push(tone(1600, 0.25F), at_ms(std::int64_t{30} * 86400 * 1000));
  EXPECT_EQ(line.finish().size(), 3200U);
}

TEST(AudioTimeline, ResamplesInPhaseAndMixesStereoWithoutGainingLevel) {
  constexpr int kRate = 44100;
  Line line;
  for (int start = 0; start < kRate; start += 4410) {
    line.push(block(4410, kRate, 2, [start](int i) { return 0.9 * std::sin(2 * kPi * 440.0 * (start + i) / kRate); }),
              Timestamp::from_seconds(static_cast<double>(start) / kRate));
  }
  const auto sound = line.finish();
  EXPECT_NEAR(static_cast<double>(sound.size()), 16000.0, 2.0);
  for (std::size_t i = 200; i < 15800; ++i) {
    ASSERT_NEAR(sound[i], 0.9 * std::sin(2 * kPi * 440.0 * static_cast<double>(i) / 16000.0), 2e-3) << i;
  }
}

TEST(AudioTimeline, GoesOnWhenRateAndChannelsChangeInTheMiddle) {
  Line line;
  line.push(block(48000, 48000, 2, [](int) { return 0.5; }), at_ms(0));
  line.push(block(22050, 22050, 1, [](int) { return 0.25; }), at_ms(1000));
  const auto sound = line.finish();
  EXPECT_NEAR(static_cast<double>(sound.size()), 32000.0, 4.0);
  EXPECT_NEAR(sound[8000], 0.5, 1e-3);
  EXPECT_NEAR(sound[24000], 0.25, 1e-3);
}

TEST(AudioTimeline, MixesChannelsOfUnknownMeaningAlike) {
  Line line;
  FrameHandle frame = block(1600, kAudioRateHz, 2, [](int) { return 0.5; });
  av_channel_layout_uninit(&frame->ch_layout);
  frame->ch_layout.order = AV_CHANNEL_ORDER_UNSPEC;
  frame->ch_layout.nb_channels = 2;
  line.push(frame, at_ms(0));
  const auto sound = line.finish();
  ASSERT_EQ(sound.size(), 1600U);
  EXPECT_NEAR(sound[800], 0.5, 1e-6);
}

TEST(AudioTimeline, HandsOutOnlyFiniteSamplesWithinOne) {
  Line line;
  line.push(block(1600, kAudioRateHz, 1,
                  [](int i) {
                    return i % 3 == 0   ? std::numeric_limits<double>::quiet_NaN()
                           : i % 3 == 1 ? std::numeric_limits<double>::infinity()
                                        : -7.0;
                  }),
            at_ms(0));
  for (const float sample : line.finish()) {
    ASSERT_TRUE(sample >= -1.0F && sample <= 1.0F) << sample;
  }
}

}  // namespace
}  // namespace cinescribe::media
