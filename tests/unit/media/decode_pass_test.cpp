#include "cinescribe/media/decode_pass.h"

#include "unit/media/media_helpers.h"
#include <gtest/gtest.h>

namespace cinescribe::media {
namespace {

using testing::clip;
using testing::harvest_file;

std::unique_ptr<DecodePass> open(const std::string& name, const DecodeOptions& options = {}) {
  auto pass = DecodePass::open(clip(name), options);
  EXPECT_TRUE(pass.ok()) << pass.error().message;
  return pass.ok() ? *std::move(pass) : nullptr;
}

TEST(DecodePass, HandsTheDecodersPlanesToEveryConsumerWithoutACopy) {
  const auto pass = open("cuts_23976.mp4");
  FrameRequest request;
  request.queue_frames = 256;
  FrameSource& one = pass->add_frames(request);
  FrameSource& other = pass->add_frames(request);
  ASSERT_TRUE(pass->run({}).ok());
  int frames = 0;
  while (const auto a = one.pop()) {
    const auto b = other.pop();
    ASSERT_TRUE(b.has_value());
    EXPECT_EQ(a->format, PixelFormat::kYuv420p);
    EXPECT_EQ(a->planes, b->planes);
    EXPECT_EQ(a->owner, b->owner);
    ++frames;
  }
  EXPECT_EQ(frames, 183);
  EXPECT_EQ(pass->frames_decoded(), 183);
  EXPECT_EQ(pass->damaged_packets(), 0);
}

TEST(DecodePass, ConvertsWherePlanesAreTurned) {
  const FrameRequest request;
  const auto result = harvest_file(clip("vfr_rotate90.mp4"), &request, false);
  ASSERT_FALSE(result.frames.empty());
  EXPECT_EQ(result.frames[0].format, PixelFormat::kBgr24);
}

TEST(DecodePass, PlanesSayTheirMatrix) {
  const FrameRequest request;
  const auto low = harvest_file(clip("cuts_23976.mp4"), &request, false);
  EXPECT_EQ(low.frames.at(0).yuv, YuvMatrix());
  const auto high = harvest_file(clip("nasa_13013.mp4"), &request, false);  // BT.709
  EXPECT_EQ(high.frames.at(0).format, PixelFormat::kYuv420p);
  EXPECT_EQ(high.frames.at(0).yuv, (YuvMatrix{128, 9539, 14686, -1747, -4366, 17305}));
}

TEST(DecodePass, GivesEachFrameItsExactTimeAndTheDurationUntilTheNext) {
  const FrameRequest request;
  const auto result = harvest_file(clip("vfr_rotate90.mp4"), &request, false);
  ASSERT_EQ(result.frames.size(), 106U);
  EXPECT_EQ(result.frames[0].time, Timestamp());
  EXPECT_EQ(result.frames[1].time, Timestamp::from_seconds(0.1));
  for (std::size_t i = 1; i < result.frames.size(); ++i) {
    EXPECT_EQ(result.frames[i - 1].time + result.frames[i - 1].duration, result.frames[i].time);
  }
  EXPECT_EQ(result.end, result.frames.back().time + result.frames.back().duration);
}

TEST(DecodePass, TurnsStretchesAndScalesAsAsked) {
  FrameRequest request;
  request.format = FrameRequest::Format::kRgb24;
  request.square_pixels = true;
  const auto wide = harvest_file(clip("flashes_10fps_sar.mp4"), &request, false);
  EXPECT_EQ(wide.frames.at(0).width, 320);
  EXPECT_EQ(wide.frames.at(0).height, 180);
  EXPECT_EQ(wide.frames.at(0).format, PixelFormat::kRgb24);
  request.short_side_px = 96;
  const auto turned = harvest_file(clip("vfr_rotate90.mp4"), &request, false);
  EXPECT_EQ(turned.frames.at(0).width, 96);
  EXPECT_EQ(turned.frames.at(0).height, 160);
}

TEST(DecodePass, GivesOnlyTheFramesThatWereAskedFor) {
  FrameRequest every_fourth;
  every_fourth.every_nth = 4;
  const auto sparse = harvest_file(clip("cuts_23976.mp4"), &every_fourth, false);
  ASSERT_EQ(sparse.frames.size(), 46U);
  EXPECT_EQ(sparse.frames[1].index, 4);
  FrameRequest every_second;
  every_second.every = Duration::from_ms(1000);
  const auto slow = harvest_file(clip("cuts_23976.mp4"), &every_second, false);
  ASSERT_EQ(slow.frames.size(), 8U);
  EXPECT_EQ(slow.frames[1].index, 24);  // 1.001 s: the first at or after 1 s
  EXPECT_EQ(slow.frames[7].index, 168);
}

TEST(DecodePass, GoesOnForTheOthersWhenOneConsumerLeaves) {
  const auto pass = open("cuts_23976.mp4");
  FrameRequest request;
  request.queue_frames = 2;
  FrameSource& leaver = pass->add_frames(request);
  FrameSource& stayer = pass->add_frames(request);
  Status status;
  std::thread runner([&] { status = pass->run({}); });
  EXPECT_TRUE(leaver.pop().has_value());
  leaver.cancel();
  int frames = 0;
  while (stayer.pop()) ++frames;
  runner.join();
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(frames, 183);
}

TEST(DecodePass, StopsReadingWhenNobodyListensAnyMore) {
  const auto pass = open("cuts_23976.mp4");
  FrameRequest request;
  request.queue_frames = 1;
  FrameSource& source = pass->add_frames(request);
  Status status;
  std::thread runner([&] { status = pass->run({}); });
  EXPECT_TRUE(source.pop().has_value());
  source.cancel();
  runner.join();
  EXPECT_TRUE(status.ok());
  EXPECT_LT(pass->frames_decoded(), 183);
  EXPECT_FALSE(source.pop().has_value());
}

TEST(DecodePass, EndsAtAStopRequestAlsoWhileItWaitsForAConsumer) {
  const auto pass = open("cuts_23976.mp4");
  FrameRequest request;
  request.queue_frames = 1;
  FrameSource& source = pass->add_frames(request);
  std::stop_source stop;
  Status status;
  std::thread runner([&] { status = pass->run(stop.get_token()); });
  EXPECT_TRUE(source.pop().has_value());
  stop.request_stop();
  runner.join();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInterrupted);
  while (source.pop()) {
  }
}

TEST(DecodePass, TakesTheFirstStreamsUnlessTold) {
  const FrameRequest request;
  const auto first = harvest_file(clip("nasa_13013.mp4"), &request, true);
  EXPECT_EQ(first.frames.size(), 325U);
  EXPECT_EQ(first.frames.at(0).width, 320);
  EXPECT_NEAR(static_cast<double>(first.sound.size()), 13.056 * 16000, 16.0);
  DecodeOptions second;
  second.video_track = 1;
  second.audio_track = 1;
  const auto other = harvest_file(clip("nasa_13013.mp4"), &request, true, second);
  EXPECT_EQ(other.frames.size(), 390U);
  EXPECT_EQ(other.frames.at(0).width, 480);
  EXPECT_NE(other.sound, first.sound);
}

TEST(DecodePass, NamesTheTracksThatAreThereWhenOneIsMissing) {
  DecodeOptions options;
  options.audio_track = 5;
  const auto pass = DecodePass::open(clip("nasa_13013.mp4"), options);
  ASSERT_FALSE(pass.ok());
  EXPECT_EQ(pass.error().code, ErrorCode::kUsage);
  EXPECT_NE(pass.error().message.find("audio track 1: aac 16000 Hz"), std::string::npos) << pass.error().message;
}

TEST(DecodePass, DecodesInSoftwareWhereTheDeviceIsNotThere) {
  const FrameRequest request;
  for (const char* device : {"auto", "no-such-device"}) {
    DecodeOptions options;
    options.hardware = device;
    const auto result = harvest_file(clip("cuts_23976.mp4"), &request, false, options);
    EXPECT_TRUE(result.status.ok());
    EXPECT_EQ(result.frames.size(), 183U) << device;
  }
}

TEST(DecodePass, EndsAtOnceWithoutConsumers) {
  const auto pass = open("cuts_23976.mp4");
  EXPECT_TRUE(pass->run({}).ok());
  EXPECT_EQ(pass->frames_decoded(), 0);
}

}  // namespace
}  // namespace cinescribe::media
