#include "cinescribe/captions/captioner_advice.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace cinescribe::captions {
namespace {

AdviceQuestion question_with(double free_gigabytes) {
  AdviceQuestion question;
  question.free_bytes = static_cast<std::uint64_t>(free_gigabytes * 1e9);
  return question;
}

TEST(CaptionerAdvice, AFastMachineWithMemoryIsToldTheLargestModel) {
  const auto list = advise_captioners(known_captioners(), {20000.0, 1000.0}, question_with(64.0));
  ASSERT_EQ(list.size(), known_captioners().size());
  EXPECT_EQ(list.front().name, "qwen3-vl-8b");
  EXPECT_LT(list.front().seconds_per_scene, 2.0);
  for (const CaptionerAdvice& advice : list) EXPECT_TRUE(advice.fits) << advice.name;
}

TEST(CaptionerAdvice, ASlowMachineIsToldTheFastestFirst) {
  const auto list = advise_captioners(known_captioners(), {10.0, 2.0}, question_with(64.0));
  EXPECT_TRUE(std::is_sorted(list.begin(), list.end(),
                             [](const auto& a, const auto& b) { return a.seconds_per_scene < b.seconds_per_scene; }));
}

TEST(CaptionerAdvice, WhatDoesNotFitComesLast) {
  const auto list = advise_captioners(known_captioners(), {20000.0, 1000.0}, question_with(4.0));
  bool has_ended = false;
  for (const CaptionerAdvice& advice : list) {
    EXPECT_EQ(advice.fits, advice.memory_bytes <= 4e9) << advice.name;
    has_ended = has_ended || !advice.fits;
    EXPECT_EQ(advice.fits, !has_ended) << advice.name;
  }
  EXPECT_TRUE(has_ended);
  const auto none = advise_captioners(known_captioners(), {20000.0, 1000.0}, question_with(0.1));
  EXPECT_FALSE(none.front().fits);
}

TEST(CaptionerAdvice, LowDetailAndFewerFramesAreNeverSlower) {
  const MachineSpeed speed{100.0, 15.0};
  AdviceQuestion question = question_with(64.0);
  const auto seconds_of = [&](const char* name) {
    for (const auto& advice : advise_captioners(known_captioners(), speed, question)) {
      if (advice.name == name) return advice.seconds_per_scene;
    }
    return -1.0;
  };
  for (const CaptionerShape& shape : known_captioners()) {
    question = question_with(64.0);
    const double full = seconds_of(shape.name);
    question.is_low_detail = true;
    EXPECT_LE(seconds_of(shape.name), full) << shape.name;
    question.is_low_detail = false;
    question.frames_per_scene = 1;
    EXPECT_LT(seconds_of(shape.name), full) << shape.name;
  }
}

TEST(MachineSpeed, IsMeasuredAndMissingDevicesAreNamed) {
  const auto speed = measure_machine_speed("cpu", 1);
  ASSERT_TRUE(speed.ok()) << speed.error().message;
  EXPECT_GT(speed->gflops, 0.0);
  EXPECT_GT(speed->gigabytes_per_second, 0.0);
  const auto missing = measure_machine_speed("cuda:99", 1);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kResource);
}

}  // namespace
}  // namespace cinescribe::captions
