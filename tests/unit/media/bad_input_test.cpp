// Files that are missing, broken, hostile or no media at all: a clear message, never a crash, a hang or a wrong
// reading.

#include <random>

#include "unit/media/media_helpers.h"
#include <gtest/gtest.h>

#include "cinescribe/media/extract.h"
#include "cinescribe/media/probe.h"

namespace cinescribe::media {
namespace {

using testing::bytes_of;
using testing::clip;
using testing::harvest_file;
using testing::make_with_ffmpeg;
using testing::ScratchFolder;

const FrameRequest kFrames;

/// Expects `probe` and `DecodePass::open` to refuse the file with kInput, naming it and `reason`.
void expect_refused(const std::filesystem::path& file, const std::string& reason) {
  const auto info = probe(file);
  ASSERT_FALSE(info.ok()) << file;
  EXPECT_EQ(info.error().code, ErrorCode::kInput);
  EXPECT_NE(info.error().message.find(reason), std::string::npos) << info.error().message;
  EXPECT_NE(info.error().message.find(file.filename().string()), std::string::npos) << info.error().message;
  EXPECT_FALSE(DecodePass::open(file).ok());
}

TEST(BadInput, RefusesWhatIsNoFile) {
  const ScratchFolder folder;
  expect_refused(folder / "missing.mp4", "no such file");
  std::filesystem::create_directory(folder / "folder");
  expect_refused(folder / "folder", "it is a folder");
}

TEST(BadInput, RefusesAnEmptyFile) {
  const ScratchFolder folder;
  expect_refused(folder.write("empty.mp4", ""), "empty (0 bytes)");
}

TEST(BadInput, RefusesTextProgramsAndPictures) {
  const ScratchFolder folder;
  expect_refused(folder.write("notes.txt", "these are words, not pictures\n"), "no video or sound file");
  expect_refused(folder.write("page.mp4", "<html><body>404 not found</body></html>\n"), "no video or sound file");
  expect_refused(make_with_ffmpeg(folder / "still.png", "-i IN/cuts_23976.mp4 -frames:v 1"), "still picture");
}

TEST(BadInput, RefusesRandomBytes) {
  const ScratchFolder folder;
  std::mt19937 random(11);
  for (int round = 0; round < 20; ++round) {
    std::string bytes(20000, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const auto file = folder.write("noise.mp4", bytes);
    const auto result = harvest_file(file, &kFrames, true);
    ASSERT_FALSE(result.status.ok());
    EXPECT_EQ(result.status.error().code, ErrorCode::kInput);
  }
}

TEST(BadInput, OpensNoOtherFileOrAddressThroughAList) {
  const ScratchFolder folder;
  const std::string target = std::filesystem::absolute(clip("cuts_23976.mp4")).string();
  expect_refused(
      folder.write("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n" + target + "\n#EXT-X-ENDLIST\n"),
      "hls");
  expect_refused(folder.write("list.mp4", "ffconcat version 1.0\nfile '" + target + "'\n"), "concat");
  expect_refused(folder.write("call.sdp",
                              "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n"
                              "a=rtpmap:96 H264/90000\n"),
                 "no video or sound file");
}

TEST(BadInput, RefusesEncryptedFilesAsSuch) {
  const ScratchFolder folder;
  const std::string key = "0123456789abcdef0123456789abcdef";
  const std::string arguments =
      " -c:a aac -c:v copy -encryption_scheme cenc-aes-ctr -encryption_key " + key + " -encryption_kid " + key + " ";
  expect_refused(make_with_ffmpeg(folder / "film.mp4", "-i IN/cuts_23976.mp4 -i IN/speech_10s.wav" + arguments),
                 "encrypted");
  expect_refused(make_with_ffmpeg(folder / "pieces.mp4",
                                  "-i IN/cuts_23976.mp4" + arguments + "-movflags +frag_keyframe+empty_moov"),
                 "encrypted");
}

TEST(BadInput, RefusesAbsurdDimensions) {
  const ScratchFolder folder;
  expect_refused(folder.write("huge.y4m", "YUV4MPEG2 W200000 H200000 F25:1 C420\nFRAME\n" + std::string(4096, 'x')),
                 "200000x200000");
  expect_refused(folder.write("wide.y4m", "YUV4MPEG2 W30000 H2 F25:1 C420\nFRAME\n" + std::string(90000, 'x')),
                 "30000x2");
}

TEST(BadInput, SaysThatAnMp4WithoutItsIndexIsIncomplete) {
  const ScratchFolder folder;
  const std::string bytes = bytes_of(clip("cuts_23976.mp4"));
  expect_refused(folder.write("half.mp4", bytes.substr(0, bytes.size() / 2)), "moov");
}

/// Decodes what is left of a file. Whatever it is, the run ends, and a failure is the input's.
void expect_survived(const std::filesystem::path& file, std::size_t most_frames) {
  const auto result = harvest_file(file, &kFrames, true);
  if (!result.status.ok()) {
    EXPECT_EQ(result.status.error().code, ErrorCode::kInput) << result.status.error().message;
  }
  EXPECT_LE(result.frames.size(), most_frames);
  EXPECT_TRUE(result.is_sound_contiguous);
  for (std::size_t i = 1; i < result.frames.size(); ++i) ASSERT_GT(result.frames[i].time, result.frames[i - 1].time);
  ProbeOptions scan;
  scan.scan = true;
  (void)probe(file, scan);
  (void)extract_frames(file, {Timestamp::from_seconds(5), Timestamp::from_seconds(1)}, 64, {}, {},
                       [](ExtractedFrame&&) { return Status(); });
}

class OddContainer : public ::testing::TestWithParam<const char*> {
 protected:
  std::string make() {
    return bytes_of(make_with_ffmpeg(folder_ / (std::string("whole.") + GetParam()),
                                     "-t 3 -i IN/cuts_23976.mp4 -t 3 -i IN/speech_10s.wav -c:v libx264 -preset "
                                     "ultrafast -g 12 -c:a libmp3lame -ar 44100 "
                                     "-movflags +faststart"));
  }
  ScratchFolder folder_;
};

TEST_P(OddContainer, EndsWhereItsDataEndsWhenCutAnywhere) {
  const std::string bytes = make();
  for (std::size_t step = 0; step < 24; ++step) {
    // Every byte of the header's start, then all over the file.
    const std::size_t length = step < 8 ? 1 + step * 37 : bytes.size() * (step - 7) / 17;
    expect_survived(folder_.write(std::string("cut.") + GetParam(), bytes.substr(0, length)), 73);
  }
  const auto half =
      harvest_file(folder_.write(std::string("half.") + GetParam(), bytes.substr(0, bytes.size() / 2)), &kFrames, true);
  EXPECT_TRUE(half.status.ok());
  EXPECT_GT(half.frames.size(), 10U);
  EXPECT_LT(half.frames.size(), 72U);
}

TEST_P(OddContainer, SkipsDamagedPacketsAndCountsThem) {
  const std::string bytes = make();
  std::mt19937 random(5);
  std::int64_t damaged = 0;
  for (int round = 0; round < 12; ++round) {
    std::string hurt = bytes;
    for (int hit = 0; hit < 1 << (round / 2 + 2); ++hit) hurt[random() % hurt.size()] = static_cast<char>(random());
    const auto file = folder_.write(std::string("hurt.") + GetParam(), hurt);
    expect_survived(file, 2000);
    damaged += harvest_file(file, &kFrames, true).damaged;
  }
  EXPECT_GT(damaged, 0);
}

INSTANTIATE_TEST_SUITE_P(Containers, OddContainer, ::testing::Values("mp4", "mkv", "ts", "avi", "flv"),
                         [](const auto& one) { return std::string(one.param); });

TEST(BadInput, DecodesFilesWithOnlySoundOrOnlyPictures) {
  const auto sound = harvest_file(clip("speech_10s.wav"), &kFrames, true);
  EXPECT_TRUE(sound.status.ok());
  EXPECT_TRUE(sound.frames.empty());
  EXPECT_EQ(sound.sound.size(), 160000U);
  EXPECT_EQ(sound.end, Timestamp::from_seconds(10));
  const auto pictures = harvest_file(clip("cuts_23976.mp4"), &kFrames, true);
  EXPECT_TRUE(pictures.status.ok());
  EXPECT_EQ(pictures.frames.size(), 183U);
  EXPECT_TRUE(pictures.sound.empty());
}

}  // namespace
}  // namespace cinescribe::media
