#include "cinescribe/media/probe.h"

#include "unit/media/media_helpers.h"
#include <gtest/gtest.h>

namespace cinescribe::media {
namespace {

using testing::clip;
using testing::make_with_ffmpeg;
using testing::ScratchFolder;

MediaInfo facts(const std::filesystem::path& file, bool scan = false) {
  ProbeOptions options;
  options.scan = scan;
  const auto info = probe(file, options);
  EXPECT_TRUE(info.ok()) << info.error().message;
  return info.ok() ? *info : MediaInfo();
}

TEST(Probe, ReadsSizeRateAndDurationFromTheHeader) {
  const MediaInfo info = facts(clip("cuts_23976.mp4"));
  ASSERT_EQ(info.video.size(), 1U);
  const VideoStream& video = info.video[0];
  EXPECT_EQ(info.format, "mov,mp4,m4a,3gp,3g2,mj2");
  EXPECT_EQ(info.size_bytes, 120005U);
  EXPECT_EQ(video.codec, "h264");
  EXPECT_EQ(video.pixel_format, "yuv420p");
  EXPECT_EQ(video.coded_width, 320);
  EXPECT_EQ(video.coded_height, 180);
  EXPECT_EQ(video.average_rate, (Rational{24000, 1001}));
  EXPECT_FALSE(video.is_variable_rate);
  EXPECT_EQ(video.frames_from_header, 183);
  EXPECT_NEAR(info.duration().seconds(), 183 * 1001 / 24000.0, 1e-3);
  EXPECT_TRUE(info.audio.empty());
}

TEST(Probe, ScansForExactCountsAndDurations) {
  const MediaInfo info = facts(clip("cuts_23976.mp4"), true);
  EXPECT_EQ(info.video.at(0).frames_from_scan, 183);
  EXPECT_NEAR(info.video.at(0).duration_from_scan->seconds(), 183 * 1001 / 24000.0, 1e-6);
  EXPECT_NEAR(info.duration_from_scan->seconds(), 183 * 1001 / 24000.0, 1e-6);
  EXPECT_FALSE(info.video.at(0).is_variable_rate);
}

TEST(Probe, TellsRotationDisplaySizeAndVariableRate) {
  for (const bool scan : {false, true}) {
    const MediaInfo info = facts(clip("vfr_rotate90.mp4"), scan);
    const VideoStream& video = info.video.at(0);
    EXPECT_EQ(video.display_width, 192);
    EXPECT_EQ(video.display_height, 320);
    EXPECT_EQ(video.rotation_degrees % 180, 90);
    EXPECT_TRUE(video.is_variable_rate);
  }
}

TEST(Probe, CountsTheLastPictureToo) {
  const MediaInfo info = facts(clip("vfr_rotate90.mp4"), true);  // its last packet claims to last 0 s, from 4.92 s on
  EXPECT_GT(info.duration_from_scan->seconds(), 4.92 + 0.04);
}

TEST(Probe, TellsTheSampleAspect) {
  const VideoStream video = facts(clip("flashes_10fps_sar.mp4")).video.at(0);
  EXPECT_EQ(video.sample_aspect, (Rational{4, 3}));
  EXPECT_EQ(video.display_width, 320);
  EXPECT_EQ(video.display_height, 180);
}

TEST(Probe, CountsPicturesAndSoundOnlyForTheDuration) {
  const MediaInfo info = facts(clip("nasa_13013.mp4"));  // its text tracks last 16.57 s
  EXPECT_EQ(info.video.size(), 2U);
  EXPECT_EQ(info.audio.size(), 2U);
  EXPECT_EQ(info.audio[0].rate_hz, 8000);
  EXPECT_NEAR(info.duration().seconds(), 13.056, 1e-6);
}

TEST(Probe, ReadsSoundFiles) {
  const MediaInfo info = facts(clip("speech_10s.wav"), true);
  EXPECT_TRUE(info.video.empty());
  ASSERT_EQ(info.audio.size(), 1U);
  EXPECT_EQ(info.audio[0].rate_hz, 16000);
  EXPECT_EQ(info.audio[0].channels, 1);
  EXPECT_NEAR(info.duration().seconds(), 10.0, 1e-6);
}

TEST(Probe, TakesCoverArtForNoVideo) {
  const ScratchFolder folder;
  const auto cover = make_with_ffmpeg(folder / "cover.jpg", "-i IN/cuts_23976.mp4 -frames:v 1");
  const auto file = make_with_ffmpeg(folder / "song.m4a", "-i IN/speech_10s.wav -i '" + cover.string() +
                                                              "' -map 0 -map 1 -c:a aac -c:v copy -disposition:v "
                                                              "attached_pic");
  const MediaInfo info = facts(file);
  EXPECT_TRUE(info.video.empty());
  EXPECT_EQ(info.audio.size(), 1U);
}

TEST(Probe, CountsTheFramesOfARawStreamWithoutTimes) {
  const ScratchFolder folder;
  const MediaInfo info = facts(make_with_ffmpeg(folder / "raw.h264", "-i IN/cuts_23976.mp4 -c copy"), true);
  EXPECT_EQ(info.video.at(0).frames_from_scan, 183);
  EXPECT_NEAR(info.duration().seconds(), 183 * 1001 / 24000.0, 0.01);
}

TEST(Probe, TakesMillisecondRoundingForAConstantRate) {
  const ScratchFolder folder;
  const auto file = make_with_ffmpeg(folder / "ms.mkv", "-i IN/fades_2997.mp4 -c copy");
  EXPECT_FALSE(facts(file, true).video.at(0).is_variable_rate);
}

}  // namespace
}  // namespace cinescribe::media
