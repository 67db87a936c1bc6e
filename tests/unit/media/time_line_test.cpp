// Picture and sound on one time line, over containers that start late, early or in the middle.

#include <cmath>

#include "unit/media/media_helpers.h"
#include <gtest/gtest.h>

namespace cinescribe::media {
namespace {

using testing::clip;
using testing::Harvest;
using testing::harvest_file;
using testing::make_with_ffmpeg;
using testing::ScratchFolder;

const FrameRequest kFrames;

/// Sound of the plain file: 10 s of speech.
const std::vector<float>& speech() {
  static const std::vector<float> kSound = harvest_file(clip("speech_10s.wav"), nullptr, true).sound;
  return kSound;
}

/// Similarity of `sound` at `offset` with the speech at `from`, 1 = the same up to level.
double likeness(const std::vector<float>& sound, std::size_t offset, std::size_t from, std::size_t count) {
  double product = 0.0;
  double left = 0.0;
  double right = 0.0;
  for (std::size_t i = 0; i < count && offset + i < sound.size() && from + i < speech().size(); ++i) {
    const double a = sound[offset + i];
    const double b = speech()[from + i];
    product += a * b;
    left += a * a;
    right += b * b;
  }
  return product / std::sqrt(left * right + 1e-12);
}

TEST(TimeLine, GivesSoundFilesFromTheirFirstSample) {
  ASSERT_EQ(speech().size(), 160000U);
  const std::string bytes = testing::bytes_of(clip("speech_10s.wav"));
  const auto header = bytes.size() - 320000;
  for (const std::size_t i : {std::size_t{0}, std::size_t{8000}, std::size_t{77777}, std::size_t{159999}}) {
    const auto low = static_cast<unsigned char>(bytes[header + 2 * i]);
    const auto high = static_cast<signed char>(bytes[header + 2 * i + 1]);
    EXPECT_FLOAT_EQ(speech()[i], static_cast<float>(high * 256 + low) / 32768.0F) << i;
  }
}

TEST(TimeLine, PutsSoundThatStartsLateBehindSilence) {
  const ScratchFolder folder;
  const auto file = make_with_ffmpeg(
      folder / "late_sound.mkv", "-itsoffset 1.5 -i IN/speech_10s.wav -i IN/cuts_23976.mp4 -map 1:v -map 0:a -c copy");
  for (const FrameRequest* frames : {&kFrames, static_cast<const FrameRequest*>(nullptr)}) {
    const Harvest result = harvest_file(file, frames, true);
    ASSERT_TRUE(result.status.ok());
    ASSERT_EQ(result.sound.size(), 24000U + 160000U);
    EXPECT_EQ(std::vector<float>(result.sound.begin() + 24000, result.sound.end()), speech());
    EXPECT_TRUE(result.is_sound_contiguous);
  }
}

TEST(TimeLine, CutsSoundBeforeTheFirstPictureInEveryKindOfRun) {
  const ScratchFolder folder;
  const auto file =
      make_with_ffmpeg(folder / "late_picture.mkv",
                       "-i IN/speech_10s.wav -itsoffset 1.5 -i IN/cuts_23976.mp4 -map 1:v -map 0:a -c copy");
  for (const FrameRequest* frames : {&kFrames, static_cast<const FrameRequest*>(nullptr)}) {
    const Harvest result = harvest_file(file, frames, true);
    ASSERT_TRUE(result.status.ok());
    ASSERT_EQ(result.sound.size(), 160000U - 24000U);
    EXPECT_EQ(result.sound, std::vector<float>(speech().begin() + 24000, speech().end()));
    if (frames != nullptr) {
      ASSERT_EQ(result.frames.size(), 183U);
      EXPECT_EQ(result.frames[0].time, Timestamp());
      EXPECT_EQ(result.frames[48].time, Timestamp::from_seconds(2.002));
    }
  }
}

TEST(TimeLine, StartsAtZeroInTransportStreamsWithTheSoundInPlace) {
  const ScratchFolder folder;
  const auto file = make_with_ffmpeg(
      folder / "stream.ts", "-i IN/cuts_23976.mp4 -i IN/speech_10s.wav -map 0:v -map 1:a -c:v copy -c:a mp2 -b:a 160k");
  const Harvest result = harvest_file(file, &kFrames, true);
  ASSERT_TRUE(result.status.ok());
  ASSERT_EQ(result.frames.size(), 183U);
  EXPECT_EQ(result.frames[0].time, Timestamp());
  EXPECT_NEAR(result.frames[48].time.seconds(), 2.002, 2e-5);
  std::size_t best = 0;
  double best_likeness = 0.0;
  for (std::size_t shift = 0; shift < 3200; ++shift) {
    const double value = likeness(result.sound, 32000 - 1600 + shift, 32000, 16000);
    if (value > best_likeness) {
      best_likeness = value;
      best = shift;
    }
  }
  EXPECT_GT(best_likeness, 0.98);
  EXPECT_NEAR(static_cast<double>(best), 1600.0, 500.0);  // within the encoder's delay of 481 samples
}

TEST(TimeLine, KeepsCompressedSoundOnItsSampleInMp4) {
  const ScratchFolder folder;
  const auto file = make_with_ffmpeg(
      folder / "late.mp4",
      "-itsoffset 1.5 -i IN/speech_10s.wav -i IN/cuts_23976.mp4 -map 1:v -map 0:a -c:v copy -c:a aac -b:a 96k");
  const Harvest result = harvest_file(file, nullptr, true);
  ASSERT_TRUE(result.status.ok());
  EXPECT_GT(likeness(result.sound, 24000 + 16000, 16000, 48000), 0.97);
  EXPECT_LT(std::abs(result.sound[20000]), 1e-3);
}

TEST(TimeLine, StartsAtTheFirstShownPictureOfAnEditList) {
  const ScratchFolder folder;  // cut inside a group of pictures: the packets before 2.3 s are there but not shown
  const auto file = make_with_ffmpeg(folder / "cut.mp4", "-ss 2.3 -i IN/cuts_23976.mp4 -c copy");
  const Harvest whole = harvest_file(clip("cuts_23976.mp4"), &kFrames, false);
  const Harvest cut = harvest_file(file, &kFrames, false);
  ASSERT_TRUE(cut.status.ok());
  ASSERT_FALSE(cut.frames.empty());
  EXPECT_EQ(cut.frames[0].time, Timestamp());
  EXPECT_LT(cut.frames.size(), whole.frames.size());
  const std::size_t skipped = whole.frames.size() - cut.frames.size();
  for (std::size_t i = 1; i < cut.frames.size(); ++i) {
    EXPECT_NEAR(cut.frames[i].time.seconds(), (whole.frames[skipped + i].time - whole.frames[skipped].time).seconds(),
                1e-3);
  }
}

TEST(TimeLine, KeepsPicturesAndSoundTogetherInJoinedRecordings) {
  const ScratchFolder folder;
  const auto part = make_with_ffmpeg(folder / "part.ts",
                                     "-t 3 -i IN/cuts_23976.mp4 -t 3 -i IN/speech_10s.wav -map 0:v "
                                     "-map 1:a -c:v copy -c:a mp2 -shortest");
  const std::string bytes = testing::bytes_of(part);
  const auto file = folder.write("joined.ts", bytes + bytes);
  const Harvest single = harvest_file(part, &kFrames, true);
  const Harvest joined = harvest_file(file, &kFrames, true);
  ASSERT_TRUE(joined.status.ok());
  EXPECT_EQ(joined.frames.size(), 2 * single.frames.size());
  for (std::size_t i = 1; i < joined.frames.size(); ++i) {
    ASSERT_GT(joined.frames[i].time, joined.frames[i - 1].time);
    ASSERT_LT((joined.frames[i].time - joined.frames[i - 1].time).seconds(), 0.2) << i;
  }
  EXPECT_NEAR(static_cast<double>(joined.sound.size()), 2.0 * static_cast<double>(single.sound.size()), 3200.0);
}

}  // namespace
}  // namespace cinescribe::media
