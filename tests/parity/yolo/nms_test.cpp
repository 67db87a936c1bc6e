#include "cinescribe/objects/nms.h"

#include "yolo_case.h"
#include <gtest/gtest.h>

#include "cinescribe/image/letterbox.h"
#include "cinescribe/objects/detector_decode.h"

namespace cinescribe::objects {
namespace {

using Json = nlohmann::json;

void run_case(const std::filesystem::path& folder, const Json& data) {
  const std::string name = folder.filename().string();
  const Json& input = data.at("input");
  const Json& params = data.at("params");
  const auto raw = parity::read_array<float>(folder / input.at("file").get<std::string>(), input.at("array"));
  ASSERT_FALSE(raw.empty());

  // Only the shapes of the kinds are given here, at sizes that no real export has: force what the case says.
  const bool has_objectness = data.at("kind") == "v5_objectness";
  LayoutChoice layout;
  layout.layout = has_objectness ? Layout::kYolov5 : Layout::kYolov8;
  layout.classes = params.at("nc");
  if (!has_objectness) {
    GraphFacts facts;
    facts.input_width = input.at("net_size")[0];
    facts.input_height = input.at("net_size")[1];
    facts.outputs = {{"output0", input.at("shape").get<std::vector<std::int64_t>>()}};
    const auto found = recognise_layout(facts, Layout::kAuto, name);
    ASSERT_TRUE(found.ok()) << found.error().message;
    EXPECT_EQ(found->layout, Layout::kYolov8);
    EXPECT_EQ(found->classes, layout.classes);
  }
  RawOutputs outputs;
  outputs.values = {raw};
  ASSERT_TRUE(outputs_fit(layout, outputs));
  DecodeOptions decode_options;
  decode_options.conf = params.at("conf");
  NmsOptions nms;
  nms.iou = params.at("iou");
  nms.is_agnostic = params.value("agnostic", false);
  nms.max_boxes = params.value("max_det", 300U);
  const auto found = suppress_overlaps(decode(layout, outputs, decode_options), nms);

  const Json& expected = data.at("expected");
  ASSERT_EQ(found.size(), expected.at("boxes").size()) << name;
  const auto box = image::letterbox_centred(input.at("original_size_wh")[0], input.at("original_size_wh")[1],
                                            input.at("net_size")[0], input.at("net_size")[1]);
  const auto clip = [](double value, double size) { return std::clamp(value, 0.0, size); };
  parity::Errors boxes;
  parity::Errors scores;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Detection& d = found[i];
    const Json& row = expected.at("boxes")[i];
    const Json& scaled = expected.at("scaled_boxes")[i];
    const float corners[] = {d.box.x1, d.box.y1, d.box.x2, d.box.y2};
    for (std::size_t k = 0; k < 4; ++k) {
      const auto corner = static_cast<double>(corners[k]);
      boxes.add(corner, row[k].get<double>());
      boxes.add(
          k % 2 == 0 ? clip(box.picture_x(corner), box.picture_width) : clip(box.picture_y(corner), box.picture_height),
          scaled[k].get<double>());
    }
    scores.add(static_cast<double>(d.score), row[4].get<double>());
    EXPECT_EQ(d.class_id, row[5].get<int>()) << name << " box " << i;
    EXPECT_EQ(d.row, row[6].get<int>()) << name << " box " << i;
  }
  const double box_allowed = data.at("tolerances").at("box_abs");
  const double score_allowed = data.at("tolerances").at("score_abs");
  parity::report("yolo", name + " boxes", boxes, box_allowed, boxes.largest() <= box_allowed);
  parity::report("yolo", name + " scores", scores, score_allowed, scores.largest() <= score_allowed);
  EXPECT_LE(boxes.largest(), box_allowed) << name;
  EXPECT_LE(scores.largest(), score_allowed) << name;
}

TEST(NmsParity, EveryStoredOutputGivesTheSameBoxesInTheSameOrder) {
  int cases = 0;
  for (const auto& folder : parity::cases("yolo")) {
    const Json data = Json::parse(parity::read_text(folder / "case.json"));
    if (data.at("kind") == "yolox_onnx") continue;
    ASSERT_TRUE(data.at("kind") == "v8_transposed" || data.at("kind") == "v5_objectness") << folder;
    run_case(folder, data);
    ++cases;
  }
  EXPECT_GT(cases, 0) << "no cases under " << parity::root();
}

}  // namespace
}  // namespace cinescribe::objects
