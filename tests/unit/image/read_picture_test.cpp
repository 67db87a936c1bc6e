#include "cinescribe/image/read_picture.h"

#include "support/scratch_folder.h"
#include <gtest/gtest.h>

#include "cinescribe/image/jpeg.h"
#include "cinescribe/image/png.h"

namespace cinescribe::image {
namespace {

TEST(ReadPicture, TheContentDecidesNotTheName) {
  const test::ScratchFolder folder;
  Image picture(3, 2, 3);
  for (std::size_t i = 0; i < picture.pixels.size(); ++i) picture.pixels[i] = static_cast<std::uint8_t>(10 * i);
  ASSERT_TRUE(write_png(folder / "picture.jpg", picture).ok());
  const auto png = read_picture(folder / "picture.jpg");
  ASSERT_TRUE(png.ok()) << png.error().message;
  EXPECT_EQ(png->pixels, picture.pixels);
  ASSERT_TRUE(write_jpeg(folder / "picture", picture).ok());
  const auto jpeg = read_picture(folder / "picture");
  ASSERT_TRUE(jpeg.ok()) << jpeg.error().message;
  EXPECT_EQ(jpeg->width, 3);
  EXPECT_EQ(jpeg->height, 2);
}

TEST(ReadPicture, WhatIsNoPictureIsNamed) {
  const test::ScratchFolder folder;
  test::write_bytes(folder / "notes.png", "not a picture");
  test::write_bytes(folder / "cut.png", "\x89PNG");
  test::write_bytes(folder / "empty.jpg", "");
  for (const char* name : {"notes.png", "cut.png", "empty.jpg", "missing.png"}) {
    const auto read = read_picture(folder / name);
    ASSERT_FALSE(read.ok()) << name;
    EXPECT_EQ(read.error().code, ErrorCode::kInput);
    EXPECT_NE(read.error().message.find(name), std::string::npos) << read.error().message;
  }
}

}  // namespace
}  // namespace cinescribe::image
