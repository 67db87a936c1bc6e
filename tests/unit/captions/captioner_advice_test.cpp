#include "cinescribe/captions/captioner_advice.h"

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace cinescribe::captions {
namespace {

AdviceQuestion question_with(double free_gigabytes) {
  AdviceQuestion question;
  question.free_bytes = static_cast<std::uint64_t>(free_gigabytes * 1e9);
  return question;
}

MachineSpeeds speeds(double gflops, double gigabytes_per_second) {
  const MachineSpeed speed{gflops, gigabytes_per_second};
  return {speed, speed, speed, speed, gflops};
}

const CaptionerShape& shape_of(const std::string& name, const std::string& type) {
  const auto shapes = known_captioners();
  return *std::find_if(shapes.begin(), shapes.end(),
                       [&](const CaptionerShape& shape) { return shape.name == name && shape.type == type; });
}

TEST(CaptionerAdvice, AFastMachineWithMemoryIsToldTheLargestModelInTheMostBits) {
  const auto list = advise_captioners(known_captioners(), speeds(20000.0, 1000.0), question_with(64.0));
  ASSERT_EQ(list.size(), known_captioners().size());
  EXPECT_EQ(list.front().name, "llava-v1.6-vicuna-13b");
  EXPECT_EQ(list.front().type, "f16");
  EXPECT_LT(list.front().seconds_per_scene, 10.0);
  for (const CaptionerAdvice& advice : list) EXPECT_TRUE(advice.fits) << advice.name;
}

TEST(CaptionerAdvice, ASlowMachineIsToldTheFastestFirst) {
  const auto list = advise_captioners(known_captioners(), speeds(10.0, 2.0), question_with(64.0));
  EXPECT_TRUE(std::is_sorted(list.begin(), list.end(),
                             [](const auto& a, const auto& b) { return a.seconds_per_scene < b.seconds_per_scene; }));
}

TEST(CaptionerAdvice, WhatDoesNotFitComesLast) {
  const auto list = advise_captioners(known_captioners(), speeds(20000.0, 1000.0), question_with(4.0));
  bool has_ended = false;
  for (const CaptionerAdvice& advice : list) {
    EXPECT_EQ(advice.fits, advice.memory_bytes <= 4e9) << advice.name;
    has_ended = has_ended || !advice.fits;
    EXPECT_EQ(advice.fits, !has_ended) << advice.name;
  }
  EXPECT_TRUE(has_ended);
  const auto none = advise_captioners(known_captioners(), speeds(20000.0, 1000.0), question_with(0.1));
  EXPECT_FALSE(none.front().fits);
}

TEST(CaptionerAdvice, LowDetailAndFewerFramesAreNeverSlower) {
  for (const CaptionerShape& shape : known_captioners()) {
    const auto seconds = [&](const AdviceQuestion& question) {
      return advise_captioners({&shape, 1}, speeds(100.0, 15.0), question).front().seconds_per_scene;
    };
    AdviceQuestion question = question_with(64.0);
    question.scenes_at_once = 4;
    const double full = seconds(question);
    question.is_low_detail = true;
    EXPECT_LE(seconds(question), full) << shape.name;
    question.is_low_detail = false;
    question.frames_per_scene = 1;
    if (shape.is_one_picture) {
      EXPECT_DOUBLE_EQ(seconds(question), full) << shape.name;
    } else {
      EXPECT_LT(seconds(question), full) << shape.name;
    }
  }
}

TEST(CaptionerAdvice, TheNumbersFollowFromTheShapes) {
  const CaptionerShape shape{"m", "q8_0", "q8_0", 1e9, 2e9, 1e9, 1e5, 1e6, 100, 50, 500, 250};
  AdviceQuestion question = question_with(64.0);
  question.scenes_at_once = 2;
  question.scene_seconds = 4.0;
  const auto advice = advise_captioners({&shape, 1}, speeds(100.0, 10.0), question).front();
  // 2 pictures of 500 GFLOP; a prompt of 280 tokens at 2 GFLOP, which look back in heads of a million numbers; 60 steps
  // for two scenes, each reading 1 GB of weights and 2 x 310 tokens of keys and values, at 10 GB/s.
  const double expected =
      10.0 + 5.6 + 2.0 * 1e6 * 280.0 * 280.0 / 1e9 / 100.0 + 60.0 * (0.1 + 2.0 * 310.0 * 1e5 / 1e9 / 10.0) / 2.0;
  EXPECT_NEAR(advice.seconds_per_scene, expected, 1e-9);
  EXPECT_NEAR(advice.rtf, expected / 4.0, 1e-9);
  EXPECT_NEAR(advice.memory_bytes, 2e9 + 2.0 * 400.0 * 1e5 + 0.7e9, 1.0);
}

TEST(CaptionerAdvice, TheBatchIsAsLargeAsItPaysAndFits) {
  const CaptionerShape shape{"m", "q8_0", "q8_0", 1e9, 2e9, 1e9, 1e6, 0, 100, 50, 1, 1};
  const auto batch = [&](double gflops, double free_gigabytes) {
    return advise_captioners({&shape, 1}, speeds(gflops, 10.0), question_with(free_gigabytes)).front().scenes_at_once;
  };
  EXPECT_EQ(batch(1e6, 64.0), 16) << "reading the weights is all there is";
  EXPECT_EQ(batch(10.0, 64.0), 1) << "computing holds every step up";
  EXPECT_EQ(batch(1e6, 4.0), 2) << "0.4 GB a scene beside 2.7 GB";
}

TEST(KnownCaptioners, HaveTheSizesOfTheirModels) {
  // Parameters as published: 6.74e9 (LLaMA 7B), 13.0e9, 7.24e9 (Mistral), 3.82e9 (Phi-3.5's language model).
  EXPECT_NEAR(shape_of("llava-v1.6-vicuna-7b", "f16").parameters + 0.131e9, 6.74e9, 0.02e9);
  EXPECT_NEAR(shape_of("llava-v1.6-vicuna-13b", "f16").parameters + 0.164e9, 13.0e9, 0.05e9);
  EXPECT_NEAR(shape_of("llava-v1.6-mistral-7b", "f16").parameters + 0.131e9, 7.24e9, 0.02e9);
  EXPECT_NEAR(shape_of("phi-3.5-vision", "f16").parameters + 0.099e9, 3.82e9, 0.02e9);
  EXPECT_DOUBLE_EQ(shape_of("llava-v1.6-vicuna-7b", "q8_0").kv_bytes_per_token, 524288.0);
  EXPECT_DOUBLE_EQ(shape_of("llava-v1.6-mistral-7b", "q8_0").attention_width, 32.0 * 4096.0);  // all heads ask
  EXPECT_DOUBLE_EQ(shape_of("llava-v1.6-mistral-7b", "q8_0").kv_bytes_per_token, 131072.0);
  std::set<std::string> names;
  for (const CaptionerShape& shape : known_captioners()) names.insert(shape.name + " " + shape.type);
  EXPECT_EQ(names.size(), known_captioners().size());
}

TEST(MachineSpeed, IsMeasuredForEveryTypeAndMissingDevicesAreNamed) {
  const auto measured = measure_machine_speed("cpu", 1);
  ASSERT_TRUE(measured.ok()) << measured.error().message;
  for (const char* type : {"f16", "q8_0", "q6_k", "q4_k_m"}) {
    EXPECT_GT(measured->of(type).gflops, 0.0) << type;
    EXPECT_GT(measured->of(type).gigabytes_per_second, 0.0) << type;
  }
  EXPECT_GT(measured->attention_gflops, 0.0);
  EXPECT_EQ(&measured->of("bf16"), &measured->f16);
  EXPECT_EQ(&measured->of("q5_k_m"), &measured->q4_k);
  const auto missing = measure_machine_speed("cuda:99", 1);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kResource);
}

}  // namespace
}  // namespace cinescribe::captions
