#include "cinescribe/objects/tfjs_to_onnx.h"

#include <cmath>

#include "support/scratch_folder.h"
#include <gtest/gtest.h>

#include "cinescribe/ort/session.h"

namespace cinescribe::objects {
namespace {

// A graph of a 4 × 4 picture: 1 × 1 convolution to two channels with bias and Relu ("Qmlhc0FkZA==" = BiasAdd,
// "UmVsdQ==" = Relu), then doubled by bilinear resizing ("VkFMSUQ=" = VALID, "U0FNRQ==" = SAME).
constexpr const char* kGraph = R"({"format": "graph-model", "modelTopology": {"node": [
  {"name": "in", "op": "Placeholder"},
  {"name": "w", "op": "Const"}, {"name": "b", "op": "Const"}, {"name": "k", "op": "Const"}, {"name": "s", "op": "Const"},
  {"name": "conv", "op": "_FusedConv2D", "input": ["in", "w", "b"], "attr": {
    "strides": {"list": {"i": ["1", "1", "1", "1"]}}, "padding": {"s": "U0FNRQ=="},
    "fused_ops": {"list": {"s": ["Qmlhc0FkZA==", "UmVsdQ=="]}}}},
  {"name": "mul", "op": "Mul", "input": ["conv", "k"]},
  {"name": "up", "op": "ResizeBilinear", "input": ["mul", "s"], "attr": {}}]},
  "weightsManifest": [{"paths": ["w.bin"], "weights": [
    {"name": "w", "shape": [1, 1, 3, 2], "dtype": "float32", "quantization": {"dtype": "float16"}},
    {"name": "b", "shape": [2], "dtype": "float32"},
    {"name": "k", "shape": [], "dtype": "float32"},
    {"name": "s", "shape": [2], "dtype": "int32"}]}]})";

template <typename T>
void append(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

std::string weights() {
  std::string bytes;
  // float16: w[in][out] = {1, -1}, {2, 0}, {0.5, -2}
  for (const std::uint16_t half : {0x3C00, 0xBC00, 0x4000, 0x0000, 0x3800, 0xC000}) append(bytes, half);
  append(bytes, 0.25F);
  append(bytes, 1.0F);
  append(bytes, 2.0F);
  append(bytes, std::int32_t{8});
  append(bytes, std::int32_t{8});
  return bytes;
}

class TfjsToOnnx : public ::testing::Test {
 protected:
  Result<std::string> convert(const std::string& graph, const std::string& bytes) {
    test::write_bytes(folder_ / "model.json", graph);
    test::write_bytes(folder_ / "w.bin", bytes);
    auto read = read_tfjs_graph(folder_ / "model.json");
    if (!read.ok()) return read.error();
    return tfjs_to_onnx(*read, {"in", 4, {{"up", "answer", 2, 8}}});
  }
  static std::string replaced(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
  }
  test::ScratchFolder folder_;
};

TEST_F(TfjsToOnnx, ComputesWhatTheGraphSays) {
  const auto model = convert(kGraph, weights());
  ASSERT_TRUE(model.ok()) << model.error().message;
  const auto session = ort::Session::from_bytes(*model, "test");
  ASSERT_TRUE(session.ok()) << session.error().message;
  std::vector<float> picture(3 * 16);
  for (std::size_t i = 0; i < picture.size(); ++i) picture[i] = static_cast<float>(i % 7) - 2.0F;
  const ort::Input input{"images", {1, 3, 4, 4}, std::span<const float>(picture)};
  const auto answer = (*session)->run({&input, 1}, std::vector<std::string>{"answer"});
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  ASSERT_EQ((*answer)[0].shape, (std::vector<std::int64_t>{1, 2, 8, 8}));
  const auto small = [&](std::size_t channel, std::size_t y, std::size_t x) {
    const float r = picture[y * 4 + x];
    const float g = picture[16 + y * 4 + x];
    const float b = picture[32 + y * 4 + x];
    const float sum = channel == 0 ? r + 2.0F * g + 0.5F * b + 0.25F : -r - 2.0F * b + 1.0F;
    return 2.0F * std::max(0.0F, sum);
  };
  // Asymmetric: even pixels are copies, odd ones lie half-way to the next; the last repeats.
  for (std::size_t c = 0; c < 2; ++c) {
    for (std::size_t y = 0; y < 8; ++y) {
      for (std::size_t x = 0; x < 8; ++x) {
        const std::size_t y1 = std::min<std::size_t>(y / 2 + y % 2, 3);
        const std::size_t x1 = std::min<std::size_t>(x / 2 + x % 2, 3);
        const float expected =
            (small(c, y / 2, x / 2) + small(c, y / 2, x1) + small(c, y1, x / 2) + small(c, y1, x1)) / 4.0F;
        EXPECT_NEAR((*answer)[0].view<float>()[(c * 8 + y) * 8 + x], expected, 1e-5F) << c << " " << y << " " << x;
      }
    }
  }
}

TEST_F(TfjsToOnnx, NamesWhatItCannotRead) {
  const std::pair<std::pair<std::string, std::string>, std::string> cases[] = {
      {{"{}", weights()}, "no TensorFlow.js graph model"},
      {{"{", weights()}, "no TensorFlow.js graph model"},
      {{kGraph, weights().substr(0, 20)}, "beyond the end"},
      {{replaced(kGraph, "\"float16\"", "\"uint8\""), weights()}, "unknown type"},
      {{replaced(kGraph, "[1, 1, 3, 2]", "[1, 1, -3, 2]"), weights()}, "unknown type"},
      {{replaced(kGraph, "[1, 1, 3, 2]", "[999999, 999999, 999999, 2]"), weights()}, "unknown type"},
      {{replaced(kGraph, "\"Mul\"", "\"Cumsum\""), weights()}, "Cumsum"},
      {{replaced(kGraph, "[\"conv\", \"k\"]", "[\"up\", \"k\"]"), weights()}, "loop"},
      {{replaced(kGraph, "[\"conv\", \"k\"]", "[\"nowhere\", \"k\"]"), weights()}, "nowhere"},
      {{replaced(kGraph, "U0FNRQ==", "RVhQTElDSVQ="), weights()}, "padding"},
  };
  for (const auto& [input, words] : cases) {
    const auto model = convert(input.first, input.second);
    ASSERT_FALSE(model.ok()) << words;
    EXPECT_EQ(model.error().code, ErrorCode::kModel);
    EXPECT_NE(model.error().message.find(words), std::string::npos) << model.error().message;
  }
}

TEST_F(TfjsToOnnx, SaysThatAnotherModelIsNoCenternet) {
  test::write_bytes(folder_ / "centernet.json", kGraph);
  test::write_bytes(folder_ / "w.bin", weights());
  const auto model = centernet_to_onnx(folder_ / "centernet.json");
  ASSERT_FALSE(model.ok());
  EXPECT_NE(model.error().message.find("tower_0/keypoints"), std::string::npos) << model.error().message;
}

}  // namespace
}  // namespace cinescribe::objects
