#include "cinescribe/media/extract.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "unit/media/media_helpers.h"
#include <gtest/gtest.h>

namespace cinescribe::media {
namespace {

using testing::clip;
using testing::Harvest;
using testing::harvest_file;
using testing::make_with_ffmpeg;
using testing::ScratchFolder;

std::vector<ExtractedFrame> extract(const std::filesystem::path& file, const std::vector<Timestamp>& times,
                                    int short_side_px = 0) {
  std::vector<ExtractedFrame> frames;
  const Status status = extract_frames(file, times, short_side_px, {}, {}, [&](ExtractedFrame&& frame) {
    frames.push_back(std::move(frame));
    return Status();
  });
  EXPECT_TRUE(status.ok()) << status.error().message;
  return frames;
}

Harvest decode_all(const std::filesystem::path& file) {
  FrameRequest request;
  request.format = FrameRequest::Format::kRgb24;
  request.square_pixels = true;
  return harvest_file(file, &request, false);
}

bool has_same_pixels(const Image& picture, const VideoFrame& frame) {
  if (picture.width != frame.width || picture.height != frame.height) return false;
  for (int y = 0; y < picture.height; ++y) {
    if (std::memcmp(picture.row(y), frame.planes[0] + frame.stride_bytes[0] * y, picture.stride_bytes()) != 0) {
      return false;
    }
  }
  return true;
}

/// Asks for every frame, at its time and a little after it, in a shuffled order, and compares with a full decode.
void expect_every_frame(const std::filesystem::path& file) {
  const Harvest all = decode_all(file);
  ASSERT_GT(all.frames.size(), 10U) << file;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < all.frames.size(); ++i) order.push_back(i);
  std::shuffle(order.begin(), order.end(), std::mt19937(7));
  order.resize(std::min<std::size_t>(order.size(), 80));
  std::vector<Timestamp> times;
  for (const std::size_t i : order) {
    times.push_back(i % 2 == 0 ? all.frames[i].time : all.frames[i].time + all.frames[i].duration / 2);
  }
  const auto frames = extract(file, times);
  ASSERT_EQ(frames.size(), order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    EXPECT_EQ(frames[i].requested, times[i]);
    EXPECT_EQ(frames[i].time, all.frames[order[i]].time) << file << " frame " << order[i];
    EXPECT_TRUE(has_same_pixels(frames[i].picture, all.frames[order[i]])) << file << " frame " << order[i];
  }
}

TEST(ExtractFrames, GivesTheFrameOnScreenWithBFramesAndOpenGroups) { expect_every_frame(clip("cuts_23976.mp4")); }

TEST(ExtractFrames, GivesTheFrameOnScreenAtAVariableRateTurned) { expect_every_frame(clip("vfr_rotate90.mp4")); }

TEST(ExtractFrames, StretchesToSquarePixels) { expect_every_frame(clip("flashes_10fps_sar.mp4")); }

TEST(ExtractFrames, GivesTheSameInEveryContainer) {
  const ScratchFolder folder;
  // Short groups with B-frames before each keyframe's time, so that seeks land all over the file.
  const std::string encode = "-i IN/fades_2997.mp4 -c:v libx264 -preset ultrafast -g 24 -bf 2 -x264-params open-gop=1 ";
  for (const char* name : {"a.mkv", "a.mp4", "a.ts", "a.mov", "a.flv"}) {
    expect_every_frame(make_with_ffmpeg(folder / name, encode));
  }
  expect_every_frame(make_with_ffmpeg(folder / "a.avi", "-i IN/fades_2997.mp4 -c:v mpeg4 -bf 2 -g 24"));
  expect_every_frame(make_with_ffmpeg(folder / "a.mpg", "-i IN/fades_2997.mp4 -c:v mpeg2video -bf 2 -g 24"));
}

TEST(ExtractFrames, DecodesOnWhereTheStreamHasNoTimes) {
  const ScratchFolder folder;
  expect_every_frame(make_with_ffmpeg(folder / "a.h264", "-i IN/cuts_23976.mp4 -c copy"));
}

TEST(ExtractFrames, GivesTheLastFrameAtAndAfterTheEnd) {
  const auto frames = extract(clip("cuts_23976.mp4"), {Timestamp::from_seconds(1e6), Timestamp::from_seconds(7.7)});
  ASSERT_EQ(frames.size(), 2U);
  for (const auto& frame : frames) EXPECT_NEAR(frame.time.seconds(), 182 * 1001 / 24000.0, 1e-6);
}

TEST(ExtractFrames, KeepsTheOrderAndTheDuplicatesOfTheRequest) {
  const std::vector<Timestamp> times = {Timestamp::from_seconds(5), Timestamp::from_seconds(1),
                                        Timestamp::from_seconds(5), Timestamp::from_seconds(3)};
  const auto frames = extract(clip("cuts_23976.mp4"), times);
  ASSERT_EQ(frames.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(frames[i].requested, times[i]);
  EXPECT_EQ(frames[0].picture.pixels, frames[2].picture.pixels);
  EXPECT_LT(frames[1].time, frames[3].time);
}

TEST(ExtractFrames, ScalesToTheShorterSide) {
  const auto frames = extract(clip("vfr_rotate90.mp4"), {Timestamp()}, 96);
  EXPECT_EQ(frames.at(0).picture.width, 96);
  EXPECT_EQ(frames.at(0).picture.height, 160);
}

TEST(ExtractFrames, GivesTheLastFrameThatIsLeftOfACutOffFile) {
  const ScratchFolder folder;
  const auto whole = make_with_ffmpeg(folder / "whole.mp4", "-i IN/cuts_23976.mp4 -c copy -movflags +faststart");
  const std::string bytes = testing::bytes_of(whole);
  const auto file = folder.write("half.mp4", bytes.substr(0, bytes.size() / 2));
  const auto all = decode_all(file);
  ASSERT_FALSE(all.frames.empty());
  const auto frames = extract(file, {Timestamp::from_seconds(7.0)});
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].time, all.frames.back().time);
}

TEST(ExtractFrames, PassesOnWhatTheSinkReturns) {
  const Status status = extract_frames(clip("cuts_23976.mp4"), {Timestamp()}, 0, {}, {}, [](ExtractedFrame&&) {
    return Status(Error{ErrorCode::kResource, "the disk is full"});
  });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kResource);
}

TEST(ExtractFrames, SaysThatASoundFileHasNoVideo) {
  const Status status =
      extract_frames(clip("speech_10s.wav"), {Timestamp()}, 0, {}, {}, [](ExtractedFrame&&) { return Status(); });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInput);
  EXPECT_NE(status.error().message.find("no video"), std::string::npos);
}

}  // namespace
}  // namespace cinescribe::media
