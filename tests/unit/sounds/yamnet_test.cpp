#include <cmath>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "cinescribe/sounds/yamnet_tagger.h"

namespace cinescribe::sounds {
namespace {

namespace fs = std::filesystem;

TEST(YamnetPatch, FloorsSilenceAndPaddingAtTheLogOfItsOffset) {
  const auto patch = yamnet_patch(std::vector<float>(100, 0.0F));
  ASSERT_EQ(patch.size(), 96U * 64U);
  for (const float x : patch) EXPECT_NEAR(x, std::log(0.001F), 1e-5F);
}

TEST(YamnetPatch, ShowsAToneInTheBandOfItsFrequency) {
  std::vector<float> tone(15'600);
  for (std::size_t i = 0; i < tone.size(); ++i) {
    tone[i] = 0.5F * std::sin(2.0F * 3.14159265F * 1000.0F * static_cast<float>(i) / 16000.0F);
  }
  const auto patch = yamnet_patch(tone);
  std::size_t best = 0;
  for (std::size_t b = 0; b < 64; ++b) {
    if (patch[48 * 64 + b] > patch[48 * 64 + best]) best = b;
  }
  // mel(1000 Hz) = 999.9 lies between 185.1 (125 Hz) and 2772.7 (7500 Hz) at 0.3149 of 65 steps.
  EXPECT_EQ(best, 19U);
}

TEST(LoadYamnet, NamesAClassMapOfTheWrongLength) {
  const fs::path folder = fs::temp_directory_path() / "cinescribe_yamnet_classes";
  fs::create_directories(folder);
  std::ofstream(folder / "yamnet_class_map.csv") << "index,mid,display_name\n0,/m/09x0r,Speech\n";
  const auto tagger = load_yamnet(folder, 1);
  fs::remove_all(folder);
  ASSERT_FALSE(tagger.ok());
  EXPECT_EQ(tagger.error().code, ErrorCode::kModel);
  EXPECT_NE(tagger.error().message.find("1 classes, YAMNet has 521"), std::string::npos) << tagger.error().message;
}

}  // namespace
}  // namespace cinescribe::sounds
