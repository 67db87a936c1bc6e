#include <array>
#include <string>
#include <vector>

#include "parity/parity_cases.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/captions/anyres.h"
#include "cinescribe/captions/hd_transform.h"

namespace cinescribe::captions {
namespace {

using Json = nlohmann::json;
using Numbers = std::vector<int>;

Json read_geometry(const char* family) {
  return Json::parse(parity::read_text(parity::root() / family / "geometry.json"), nullptr, false);
}

/// Compares lists of whole numbers; the line of the report counts each.
void compare(const Numbers& actual, const Numbers& expected, const Json& about, parity::Errors& errors) {
  ASSERT_EQ(actual, expected) << about.dump();
  for (std::size_t i = 0; i < actual.size(); ++i) errors.add(actual[i], expected[i]);
}

TEST(GeometryParity, every_size_of_llava_next_is_planned_as_the_reference_does) {
  const Json data = read_geometry("llava_next");
  ASSERT_TRUE(data.is_object()) << "no llava_next/geometry.json under " << parity::root();
  const TileShape shape{data.at("tile"), data.at("patch")};
  parity::Errors errors;
  for (const Json& set : data.at("sets")) {
    tensor::PixelCard card;
    card.pinpoints_hw = set.at("pinpoints_hw").get<std::vector<std::array<int, 2>>>();
    for (const Json& entry : set.at("entries")) {
      const auto plan = plan_anyres(entry.at("size_wh")[0], entry.at("size_wh")[1], shape, card, false);
      ASSERT_TRUE(plan.ok()) << plan.error().message << entry.dump();
      const auto check = [&](const char* key, const Numbers& actual) {
        compare(actual, entry.at(key).get<Numbers>(), entry, errors);
      };
      check("best_resolution_hw", {plan->canvas_height, plan->canvas_width});
      check("grid_hw", {plan->grid_rows(), plan->grid_columns()});
      check("resized_hw", {plan->content_height, plan->content_width});
      check("pad_tblr", {plan->pad_top, plan->pad_bottom, plan->pad_left, plan->pad_right});
      check("first_kept_rc", {plan->kept_top, plan->kept_left});
      check("kept_hw", {plan->kept_rows, plan->kept_columns});
      compare({plan->tiles(), plan->tokens()}, {entry.at("crops"), entry.at("tokens")}, entry, errors);
      EXPECT_EQ(static_cast<int>(anyres_rows(*plan, 0, 0).size()), entry.at("model_tokens").get<int>());
    }
  }
  const bool is_ok = errors.count() > 0 && errors.largest() == 0.0;
  parity::report("llava_next", "geometry", errors, 0.0, is_ok);
  EXPECT_TRUE(is_ok);
}

TEST(GeometryParity, every_size_of_phi3_v_is_planned_as_the_reference_does) {
  const Json data = read_geometry("phi3_v");
  ASSERT_TRUE(data.is_object()) << "no phi3_v/geometry.json under " << parity::root();
  parity::Errors errors;
  int refused = 0;
  for (const Json& row : data.at("rows")) {
    const auto plan = plan_hd(row.at("width"), row.at("height"), TileShape(), row.at("num_crops"));
    if (row.contains("error")) {
      ASSERT_FALSE(plan.ok()) << row.dump();
      EXPECT_EQ(plan.error().code, ErrorCode::kInput);
      EXPECT_NE(plan.error().message.find("too thin"), std::string::npos) << plan.error().message;
      ++refused;
      continue;
    }
    ASSERT_TRUE(plan.ok()) << plan.error().message << row.dump();
    EXPECT_EQ(plan->is_transposed, row.at("transposed").get<bool>()) << row.dump();
    compare({plan->resized_width, plan->resized_height}, row.at("resized_wh").get<Numbers>(), row, errors);
    compare({0, plan->pad_top, 0, plan->pad_bottom}, row.at("pad_ltrb").get<Numbers>(), row, errors);
    compare({plan->height, plan->width}, row.at("hd_hw").get<Numbers>(), row, errors);
    compare({plan->grid_rows(), plan->grid_columns()}, row.at("grid_hw").get<Numbers>(), row, errors);
    compare({plan->tokens()}, {row.at("tokens")}, row, errors);
    const auto rows = hd_rows(*plan, "sub_glb", 0, {});
    ASSERT_TRUE(rows.ok());
    EXPECT_EQ(rows->size(), row.at("tokens").get<std::size_t>() * 4);
  }
  const bool is_ok = errors.count() > 0 && errors.largest() == 0.0 && refused > 0;
  parity::report("phi3_v", "geometry", errors, 0.0, is_ok);
  EXPECT_TRUE(is_ok);
}

}  // namespace
}  // namespace cinescribe::captions
