#include "cinescribe/objects/detector_layout.h"

#include <gtest/gtest.h>

namespace cinescribe::objects {
namespace {

Result<LayoutChoice> recognise(int size, std::vector<OutputShape> outputs, Layout forced = Layout::kAuto,
                               bool has_size_input = false) {
  GraphFacts facts;
  facts.input_width = facts.input_height = size;
  facts.outputs = std::move(outputs);
  facts.has_size_input = has_size_input;
  return recognise_layout(facts, forced, "model.onnx");
}

struct Export {
  std::string what;
  int size;
  std::vector<OutputShape> outputs;
  Layout layout;
  int classes;
  bool has_size_input = false;
};

TEST(DetectorLayout, IsRecognisedFromTheShapesOfRealExports) {
  const std::vector<Export> exports = {
      {"YOLOX-s", 640, {{"output", {1, 8400, 85}}}, Layout::kYolox, 80},
      {"YOLOX-nano, three classes", 416, {{"output", {1, 3549, 8}}}, Layout::kYolox, 3},
      {"YOLOX, one class", 416, {{"output", {1, 3549, 6}}}, Layout::kYolox, 1},
      {"YOLOX, one class, tiny input", 96, {{"output", {1, 189, 6}}}, Layout::kYolox, 1},
      {"YOLOv5", 640, {{"output0", {1, 25200, 85}}}, Layout::kYolov5, 80},
      {"YOLOv5, one class", 640, {{"output0", {1, 25200, 6}}}, Layout::kYolov5, 1},
      {"YOLOv5-P6", 1280, {{"output0", {1, 102000, 85}}}, Layout::kYolov5, 80},
      {"YOLOv5 heads",
       640,
       {{"a", {1, 3, 80, 80, 85}}, {"b", {1, 3, 40, 40, 85}}, {"c", {1, 3, 20, 20, 85}}},
       Layout::kYolov5Heads,
       80},
      {"YOLOv8", 640, {{"output0", {1, 84, 8400}}}, Layout::kYolov8, 80},
      {"YOLOv8, one class", 640, {{"output0", {1, 5, 8400}}}, Layout::kYolov8, 1},
      {"YOLOv8 with more classes than cells", 32, {{"output0", {1, 84, 21}}}, Layout::kYolov8, 80},
      {"YOLOv8 with masks", 640, {{"output0", {1, 116, 8400}}, {"output1", {1, 32, 160, 160}}}, Layout::kYolov8, 112},
      {"YOLOv10", 640, {{"output0", {1, 300, 6}}}, Layout::kEndToEnd, 80},
      {"RT-DETR of Ultralytics", 640, {{"output0", {1, 300, 84}}}, Layout::kDetr, 80},
      {"RT-DETR of Hugging Face", 640, {{"logits", {1, 300, 80}}, {"pred_boxes", {1, 300, 4}}}, Layout::kDetrHeads, 80},
      {"D-FINE",
       640,
       {{"labels", {1, 300}}, {"boxes", {1, 300, 4}}, {"scores", {1, 300}}},
       Layout::kDetrProcessed,
       80,
       true},
      {"CenterNet", 512, {{"keypoints", {1, 80, 128, 128}}, {"wh", {1, 4, 128, 128}}}, Layout::kCenternet, 80},
  };
  for (const auto& one : exports) {
    const auto found = recognise(one.size, one.outputs, Layout::kAuto, one.has_size_input);
    ASSERT_TRUE(found.ok()) << one.what << ": " << found.error().message;
    EXPECT_EQ(layout_name(found->layout), layout_name(one.layout)) << one.what;
    EXPECT_EQ(found->classes, one.classes) << one.what;
  }
}

TEST(DetectorLayout, CanBeForcedWhereTheShapesAllowIt) {
  EXPECT_EQ(recognise(640, {{"output0", {1, 300, 6}}}, Layout::kDetr)->layout, Layout::kDetr);
  EXPECT_EQ(recognise(640, {{"output0", {1, 300, 6}}}, Layout::kDetr)->classes, 2);
  const auto wrong = recognise(640, {{"output0", {1, 84, 8400}}}, Layout::kYolox);
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.error().message.find("do not fit the layout yolox"), std::string::npos);
}

TEST(DetectorLayout, NamesTheShapesFoundAndThoseExpected) {
  for (const auto& outputs :
       std::vector<std::vector<OutputShape>>{{{"probabilities", {1, 1000}}},
                                             {{"features", {1, 2048, 7, 7}}},
                                             {{"output", {1, 5000, 4}}},
                                             {{"output", {1, 0, 85}}},
                                             {},
                                             {{"keypoints", {1, 80, 128, 128}}, {"wh", {1, 2, 128, 128}}}}) {
    const auto found = recognise(640, outputs);
    ASSERT_FALSE(found.ok());
    EXPECT_EQ(found.error().code, ErrorCode::kModel);
    EXPECT_NE(found.error().message.find("yolov8 [N,4+classes,cells]"), std::string::npos);
    for (const auto& output : outputs) {
      EXPECT_NE(found.error().message.find(output.name + " [1,"), std::string::npos);
    }
  }
}

TEST(DetectorLayout, HasNamesThatReadBack) {
  for (const auto layout :
       {Layout::kAuto, Layout::kYolox, Layout::kYolov5, Layout::kYolov5Heads, Layout::kYolov8, Layout::kEndToEnd,
        Layout::kDetr, Layout::kDetrHeads, Layout::kDetrProcessed, Layout::kCenternet}) {
    EXPECT_EQ(*parse_layout(layout_name(layout)), layout);
  }
  EXPECT_EQ(parse_layout("yolo").error().code, ErrorCode::kUsage);
}

}  // namespace
}  // namespace cinescribe::objects
