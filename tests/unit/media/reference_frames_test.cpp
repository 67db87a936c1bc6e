// Decoded BGR frames and their times against those that OpenCV and PySceneDetect gave for the same clips.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "unit/media/media_helpers.h"
#include <gtest/gtest.h>
#include <openssl/evp.h>

namespace cinescribe::media {
namespace {

using testing::clip;
using testing::harvest_file;

struct ReferenceFrame {
  double seconds = 0.0;
  std::string sha;
};

std::vector<ReferenceFrame> read_reference(const std::string& name) {
  const std::filesystem::path file =
      std::filesystem::path(CINESCRIBE_PARITY_DEFAULT) / "scenes" / (name + ".scores.csv");
  std::ifstream stream(file);
  std::vector<ReferenceFrame> rows;
  std::string line;
  std::getline(stream, line);
  while (std::getline(stream, line)) {
    std::vector<std::string> cells;
    std::stringstream cursor(line);
    for (std::string cell; std::getline(cursor, cell, ',');) cells.push_back(cell);
    if (cells.size() >= 4) rows.push_back({std::stod(cells[2]), cells.back().substr(0, 12)});
  }
  return rows;
}

std::string sha_of(const VideoFrame& frame) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr);
  for (int y = 0; y < frame.height; ++y) {
    EVP_DigestUpdate(digest.get(), frame.planes[0] + frame.stride_bytes[0] * y,
                     static_cast<std::size_t>(frame.width) * 3);
  }
  std::array<unsigned char, 32> bytes{};
  EVP_DigestFinal_ex(digest.get(), bytes.data(), nullptr);
  std::string text;
  for (int i = 0; i < 6; ++i) {
    std::array<char, 3> hex{};
    std::snprintf(hex.data(), hex.size(), "%02x", static_cast<unsigned>(bytes[static_cast<std::size_t>(i)]));
    text += hex.data();
  }
  return text;
}

class ReferenceFrames : public ::testing::TestWithParam<std::string> {};

TEST_P(ReferenceFrames, HaveTheSameBytesAndTimesAsOpenCvGives) {
  const auto reference = read_reference(GetParam());
  ASSERT_FALSE(reference.empty()) << "no reference for " << GetParam();
  FrameRequest request;
  request.format = FrameRequest::Format::kBgr24;
  const char* folder = std::getenv("CINESCRIBE_MEDIA_DIR");
  const auto file =
      folder == nullptr ? clip(GetParam() + ".mp4") : std::filesystem::path(folder) / (GetParam() + ".mp4");
  const auto result = harvest_file(file, &request, false);
  ASSERT_TRUE(result.status.ok()) << result.status.error().message;
  ASSERT_EQ(result.frames.size(), reference.size());
  for (std::size_t i = 0; i < reference.size(); ++i) {
    EXPECT_EQ(sha_of(result.frames[i]), reference[i].sha) << "frame " << i;
    EXPECT_NEAR(result.frames[i].time.seconds(), reference[i].seconds, 1e-6) << "frame " << i;
    EXPECT_EQ(result.frames[i].index, static_cast<std::int64_t>(i));
  }
}

INSTANTIATE_TEST_SUITE_P(Clips, ReferenceFrames,
                         ::testing::Values("cuts_23976", "fades_2997", "flashes_10fps_sar", "vfr_rotate90",
                                           "nasa_13013"),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace cinescribe::media
