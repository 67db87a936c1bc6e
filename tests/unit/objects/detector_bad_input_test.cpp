// Models and answers that are not what a detector expects.
#include <limits>

#include "support/constant_network.h"
#include "support/scratch_folder.h"
#include <gtest/gtest.h>

#include "cinescribe/objects/object_detector.h"

namespace cinescribe::objects {
namespace {

using test::ConstantNetwork;

class DetectorBadInput : public ::testing::Test {
 protected:
  Result<std::unique_ptr<ObjectDetector>> load(const std::string& bytes, const DetectorOptions& options = {}) {
    test::write_bytes(folder_ / "model.onnx", bytes);
    return make_detector(folder_ / "model.onnx", options);
  }
  static std::string list_network(std::vector<float> rows, std::string_view names = "") {
    ConstantNetwork network(1, 64, 64);
    const auto count = static_cast<std::int64_t>(rows.size() / 6);
    network.answers("output0", {1, count, 6}, rows);
    if (!names.empty()) network.says("names", names);
    return network.bytes();
  }
  test::ScratchFolder folder_;
};

TEST_F(DetectorBadInput, NamesShapesFoundAndExpectedWhenNoLayoutFits) {
  const auto detector = load(ConstantNetwork(1, 64, 64).answers("probs", {1, 10}, std::vector<float>(10)).bytes());
  ASSERT_FALSE(detector.ok());
  EXPECT_EQ(detector.error().code, ErrorCode::kModel);
  EXPECT_NE(detector.error().message.find("probs [1,10]"), std::string::npos) << detector.error().message;
  EXPECT_NE(detector.error().message.find("[N,cells,5+classes]"), std::string::npos);
}

TEST_F(DetectorBadInput, NamesTheInputsOfAModelThatTakesNoPicture) {
  ort::OnnxWriter writer;
  writer.add_input("audio", std::vector<std::int64_t>{1, 16000});
  writer.add_node("Identity", std::vector<std::string>{"audio"}, "out");
  writer.add_output("out", std::vector<std::int64_t>{1, 16000});
  const auto detector = load(writer.finish());
  ASSERT_FALSE(detector.ok());
  EXPECT_EQ(detector.error().code, ErrorCode::kModel);
  EXPECT_NE(detector.error().message.find("audio [1,16000]"), std::string::npos) << detector.error().message;
  EXPECT_NE(detector.error().message.find("[N,3,height,width]"), std::string::npos);
}

TEST_F(DetectorBadInput, RefusesMissingEmptyAndDamagedFiles) {
  EXPECT_EQ(make_detector(folder_ / "none.onnx").error().code, ErrorCode::kModel);
  EXPECT_EQ(make_detector(folder_.path()).error().code, ErrorCode::kModel);
  EXPECT_EQ(load("").error().code, ErrorCode::kModel);
  EXPECT_EQ(load("not a model").error().code, ErrorCode::kModel);
  const std::string whole = list_network(std::vector<float>(60));
  EXPECT_EQ(load(whole.substr(0, whole.size() / 2)).error().code, ErrorCode::kModel);
}

TEST_F(DetectorBadInput, DropsAnswersThatAreNotFinite) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const auto detector =
      load(list_network({nan, 0, 9, 9, 0.9F, 0,   0, 0, infinity, 9, 0.9F,     0, 0, 0, 9, 9, nan,  0,
                         0,   0, 9, 9, 0.9F, nan, 0, 0, 9,        9, infinity, 0, 1, 2, 9, 9, 0.5F, 0}));
  ASSERT_TRUE(detector.ok()) << detector.error().message;
  const Image picture(64, 64, 3);
  const image::PixelView view(picture);
  const auto found = (*detector)->detect({&view, 1});
  ASSERT_TRUE(found.ok());
  ASSERT_EQ((*found)[0].size(), 1U);
  EXPECT_EQ((*found)[0][0].row, 5);
}

TEST_F(DetectorBadInput, GivesNoBoxesWhereTheNetworkSawNothing) {
  const auto detector = load(list_network(std::vector<float>(60)));
  const Image picture(5, 3, 3);  // smaller than any stride
  const image::PixelView view(picture);
  const auto found = (*detector)->detect({&view, 1});
  ASSERT_TRUE(found.ok());
  EXPECT_TRUE((*found)[0].empty());
}

TEST_F(DetectorBadInput, RefusesAClassFileWithTheWrongCount) {
  const std::string network =
      ConstantNetwork(1, 64, 64).answers("output0", {1, 7, 84}, std::vector<float>(7 * 84)).bytes();
  test::write_bytes(folder_ / "names.txt", "cat\ndog\n");
  DetectorOptions options;
  options.class_file = folder_ / "names.txt";
  const auto detector = load(network, options);
  ASSERT_FALSE(detector.ok());
  EXPECT_EQ(detector.error().code, ErrorCode::kModel);
  EXPECT_NE(detector.error().message.find("2 names"), std::string::npos) << detector.error().message;
  EXPECT_NE(detector.error().message.find("3 classes"), std::string::npos);
}

TEST_F(DetectorBadInput, TakesNamesFromMetadataThenFromAFileAndElseCountsThem) {
  const std::vector<float> rows(60);
  EXPECT_EQ((*load(list_network(rows, "{0: 'cat', 1: 'dog'}")))->info().class_names,
            (std::vector<std::string>{"cat", "dog"}));
  test::write_bytes(folder_ / "names.txt", "leaf\n");
  DetectorOptions options;
  options.class_file = folder_ / "names.txt";
  EXPECT_EQ((*load(list_network(rows, "{0: 'cat', 1: 'dog'}"), options))->info().class_names,
            (std::vector<std::string>{"leaf"}));
  const auto three =
      load(ConstantNetwork(1, 64, 64).answers("output0", {1, 7, 84}, std::vector<float>(7 * 84)).bytes());
  EXPECT_EQ((*three)->info().class_names[2], "class 2");
}

TEST_F(DetectorBadInput, DropsClassesThatHaveNoName) {
  const auto detector =
      load(list_network({0, 0, 9, 9, 0.9F, 7, 0, 0, 9, 9, 0.8F, -3, 0, 0, 9, 9, 0.7F, 1e30F, 0, 0, 9, 9, 0.6F, 1},
                        "{0: 'cat', 1: 'dog'}"));
  const Image picture(64, 64, 3);
  const image::PixelView view(picture);
  const auto found = (*detector)->detect({&view, 1});
  ASSERT_EQ((*found)[0].size(), 1U);
  EXPECT_EQ((*found)[0][0].class_id, 1);
}

TEST_F(DetectorBadInput, RefusesAFolderWithSeveralModels) {
  test::write_bytes(folder_ / "a.onnx", "x");
  test::write_bytes(folder_ / "b.onnx", "x");
  const auto detector = make_detector(folder_.path());
  ASSERT_FALSE(detector.ok());
  EXPECT_NE(detector.error().message.find("2 .onnx files"), std::string::npos);
}

}  // namespace
}  // namespace cinescribe::objects
