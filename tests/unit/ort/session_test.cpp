#include "cinescribe/ort/session.h"

#include <stop_token>
#include <string>
#include <vector>

#include "support/scratch_folder.h"
#include <gtest/gtest.h>

#include "cinescribe/ort/onnx_writer.h"

namespace cinescribe::ort {
namespace {

using Shape = std::vector<std::int64_t>;
using Names = std::vector<std::string>;

/// sum = a + b for [N,2] floats, with a property.
std::string adder() {
  OnnxWriter writer;
  writer.add_input("a", Shape{-1, 2});
  writer.add_input("b", Shape{-1, 2});
  writer.add_output("sum", Shape{-1, 2});
  writer.add_node("Add", Names{"a", "b"}, "sum");
  writer.add_metadata("names", "{0: 'person'}");
  return writer.finish();
}

class OrtSession : public testing::Test {
 protected:
  void SetUp() override {
    test::write_bytes(folder_ / "adder.onnx", adder());
    auto session = Session::open(folder_ / "adder.onnx");
    ASSERT_TRUE(session.ok()) << session.error().message;
    session_ = *std::move(session);
  }
  test::ScratchFolder folder_;
  std::unique_ptr<Session> session_;
  const std::vector<float> values_ = {1.0F, 2.0F, 3.0F, 4.0F};
};

TEST_F(OrtSession, describes_inputs_outputs_and_properties) {
  ASSERT_EQ(session_->inputs().size(), 2U);
  EXPECT_EQ(session_->inputs()[0].name, "a");
  EXPECT_EQ(session_->inputs()[0].type, ElementType::kFloat);
  EXPECT_EQ(session_->inputs()[0].shape, (Shape{-1, 2}));
  ASSERT_EQ(session_->outputs().size(), 1U);
  EXPECT_EQ(session_->metadata().at("names"), "{0: 'person'}");
  EXPECT_TRUE(runtime_version().ok());
}

TEST_F(OrtSession, runs_with_named_inputs_in_any_order) {
  const std::vector<Input> inputs = {{"b", {2, 2}, std::span(values_)}, {"a", {2, 2}, std::span(values_)}};
  const auto outputs = session_->run(inputs, Names{"sum"});
  ASSERT_TRUE(outputs.ok()) << outputs.error().message;
  ASSERT_EQ(outputs->size(), 1U);
  EXPECT_EQ((*outputs)[0].shape, (Shape{2, 2}));
  const auto sum = (*outputs)[0].view<float>();
  EXPECT_EQ(std::vector<float>(sum.begin(), sum.end()), (std::vector<float>{2.0F, 4.0F, 6.0F, 8.0F}));
  EXPECT_TRUE((*outputs)[0].view<std::int64_t>().empty());
}

TEST_F(OrtSession, wrong_inputs_are_refused_before_the_run) {
  const Input a{"a", {2, 2}, std::span(values_)};
  const std::vector<std::int64_t> integers = {1, 2, 3, 4};
  const std::vector<std::vector<Input>> wrong = {
      {a},                                                                        // one is missing
      {a, {"b", {2, 2}, std::span(integers)}},                                    // another type
      {a, {"b", {4, 1}, std::span(values_)}},                                     // another shape
      {a, {"b", {2, 2}, std::span(values_).first(3)}},                            // too few elements
      {a, {"b", {-2, -2}, std::span(values_)}},                                   // negative sizes
      {a, {"b", {2, 2}, std::span(values_)}, {"c", {2, 2}, std::span(values_)}},  // one too many
  };
  for (const auto& inputs : wrong) {
    const auto outputs = session_->run(inputs, Names{"sum"});
    ASSERT_FALSE(outputs.ok());
    EXPECT_EQ(outputs.error().code, ErrorCode::kUsage) << outputs.error().message;
  }
  const std::vector<Input> right = {a, {"b", {2, 2}, std::span(values_)}};
  EXPECT_EQ(session_->run(right, Names{"product"}).error().code, ErrorCode::kUsage);
}

TEST_F(OrtSession, a_stop_request_is_answered_as_interrupted) {
  std::stop_source stop;
  stop.request_stop();
  const std::vector<Input> inputs = {{"a", {2, 2}, std::span(values_)}, {"b", {2, 2}, std::span(values_)}};
  EXPECT_EQ(session_->run(inputs, Names{"sum"}, stop.get_token()).error().code, ErrorCode::kInterrupted);
}

TEST_F(OrtSession, files_that_are_no_models_and_unknown_devices_are_errors) {
  test::write_bytes(folder_ / "noise.onnx", "no model at all");
  const auto noise = Session::open(folder_ / "noise.onnx");
  ASSERT_FALSE(noise.ok());
  EXPECT_EQ(noise.error().code, ErrorCode::kModel);
  EXPECT_NE(noise.error().message.find("noise.onnx"), std::string::npos);
  EXPECT_EQ(Session::open(folder_ / "missing.onnx").error().code, ErrorCode::kModel);
  SessionOptions options;
  options.device = "abacus";
  EXPECT_EQ(Session::open(folder_ / "adder.onnx", options).error().code, ErrorCode::kUsage);
}

}  // namespace
}  // namespace cinescribe::ort
