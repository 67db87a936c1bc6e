// Every object detector keeps the promises of its interface, whatever network is behind it.
#include "cinescribe/objects/object_detector.h"

#include <cmath>
#include <limits>

#include "support/constant_network.h"
#include "support/scratch_folder.h"
#include <gtest/gtest.h>

namespace cinescribe::objects {
namespace {

using test::ConstantNetwork;

/// A network and the layout it must be taken for. Each sees one thing of class 1 in the middle of its 64 × 64 input.
struct Network {
  std::string name;
  Layout layout = Layout::kAuto;
  std::string bytes;
};

constexpr int kCells = 64 + 16 + 4;

std::vector<float> zeros(std::size_t count) { return std::vector<float>(count, 0.0F); }

std::vector<float> in_row(std::size_t rows, std::size_t row, const std::vector<float>& values) {
  auto all = zeros(rows * values.size());
  std::copy(values.begin(), values.end(), all.begin() + static_cast<std::ptrdiff_t>(row * values.size()));
  return all;
}

Network yolox() {
  // Cell (1, 1) of stride 32 lies at (32, 32); offsets 0 and sizes e^0 give 32 px around it.
  const auto values = in_row(kCells, 64 + 16 + 3, {0.0F, 0.0F, 0.0F, 0.0F, 0.9F, 0.1F, 0.9F, 0.1F});
  return {"yolox", Layout::kYolox, ConstantNetwork(1, 64, 64).answers("output", {1, kCells, 8}, values).bytes()};
}

Network yolov5(float objectness = 0.9F) {
  const auto values = in_row(3 * kCells, 7, {32.0F, 32.0F, 32.0F, 32.0F, objectness, 0.1F, 0.9F, 0.1F});
  return {"yolov5", Layout::kYolov5,
          ConstantNetwork(-1, 64, 64).answers("output0", {1, 3 * kCells, 8}, values).bytes()};
}

Network yolov5_heads() {
  ConstantNetwork network(1, 64, 64);
  const std::int64_t sides[] = {8, 4, 2};
  for (std::size_t level = 0; level < 3; ++level) {
    const auto cells = static_cast<std::size_t>(3 * sides[level] * sides[level]);
    auto values = std::vector<float>(cells * 8, -20.0F);
    // Anchor 0 of stride 8 (10 × 13 px), cell (4, 4): xy logit -2.2 puts the centre near its corner, wh logit 1.2.
    if (level == 0) {
      const std::vector<float> row{-1.0986F, -1.0986F, 1.2F, 0.8F, 5.0F, -5.0F, 5.0F, -5.0F};
      std::copy(row.begin(), row.end(), values.begin() + (4 * 8 + 4) * 8);
    }
    network.answers("head" + std::to_string(level), {1, 3, sides[level], sides[level], 8}, values);
  }
  return {"yolov5_heads", Layout::kYolov5Heads, network.bytes()};
}

Network yolov8() {
  auto values = zeros(7 * kCells);
  const float row[] = {32.0F, 32.0F, 32.0F, 32.0F, 0.1F, 0.9F, 0.1F};
  for (std::size_t i = 0; i < 7; ++i) values[i * kCells + 40] = row[i];
  return {"yolov8", Layout::kYolov8, ConstantNetwork(-1, 64, 64).answers("output0", {1, 7, kCells}, values).bytes()};
}

Network end_to_end() {
  const auto values = in_row(10, 0, {16.0F, 16.0F, 48.0F, 48.0F, 0.9F, 1.0F});
  return {"end_to_end", Layout::kEndToEnd, ConstantNetwork(-1, 64, 64).answers("output0", {1, 10, 6}, values).bytes()};
}

Network detr() {
  const auto values = in_row(10, 4, {0.5F, 0.5F, 0.5F, 0.5F, 0.1F, 0.9F, 0.1F});
  return {"detr", Layout::kDetr, ConstantNetwork(-1, 64, 64).answers("output0", {1, 10, 7}, values).bytes()};
}

Network detr_heads() {
  auto logits = std::vector<float>(30, -9.0F);
  logits[4 * 3 + 1] = 3.0F;
  const auto boxes = in_row(10, 4, {0.5F, 0.5F, 0.5F, 0.5F});
  return {"detr_heads", Layout::kDetrHeads,
          ConstantNetwork(-1, 64, 64)
              .answers("logits", {1, 10, 3}, logits)
              .answers("pred_boxes", {1, 10, 4}, boxes)
              .bytes()};
}

Network processed() {
  auto labels = std::vector<std::int64_t>(10, 0);
  labels[2] = 1;
  auto scores = zeros(10);
  scores[2] = 0.9F;
  const auto boxes = in_row(10, 2, {16.0F, 16.0F, 48.0F, 48.0F});
  return {"processed", Layout::kDetrProcessed,
          ConstantNetwork(1, 64, 64)
              .also_reads_sizes()
              .answers("labels", {1, 10}, labels)
              .answers("boxes", {1, 10, 4}, boxes)
              .answers("scores", {1, 10}, scores)
              .bytes()};
}

Network centernet() {
  auto keypoints = zeros(3 * 16 * 16);
  keypoints[256 + 8 * 16 + 8] = 0.9F;
  keypoints[256 + 8 * 16 + 9] = 0.8F;  // No peak: its neighbour is higher.
  return {"centernet", Layout::kCenternet,
          ConstantNetwork(1, 64, 64)
              .answers("keypoints", {1, 3, 16, 16}, keypoints)
              .answers("wh", {1, 4, 16, 16}, std::vector<float>(4 * 256, 16.0F))
              .bytes()};
}

std::vector<Network> all_networks() {
  return {yolox(), yolov5(), yolov5_heads(), yolov8(), end_to_end(), detr(), detr_heads(), processed(), centernet()};
}

class DetectorConformance : public ::testing::TestWithParam<Network> {
 protected:
  Result<std::unique_ptr<ObjectDetector>> load(const DetectorOptions& options = {}) {
    test::write_bytes(folder_ / "model.onnx", GetParam().bytes);
    return make_detector(folder_ / "model.onnx", options);
  }
  test::ScratchFolder folder_;
};

TEST_P(DetectorConformance, RecognisesItsLayoutAndFindsTheThingInTheMiddle) {
  const auto detector = load();
  ASSERT_TRUE(detector.ok()) << detector.error().message;
  EXPECT_EQ((*detector)->info().layout, GetParam().layout);
  EXPECT_EQ((*detector)->info().input_width, 64);
  const Image picture(64, 64, 3);
  const image::PixelView view(picture);
  const auto found = (*detector)->detect({&view, 1});
  ASSERT_TRUE(found.ok()) << found.error().message;
  ASSERT_EQ(found->size(), 1U);
  ASSERT_EQ((*found)[0].size(), 1U);
  const Detection& d = (*found)[0][0];
  EXPECT_EQ(d.class_id, 1);
  EXPECT_GT(d.score, 0.75F);
  EXPECT_NEAR((d.box.x1 + d.box.x2) / 2.0F, 32.0F, 1.0F);
  EXPECT_NEAR((d.box.y1 + d.box.y2) / 2.0F, 32.0F, 1.0F);
  if (GetParam().layout != Layout::kYolov5Heads) {
    EXPECT_NEAR(d.box.width(), 32.0F, 1e-3F);
    EXPECT_NEAR(d.box.height(), 32.0F, 1e-3F);
  }
}

TEST_P(DetectorConformance, TakesPicturesOfAnySizeAndNumberAndCountsThem) {
  const auto detector = load();
  ASSERT_TRUE(detector.ok()) << detector.error().message;
  const std::vector<Image> pictures{Image(128, 128, 3), Image(1, 1, 3), Image(3, 500, 3), Image(64, 64, 3),
                                    Image(700, 2, 3)};
  const std::vector<image::PixelView> views(pictures.begin(), pictures.end());
  const auto found = (*detector)->detect(views);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->size(), pictures.size());
  EXPECT_EQ((*detector)->times().pictures, 5);
  for (const auto& list : *found) {
    for (const auto& d : list) EXPECT_TRUE(std::isfinite(d.box.x1 + d.box.y1 + d.box.x2 + d.box.y2));
  }
  const auto nothing = (*detector)->detect({});
  ASSERT_TRUE(nothing.ok());
  EXPECT_TRUE(nothing->empty());
}

TEST_P(DetectorConformance, KeepsOnlyTheClassesAndScoresAskedFor) {
  const Image picture(64, 64, 3);
  const image::PixelView view(picture);
  const auto names = (*load())->info().class_names;
  DetectorOptions other;
  other.classes = {names[0]};
  const auto without = load(other);
  ASSERT_TRUE(without.ok()) << without.error().message;
  EXPECT_TRUE((*(*without)->detect({&view, 1}))[0].empty());
  DetectorOptions strict;
  strict.conf = 0.995F;
  EXPECT_TRUE((*(*load(strict))->detect({&view, 1}))[0].empty());
}

TEST_P(DetectorConformance, RefusesAnEmptyPictureAndAnUnknownClass) {
  const image::PixelView nothing;
  const auto found = (*load())->detect({&nothing, 1});
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, ErrorCode::kInput);
  DetectorOptions options;
  options.classes = {"unicorn"};
  const auto detector = load(options);
  ASSERT_FALSE(detector.ok());
  EXPECT_EQ(detector.error().code, ErrorCode::kUsage);
  EXPECT_NE(detector.error().message.find("unicorn"), std::string::npos);
}

TEST_P(DetectorConformance, EndsWhenAStopIsRequested) {
  const auto detector = load();
  ASSERT_TRUE(detector.ok());
  std::stop_source stop;
  stop.request_stop();
  const Image picture(64, 64, 3);
  const image::PixelView view(picture);
  const auto found = (*detector)->detect({&view, 1}, stop.get_token());
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, ErrorCode::kInterrupted);
}

INSTANTIATE_TEST_SUITE_P(Layouts, DetectorConformance, ::testing::ValuesIn(all_networks()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace cinescribe::objects
