#include <numeric>

#include "yolo_case.h"
#include <gtest/gtest.h>

#include "cinescribe/image/letterbox.h"
#include "cinescribe/objects/object_detector.h"
#include "cinescribe/ort/session.h"

namespace cinescribe::objects {
namespace {

using Json = nlohmann::json;
const std::string kModel = std::string(CINESCRIBE_TEST_DATA) + "/models/yolox_nano.onnx";

/// Compares the detections of one picture with the expected rows [x1, y1, x2, y2, score, class, row].
bool same_boxes(const std::vector<Detection>& found, const Json& expected, const Json& allowed, parity::Errors& boxes) {
  if (found.size() != expected.size()) return false;
  bool is_same = true;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Detection& d = found[i];
    const float corners[] = {d.box.x1, d.box.y1, d.box.x2, d.box.y2};
    for (std::size_t k = 0; k < 4; ++k) boxes.add(static_cast<double>(corners[k]), expected[i][k].get<double>());
    is_same =
        is_same && std::abs(static_cast<double>(d.score) - expected[i][4].get<double>()) <= allowed.at("score_abs");
    is_same = is_same && d.class_id == expected[i][5].get<int>() && d.row == expected[i][6].get<int>();
  }
  return is_same;
}

void run_picture(const std::filesystem::path& folder, const Json& data, const Json& expected, ort::Session& session) {
  const std::string file = expected.at("file");
  const std::string stem = std::filesystem::path(file).stem().string();
  const std::string name = folder.filename().string() + "/" + stem;
  const Image picture = parity::read_png(folder / file);
  ASSERT_FALSE(picture.empty()) << file;
  const auto& allowed = data.at("tolerances");

  const auto box = image::letterbox_top_left(picture.width, picture.height, 416, 416);
  EXPECT_DOUBLE_EQ(box.gain_x, expected.at("ratio").get<double>());
  EXPECT_EQ(box.resized_width, expected.at("resized")[0].get<int>());
  EXPECT_EQ(box.resized_height, expected.at("resized")[1].get<int>());
  std::vector<float> blob(3 * 416 * 416);
  image::write_letterboxed(picture, box, {.is_bgr = true, .is_scaled = false}, blob);
  const double sum = std::accumulate(blob.begin(), blob.end(), 0.0);
  EXPECT_NEAR(sum, expected.at("blob_sum").get<double>(), allowed.at("blob_sum_abs").get<double>()) << file;

  const ort::Input input{session.inputs()[0].name, {1, 3, 416, 416}, std::span<const float>(blob)};
  const auto raw = session.run({&input, 1}, std::vector<std::string>{session.outputs()[0].name});
  ASSERT_TRUE(raw.ok()) << raw.error().message;
  const auto rows = parity::read_array<std::int32_t>(folder / "expected.safetensors", "row_index");
  const auto wanted = parity::read_array<float>(folder / "expected.safetensors", stem + ".raw");
  ASSERT_FALSE(rows.empty());
  ASSERT_EQ(wanted.size(), rows.size() * 8);
  parity::Errors raw_errors;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto at = static_cast<std::size_t>(rows[i / 8]) * 8 + i % 8;
    raw_errors.add(static_cast<double>((*raw)[0].view<float>()[at]), static_cast<double>(wanted[i]));
  }
  EXPECT_LE(raw_errors.largest(), allowed.at("raw_abs").get<double>()) << file;

  parity::Errors boxes;
  for (const bool is_agnostic : {false, true}) {
    for (const std::string level : {"0.3", "low"}) {
      DetectorOptions options;
      options.conf = level == "low" ? expected.at("low_threshold").get<float>() : 0.3F;
      options.is_agnostic = is_agnostic;
      const auto detector = make_detector(kModel, options);
      ASSERT_TRUE(detector.ok()) << detector.error().message;
      EXPECT_EQ((*detector)->info().layout, Layout::kYolox);
      const image::PixelView view(picture);
      const auto found = (*detector)->detect({&view, 1});
      ASSERT_TRUE(found.ok()) << found.error().message;
      const std::string key = (is_agnostic ? "class_agnostic_score_" : "class_aware_score_") + level;
      EXPECT_TRUE(same_boxes((*found)[0], expected.at(key).at("boxes"), allowed, boxes)) << name << " " << key;
    }
  }
  const double box_allowed = allowed.at("box_abs");
  parity::report("yolo", name + " raw", raw_errors, allowed.at("raw_abs"),
                 raw_errors.largest() <= allowed.at("raw_abs"));
  parity::report("yolo", name + " boxes", boxes, box_allowed, boxes.largest() <= box_allowed);
  EXPECT_LE(boxes.largest(), box_allowed) << name;
}

TEST(YoloxParity, EveryStoredPictureGivesTheSameInputOutputAndBoxes) {
  auto session = ort::Session::open(kModel);
  ASSERT_TRUE(session.ok()) << session.error().message;
  int pictures = 0;
  for (const auto& folder : parity::cases("yolo")) {
    const Json data = Json::parse(parity::read_text(folder / "case.json"));
    if (data.at("kind") != "yolox_onnx") continue;
    for (const auto& expected : data.at("expected")) {
      run_picture(folder, data, expected, **session);
      ++pictures;
    }
  }
  EXPECT_GT(pictures, 0) << "no cases under " << parity::root();
}

}  // namespace
}  // namespace cinescribe::objects
