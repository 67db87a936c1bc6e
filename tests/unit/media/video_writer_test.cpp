#include "cinescribe/media/video_writer.h"

#include <thread>

#include "support/scratch_folder.h"
#include <gtest/gtest.h>

#include "cinescribe/media/decode_pass.h"

namespace cinescribe::media {
namespace {

Image plain(int width, int height, std::uint8_t level) {
  Image picture(width, height, 3);
  for (auto& value : picture.pixels) value = level;
  return picture;
}

std::vector<VideoFrame> read_back(const std::filesystem::path& file) {
  auto pass = DecodePass::open(file);
  EXPECT_TRUE(pass.ok()) << pass.error().message;
  if (!pass.ok()) return {};
  FrameRequest request;
  request.format = FrameRequest::Format::kRgb24;
  request.queue_frames = 64;
  auto& source = (*pass)->add_frames(request);
  EXPECT_TRUE((*pass)->run({}).ok());
  std::vector<VideoFrame> frames;
  while (auto frame = source.pop()) frames.push_back(*std::move(frame));
  return frames;
}

TEST(VideoWriter, WritesPicturesThatReadBackAtTheirTimes) {
  test::ScratchFolder folder;
  for (const char* name : {"a.mp4", "a.mkv"}) {
    auto writer = VideoWriter::create(folder / name, {.width = 65, .height = 49, .frame_rate = {25, 1}, .threads = 1});
    ASSERT_TRUE(writer.ok()) << writer.error().message;
    const double times[] = {0.0, 0.04, 0.08, 0.5, 0.54};
    for (std::size_t i = 0; i < 5; ++i) {
      const auto level = static_cast<std::uint8_t>(40 * (i + 1));
      ASSERT_TRUE((*writer)->add(plain(65, 49, level), Timestamp::from_seconds(times[i])).ok());
      ASSERT_TRUE((*writer)->add(plain(65, 49, 0), Timestamp::from_seconds(times[i])).ok());  // Too late: dropped.
    }
    ASSERT_TRUE((*writer)->finish().ok());
    const auto frames = read_back(folder / name);
    ASSERT_EQ(frames.size(), 5U) << name;
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_EQ(frames[i].width, 64);  // The odd column and row are cut off.
      EXPECT_EQ(frames[i].height, 48);
      EXPECT_NEAR(frames[i].time.seconds(), times[i], 0.0011) << name;
      EXPECT_NEAR(frames[i].planes[0][0], 40 * (static_cast<int>(i) + 1), 12) << name;
    }
  }
}

TEST(VideoWriter, SaysWhyItCannotWrite) {
  test::ScratchFolder folder;
  const auto code = [&](const std::filesystem::path& file, int width) {
    const auto writer = VideoWriter::create(file, {.width = width, .height = 48});
    EXPECT_FALSE(writer.ok()) << file;
    return writer.ok() ? ErrorCode::kInternal : writer.error().code;
  };
  EXPECT_EQ(code(folder / "a.unknown", 64), ErrorCode::kUsage);
  EXPECT_EQ(code(folder / "a.mp4", 1), ErrorCode::kUsage);
  EXPECT_EQ(code(folder / "no" / "folder" / "a.mp4", 64), ErrorCode::kResource);
  auto writer = VideoWriter::create(folder / "a.mp4", {.width = 64, .height = 48});
  ASSERT_TRUE(writer.ok());
  EXPECT_EQ((*writer)->add(plain(32, 48, 9), Timestamp()).error().code, ErrorCode::kUsage);
}

}  // namespace
}  // namespace cinescribe::media
