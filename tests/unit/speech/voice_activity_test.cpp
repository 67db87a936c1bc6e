#include "cinescribe/speech/voice_activity.h"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "support/scratch_folder.h"
#include <gtest/gtest.h>

#include "cinescribe/ort/onnx_writer.h"

namespace cinescribe::speech {
namespace {

using Shape = std::vector<std::int64_t>;

/// Networks with Silero's inputs and outputs whose "probability" is the mean of the 576 samples that they see, so that
/// a test can tell context and chunks apart.
std::string one_chunk_network() {
  ort::OnnxWriter writer;
  writer.add_input("input", Shape{-1, 576});
  writer.add_input("state", Shape{2, -1, 128});
  writer.add_output("output", Shape{-1, 1});
  writer.add_output("stateN", Shape{2, -1, 128});
  const std::vector<std::string> input = {"input"};
  const std::vector<std::string> state = {"state"};
  const std::vector<ort::OnnxAttribute> attributes = {{"axes", std::vector<std::int64_t>{1}},
                                                      {"keepdims", std::int64_t{1}}};
  writer.add_node("ReduceMean", input, "output", attributes);
  writer.add_node("Identity", state, "stateN");
  return writer.finish();
}

std::string sequence_network() {
  ort::OnnxWriter writer;
  writer.add_input("input", Shape{-1, 576});
  writer.add_input("h", Shape{1, 1, 128});
  writer.add_input("c", Shape{1, 1, 128});
  writer.add_output("speech_probs", Shape{-1});
  writer.add_output("hn", Shape{1, 1, 128});
  writer.add_output("cn", Shape{1, 1, 128});
  const std::vector<ort::OnnxAttribute> attributes = {{"axes", std::vector<std::int64_t>{1}},
                                                      {"keepdims", std::int64_t{0}}};
  writer.add_node("ReduceMean", std::vector<std::string>{"input"}, "speech_probs", attributes);
  writer.add_node("Identity", std::vector<std::string>{"h"}, "hn");
  writer.add_node("Identity", std::vector<std::string>{"c"}, "cn");
  return writer.finish();
}

/// Each chunk holds its number: the network then sees 64 samples of the number before and 512 of its own.
std::vector<float> numbered_chunks(int count) {
  std::vector<float> sound;
  for (int i = 1; i <= count; ++i) sound.insert(sound.end(), 512, static_cast<float>(i));
  return sound;
}

void expect_context(const std::vector<float>& probabilities, std::size_t count) {
  ASSERT_EQ(probabilities.size(), count);
  for (std::size_t i = 0; i < count; ++i) {
    const double expected = (64.0 * static_cast<double>(i) + 512.0 * static_cast<double>(i + 1)) / 576.0;
    EXPECT_NEAR(static_cast<double>(probabilities[i]), expected, 1e-3) << i;
  }
}

class SileroNetworks : public testing::TestWithParam<std::string> {};

TEST_P(SileroNetworks, see_each_chunk_once_after_the_end_of_the_one_before) {
  const test::ScratchFolder folder;
  test::write_bytes(folder / "vad.onnx", GetParam());
  const auto network = SileroVad::open(folder / "vad.onnx");
  ASSERT_TRUE(network.ok()) << network.error().message;
  const std::vector<float> sound = numbered_chunks(200);
  for (const std::size_t block : {std::size_t{1000}, std::size_t{512}, std::size_t{160000}}) {
    const auto stream = (*network)->make_stream();
    std::vector<float> probabilities;
    for (std::size_t i = 0; i < sound.size(); i += block) {
      const auto part = std::span(sound).subspan(i, std::min(block, sound.size() - i));
      ASSERT_TRUE(stream->push(part, probabilities, {}).ok());
    }
    ASSERT_TRUE(stream->finish(probabilities, {}).ok());
    expect_context(probabilities, 200);
  }
}

TEST_P(SileroNetworks, the_last_chunk_is_filled_with_silence) {
  const test::ScratchFolder folder;
  test::write_bytes(folder / "vad.onnx", GetParam());
  const auto network = SileroVad::open(folder / "vad.onnx");
  ASSERT_TRUE(network.ok()) << network.error().message;
  const auto stream = (*network)->make_stream();
  std::vector<float> probabilities;
  ASSERT_TRUE(stream->push(std::vector<float>(288, 1.0F), probabilities, {}).ok());
  ASSERT_TRUE(stream->finish(probabilities, {}).ok());
  ASSERT_EQ(probabilities.size(), 1U);
  EXPECT_NEAR(static_cast<double>(probabilities[0]), 0.5, 1e-5);
}

INSTANTIATE_TEST_SUITE_P(both, SileroNetworks, testing::Values(one_chunk_network(), sequence_network()));

TEST(SileroVad, another_model_is_refused_by_name) {
  const test::ScratchFolder folder;
  ort::OnnxWriter writer;
  writer.add_input("picture", Shape{1, 3});
  writer.add_output("label", Shape{1, 3});
  writer.add_node("Identity", std::vector<std::string>{"picture"}, "label");
  test::write_bytes(folder / "other.onnx", writer.finish());
  const auto other = SileroVad::open(folder / "other.onnx");
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code, ErrorCode::kModel);
  EXPECT_NE(other.error().message.find("other.onnx"), std::string::npos);
  test::write_bytes(folder / "noise.onnx", "this is no model");
  EXPECT_EQ(SileroVad::open(folder / "noise.onnx").error().code, ErrorCode::kModel);
  EXPECT_EQ(SileroVad::open(folder / "missing.onnx").error().code, ErrorCode::kModel);
}

}  // namespace
}  // namespace cinescribe::speech
