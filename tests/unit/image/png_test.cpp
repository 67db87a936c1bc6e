#include "cinescribe/image/png.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "unit/image/pictures.h"
#include <gtest/gtest.h>

namespace cinescribe::image {
namespace {

using testing::bytes_of;
using testing::smooth_picture;

TEST(Png, KeepsEveryPixel) {
  for (const int width : {1, 7, 64, 333}) {
    const Image picture = smooth_picture(width, 29);
    const auto decoded = decode_png(bytes_of(*encode_png(picture)));
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    EXPECT_EQ(decoded->width, width);
    EXPECT_EQ(decoded->pixels, picture.pixels);
  }
}

TEST(Png, ReadsGreyAsRgb) {
  Image grey(3, 2, 1);
  grey.pixels = {0, 50, 100, 150, 200, 250};
  const auto decoded = decode_png(bytes_of(*encode_png(grey)));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->pixels, (std::vector<std::uint8_t>{0, 0, 0, 50, 50, 50, 100, 100, 100, 150, 150, 150, 200, 200,
                                                        200, 250, 250, 250}));
}

/// Lets ffmpeg write a 2x1 PNG of this layout from raw bytes, and reads it.
Image read_layout(const std::string& layout, const std::vector<int>& raw) {
  const auto folder = std::filesystem::temp_directory_path();
  const auto source = folder / ("cinescribe_png_" + layout + ".raw");
  const auto target = folder / ("cinescribe_png_" + layout + ".png");
  {
    std::ofstream stream(source, std::ios::binary);
    for (const int value : raw) stream.put(static_cast<char>(value));
  }
  const std::string command = "ffmpeg -nostdin -v error -y -f rawvideo -pix_fmt " + layout + " -s 2x1 -i '" +
                              source.string() + "' -pix_fmt " + layout + " '" + target.string() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  const auto picture = read_png(target);
  EXPECT_TRUE(picture.ok()) << picture.error().message;
  std::filesystem::remove(source);
  std::filesystem::remove(target);
  return picture.ok() ? *picture : Image();
}

TEST(Png, DropsTransparencyAsItIs) {
  EXPECT_EQ(read_layout("rgba", {10, 20, 30, 0, 40, 50, 60, 128}).pixels,
            (std::vector<std::uint8_t>{10, 20, 30, 40, 50, 60}));
  EXPECT_EQ(read_layout("ya8", {10, 0, 40, 128}).pixels, (std::vector<std::uint8_t>{10, 10, 10, 40, 40, 40}));
}

TEST(Png, KeepsTheUpperByteOfSixteenBits) {
  EXPECT_EQ(read_layout("rgb48be", {10, 200, 20, 200, 30, 200, 40, 200, 50, 200, 60, 200}).pixels,
            (std::vector<std::uint8_t>{10, 20, 30, 40, 50, 60}));
  EXPECT_EQ(read_layout("gray16be", {10, 255, 40, 255}).pixels, (std::vector<std::uint8_t>{10, 10, 10, 40, 40, 40}));
}

TEST(Png, RefusesWhatIsNoPngOrCutOffOrHuge) {
  EXPECT_EQ(decode_png({}).error().code, ErrorCode::kInput);
  EXPECT_EQ(decode_png(bytes_of("no picture at all")).error().code, ErrorCode::kInput);
  EXPECT_EQ(encode_png(Image()).error().code, ErrorCode::kUsage);
  const std::string whole = *encode_png(smooth_picture(64, 64));
  for (std::size_t length = 0; length + 1 < whole.size(); length += 11) {
    const std::string cut = whole.substr(0, length);
    const auto decoded = decode_png(bytes_of(cut));
    ASSERT_FALSE(decoded.ok()) << length << " of " << whole.size();
    EXPECT_EQ(decoded.error().code, ErrorCode::kInput);
  }
}

TEST(Png, SurvivesDamage) {
  const std::string whole = *encode_png(smooth_picture(64, 64));
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    std::string hurt = whole;
    for (int hit = 0; hit < 3; ++hit) hurt[random() % hurt.size()] = static_cast<char>(random());
    (void)decode_png(bytes_of(hurt));
  }
}

TEST(Png, RefusesAHeaderThatClaimsMorePixelsThanAnyonePaintedBeforeAskingForMemory) {
  std::string whole = *encode_png(smooth_picture(8, 8));
  // IHDR: width at byte 16, height at 20, checksum at 29 (of 60000 x 60000).
  const std::string header("\x00\x00\xea\x60\x00\x00\xea\x60\x08\x02\x00\x00\x00", 13);
  whole.replace(16, 13, header);
  std::uint32_t crc = 0xffffffffU;
  for (std::size_t i = 12; i < 29; ++i) {
    crc ^= static_cast<unsigned char>(whole[i]);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  crc = ~crc;
  for (std::size_t i = 0; i < 4; ++i) whole[29 + i] = static_cast<char>(crc >> (24 - 8 * i));
  const auto decoded = decode_png(bytes_of(whole));
  ASSERT_FALSE(decoded.ok());
  EXPECT_NE(decoded.error().message.find("60000x60000"), std::string::npos) << decoded.error().message;
}

}  // namespace
}  // namespace cinescribe::image
