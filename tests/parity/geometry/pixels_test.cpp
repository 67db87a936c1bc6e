// The pixels that the vision towers get, in every case of the vision-language families.
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "parity/parity_cases.h"
#include "parity/stored_array.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/captions/anyres.h"
#include "cinescribe/captions/hd_transform.h"
#include "cinescribe/captions/tile_pixels.h"
#include "cinescribe/image/panorama.h"
#include "cinescribe/image/png.h"

namespace cinescribe::captions {
namespace {

using Json = nlohmann::json;

struct Case {
  std::filesystem::path folder;
  Json data;    ///< case.json
  Json config;  ///< config.json
  Json pixels;  ///< preprocessor_config.json

  [[nodiscard]] std::filesystem::path expected() const { return folder / "expected.safetensors"; }
  [[nodiscard]] std::string name() const { return folder.filename().string() + " (pixels)"; }
};

std::vector<Case> cases_of(const std::string& family) {
  std::vector<Case> found;
  const auto read = [](const std::filesystem::path& file) {
    return Json::parse(parity::read_text(file), nullptr, false);
  };
  for (const auto& folder : parity::cases(family)) {
    if (!std::filesystem::is_directory(folder)) continue;
    found.push_back({folder, read(folder / "case.json"), read(folder / "model" / "config.json"),
                     read(folder / "model" / "preprocessor_config.json")});
  }
  return found;
}

tensor::PixelCard card_of(const Case& c) {
  tensor::PixelCard card;
  card.mean = c.pixels.at("image_mean").get<std::array<double, 3>>();
  card.std = c.pixels.at("image_std").get<std::array<double, 3>>();
  card.rescale_factor = c.pixels.value("rescale_factor", card.rescale_factor);
  card.num_crops = c.pixels.value("num_crops", 0);
  if (c.pixels.contains("image_grid_pinpoints")) {
    card.pinpoints_hw = c.pixels.at("image_grid_pinpoints").get<std::vector<std::array<int, 2>>>();
  }
  return card;
}

Image read_picture(const std::filesystem::path& file) {
  auto picture = image::read_png(file);
  EXPECT_TRUE(picture.ok()) << picture.error().message;
  return picture.ok() ? *std::move(picture) : Image();
}

/// Every `step`-th value of a CHW picture from `first_y`, `first_x` on.
void add_sampled(std::span<const float> tile, std::size_t size, std::size_t first_y, std::size_t first_x,
                 std::size_t step, std::vector<float>& out) {
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t y = first_y; y < size; y += step) {
      for (std::size_t x = first_x; x < size; x += step) out.push_back(tile[(c * size + y) * size + x]);
    }
  }
}

void compare(const std::vector<float>& actual, const std::vector<float>& expected, parity::Errors& errors) {
  ASSERT_EQ(actual.size(), expected.size());
  ASSERT_FALSE(expected.empty());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    errors.add(static_cast<double>(actual[i]), static_cast<double>(expected[i]));
  }
}

/// The byte that was normalised to this value.
std::int32_t byte_of(float value, std::size_t channel, const tensor::PixelCard& card) {
  return static_cast<std::int32_t>(
      std::lround((static_cast<double>(value) * card.std[channel] + card.mean[channel]) / card.rescale_factor));
}

/// Sums of a tile's bytes along its rows (`by_row`) or columns.
void add_sums(std::span<const float> tile, std::size_t size, const tensor::PixelCard& card, bool by_row,
              std::vector<std::int32_t>& out) {
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<std::int32_t> sums(size, 0);
    for (std::size_t y = 0; y < size; ++y) {
      for (std::size_t x = 0; x < size; ++x) sums[by_row ? y : x] += byte_of(tile[(c * size + y) * size + x], c, card);
    }
    out.insert(out.end(), sums.begin(), sums.end());
  }
}

void run_llava(const Case& c) {
  const tensor::PixelCard card = card_of(c);
  const TileShape shape{c.pixels.at("crop_size").at("height"), c.config.at("vision_config").value("patch_size", 14)};
  std::vector<float> sampled;
  std::vector<std::int32_t> row_sums;
  std::vector<std::int32_t> column_sums;
  for (const Json& file : c.data.at("images")) {
    const Image picture = read_picture(c.folder / file.get<std::string>());
    const auto plan = plan_anyres(picture.width, picture.height, shape, card, false);
    ASSERT_TRUE(plan.ok()) << plan.error().message;
    auto tiles = anyres_tiles(picture, *plan, card);
    ASSERT_TRUE(tiles.ok()) << tiles.error().message;
    const auto size = static_cast<std::size_t>(shape.tile_px);
    for (int i = 0; i < tiles->count; ++i) {
      add_sampled(tiles->tile(i), size, 4, 4, 8, sampled);
      add_sums(tiles->tile(i), size, card, true, row_sums);
      add_sums(tiles->tile(i), size, card, false, column_sums);
    }
  }
  EXPECT_EQ(row_sums, parity::read_array<std::int32_t>(c.expected(), "pix_rowsum"));
  EXPECT_EQ(column_sums, parity::read_array<std::int32_t>(c.expected(), "pix_colsum"));
  parity::Errors errors;
  compare(sampled, parity::read_array<float>(c.expected(), "pixel_values_sub"), errors);
  const double allowed = c.data.at("tolerances").at("float32_engine").at("pixel_values_max_abs");
  const bool is_ok = errors.count() > 0 && errors.largest() <= allowed;
  parity::report("llava_next", c.name(), errors, allowed, is_ok && !::testing::Test::HasFailure());
  EXPECT_TRUE(is_ok);
}

/// The step with which the fixture's note says that an array was sampled: the number behind the last "::".
std::size_t stored_step(const Json& note) {
  const std::string text = note;
  return std::stoul(text.substr(text.rfind("::") + 2));
}

