#include <string>

#include "parity/parity_cases.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/image/png.h"
#include "cinescribe/image/resize_pillow.h"

namespace cinescribe::image {
namespace {

using Json = nlohmann::json;

/// Resizes in one order and compares with a stored picture.
void compare(const Json& pair, const Image& source, const std::string& file, PassOrder order, const char* order_name) {
  const auto expected = read_png(parity::root() / "resize" / file);
  ASSERT_TRUE(expected.ok()) << expected.error().message;
  const int width = pair.at("out_wh")[0];
  const int height = pair.at("out_wh")[1];
  const Image resized = resize_pillow(source, width, height, PillowFilter::kBicubic, order);
  ASSERT_EQ(resized.width, expected->width);
  ASSERT_EQ(resized.height, expected->height);
  parity::Errors errors;
  for (std::size_t i = 0; i < resized.pixels.size(); ++i) errors.add(resized.pixels[i], expected->pixels[i]);
  const bool is_ok = errors.count() > 0 && errors.largest() == 0.0;
  const std::string name = pair.at("name").get<std::string>() + " (" + order_name + ")";
  parity::report("resize", name, errors, 0.0, is_ok);
  EXPECT_TRUE(is_ok) << name;
}

TEST(ResizeParity, every_pair_has_the_same_bits) {
  const auto index = Json::parse(parity::read_text(parity::root() / "resize" / "index.json"), nullptr, false);
  ASSERT_FALSE(index.is_discarded()) << "no resize/index.json under " << parity::root();
  ASSERT_FALSE(index.at("pairs").empty());
  for (const Json& pair : index.at("pairs")) {
    const auto source = read_png(parity::root() / "resize" / pair.at("in").get<std::string>());
    ASSERT_TRUE(source.ok()) << source.error().message;
    const std::string pillow13 = pair.at("out");
    const bool is_vertical = pair.at("pass_order") == "vertical";
    compare(pair, *source, pillow13, PassOrder::kPillow13, "pillow13");
    compare(pair, *source, is_vertical ? pair.at("out_h_first").get<std::string>() : pillow13,
            PassOrder::kHorizontalFirst, "horizontal_first");
    EXPECT_EQ(is_vertical_first(PassOrder::kPillow13, source->width, source->height, pair.at("out_wh")[0],
                                pair.at("out_wh")[1]),
              is_vertical);
  }
}

}  // namespace
}  // namespace cinescribe::image
