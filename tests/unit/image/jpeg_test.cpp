#include "cinescribe/image/jpeg.h"

#include <cmath>
#include <filesystem>
#include <random>

#include "unit/image/pictures.h"
#include <gtest/gtest.h>

namespace cinescribe::image {
namespace {

using testing::bytes_of;
using testing::smooth_picture;

TEST(Jpeg, KeepsASmoothPictureNearlyAsItWas) {
  const Image picture = smooth_picture(61, 47);
  const auto encoded = encode_jpeg(picture, 95);
  ASSERT_TRUE(encoded.ok());
  const auto decoded = decode_jpeg(bytes_of(*encoded));
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  ASSERT_EQ(decoded->width, 61);
  ASSERT_EQ(decoded->height, 47);
  ASSERT_EQ(decoded->channels, 3);
  double squares = 0.0;
  for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
    const double difference = static_cast<double>(picture.pixels[i]) - decoded->pixels[i];
    squares += difference * difference;
  }
  EXPECT_LT(std::sqrt(squares / static_cast<double>(picture.pixels.size())), 3.0);
}

TEST(Jpeg, GetsSmallerWithLowerQuality) {
  const Image picture = smooth_picture(320, 200);
  EXPECT_LT(encode_jpeg(picture, 30)->size(), encode_jpeg(picture, 95)->size());
}

TEST(Jpeg, ReadsGreyAsRgb) {
  Image grey(16, 16, 1);
  for (auto& value : grey.pixels) value = 99;
  const auto decoded = decode_jpeg(bytes_of(*encode_jpeg(grey)));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->channels, 3);
  EXPECT_NEAR(decoded->pixels[0], 99, 1);
  EXPECT_EQ(decoded->pixels[0], decoded->pixels[2]);
}

TEST(Jpeg, RefusesAnEmptyPictureAndAnImpossibleQuality) {
  EXPECT_EQ(encode_jpeg(Image()).error().code, ErrorCode::kUsage);
  EXPECT_EQ(encode_jpeg(smooth_picture(8, 8), 0).error().code, ErrorCode::kUsage);
  EXPECT_EQ(encode_jpeg(smooth_picture(8, 8), 101).error().code, ErrorCode::kUsage);
}

TEST(Jpeg, RefusesWhatIsNoJpegOrCutOff) {
  EXPECT_EQ(decode_jpeg({}).error().code, ErrorCode::kInput);
  EXPECT_EQ(decode_jpeg(bytes_of("no picture at all")).error().code, ErrorCode::kInput);
  const std::string whole = *encode_jpeg(smooth_picture(64, 64));
  for (std::size_t length = 0; length + 2 < whole.size(); length += 13) {
    const std::string cut = whole.substr(0, length);
    const auto decoded = decode_jpeg(bytes_of(cut));
    ASSERT_FALSE(decoded.ok()) << length << " of " << whole.size();
    EXPECT_EQ(decoded.error().code, ErrorCode::kInput);
  }
}

TEST(Jpeg, SurvivesDamage) {
  const std::string whole = *encode_jpeg(smooth_picture(64, 64));
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    std::string hurt = whole;
    for (int hit = 0; hit < 4; ++hit) hurt[random() % hurt.size()] = static_cast<char>(random());
    (void)decode_jpeg(bytes_of(hurt));
  }
}

TEST(Jpeg, NamesTheFileThatCannotBeRead) {
  const auto missing = read_jpeg("/no/such/picture.jpg");
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().message.find("picture.jpg"), std::string::npos);
}

TEST(Jpeg, WritesAndReadsFiles) {
  const auto file = std::filesystem::temp_directory_path() / "cinescribe_jpeg_test.jpg";
  ASSERT_TRUE(write_jpeg(file, smooth_picture(32, 24)).ok());
  const auto picture = read_jpeg(file);
  std::filesystem::remove(file);
  ASSERT_TRUE(picture.ok());
  EXPECT_EQ(picture->width, 32);
}

}  // namespace
}  // namespace cinescribe::image