void compare_hd_picture(const Case& c, const std::string& prefix, const Image& hd) {
  const std::size_t step = stored_step(c.data.at("arrays").at(prefix + "hd_u8"));
  std::vector<std::uint8_t> sampled;
  std::vector<std::int64_t> sums(3, 0);
  for (int y = 0; y < hd.height; ++y) {
    for (int x = 0; x < hd.width; ++x) {
      const std::uint8_t* pixel = hd.row(y) + static_cast<std::ptrdiff_t>(x) * 3;
      for (std::size_t k = 0; k < 3; ++k) sums[k] += pixel[k];
      if (static_cast<std::size_t>(y) % step == 0 && static_cast<std::size_t>(x) % step == 0) {
        sampled.insert(sampled.end(), pixel, pixel + 3);
      }
    }
  }
  EXPECT_EQ(sampled, parity::read_array<std::uint8_t>(c.expected(), prefix + "hd_u8")) << c.folder;
  EXPECT_EQ(sums, parity::read_array<std::int64_t>(c.expected(), prefix + "hd_u8_sum")) << c.folder;
}

void run_phi_picture(const Case& c, const Image& picture, const std::string& prefix, parity::Errors& errors) {
  const tensor::PixelCard card = card_of(c);
  const auto plan = plan_hd(picture.width, picture.height, TileShape(), card.num_crops);
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  const auto hd = hd_picture(picture, *plan, card);
  ASSERT_TRUE(hd.ok()) << hd.error().message;
  compare_hd_picture(c, prefix, *hd);
  TilePixels tiles = hd_tiles(*hd, *plan, card);
  std::vector<float> global;
  add_sampled(tiles.tile(0), 336, 0, 0, stored_step(c.data.at("arrays").at(prefix + "global")), global);
  compare(global, parity::read_array<float>(c.expected(), prefix + "global"), errors);
  std::vector<float> means;
  for (std::size_t k = 0; k < 3; ++k) {
    double sum = 0.0;
    for (const float value : tiles.tile(0).subspan(k * 336 * 336, 336 * 336)) sum += static_cast<double>(value);
    means.push_back(static_cast<float>(sum / (336 * 336)));
  }
  compare(means, parity::read_array<float>(c.expected(), prefix + "global_mean"), errors);
  std::vector<float> last;
  add_sampled(tiles.tile(tiles.count - 1), 336, 5, 7, 12, last);
  compare(last, parity::read_array<float>(c.expected(), prefix + "crop_last"), errors);
}

void run_instructblip(const Case& c) {
  const tensor::PixelCard card = card_of(c);
  const int size = c.pixels.at("size").at("height");
  const Image picture = read_picture(c.folder / c.data.at("images")[0].get<std::string>());
  auto tile = squashed_tile(picture, size, card);
  ASSERT_TRUE(tile.ok()) << tile.error().message;
  const auto side = static_cast<std::size_t>(size);
  const auto bytes = parity::read_array<std::uint8_t>(c.expected(), "resized_u8");
  ASSERT_EQ(bytes.size(), side * side * 3);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const float value = tile->tile(0)[(i % 3) * side * side + i / 3];
    ASSERT_EQ(byte_of(value, i % 3, card), bytes[i]) << i;
  }
  std::vector<float> sampled;
  add_sampled(tile->tile(0), side, 0, 0, 7, sampled);
  parity::Errors errors;
  compare(sampled, parity::read_array<float>(c.expected(), "pixel_values_s7"), errors);
  const double allowed = c.data.at("tolerances").at("pixel_values");
  parity::report("instructblip", c.name(), errors, allowed, errors.largest() <= allowed);
  EXPECT_LE(errors.largest(), allowed);
}

TEST(PixelParity, tiles_of_llava_next_are_those_of_the_reference) {
  const auto cases = cases_of("llava_next");
  ASSERT_FALSE(cases.empty());
  for (const Case& c : cases) run_llava(c);
}

TEST(PixelParity, hd_pictures_and_views_of_phi3_v_are_those_of_the_reference) {
  const auto cases = cases_of("phi3_v");
  ASSERT_FALSE(cases.empty());
  for (const Case& c : cases) {
    parity::Errors errors;
    int number = 0;
    for (const Json& file : c.data.at("images")) {
      run_phi_picture(c, read_picture(c.folder / file.get<std::string>()), "img" + std::to_string(number++) + ".",
                      errors);
    }
    const double allowed = c.data.at("tolerances").at("pixel_atol");
    const bool is_ok = errors.count() > 0 && errors.largest() <= allowed;
    parity::report("phi3_v", c.name(), errors, allowed, is_ok && !HasFailure());
    EXPECT_TRUE(is_ok) << c.folder;
  }
}

TEST(PixelParity, pictures_of_instructblip_are_those_of_the_reference) {
  const auto cases = cases_of("instructblip");
  ASSERT_FALSE(cases.empty());
  for (const Case& c : cases) run_instructblip(c);
}

TEST(PixelParity, panoramas_are_those_that_the_cases_were_made_of) {
  for (const Case& c : cases_of("instructblip")) {
    if (!c.data.contains("panorama_of")) continue;
    std::vector<Image> frames;
    for (const Json& file : c.data.at("panorama_of"))
      frames.push_back(read_picture(c.folder / file.get<std::string>()));
    const auto panorama = image::horizontal_panorama(frames);
    ASSERT_TRUE(panorama.ok());
    EXPECT_EQ(panorama->pixels, read_picture(c.folder / c.data.at("images")[0].get<std::string>()).pixels) << c.folder;
  }
}

}  // namespace
}  // namespace cinescribe::captions
