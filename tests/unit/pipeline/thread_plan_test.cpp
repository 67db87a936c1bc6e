#include "cinescribe/pipeline/thread_plan.h"

#include <gtest/gtest.h>

namespace cinescribe::pipeline {
namespace {

TEST(ThreadPlan, ThePicturesOfScenesGetAsManyThreadsAsThePass) {
  const PlannedWork scenes{.has_frames = true, .has_pictures = true};
  for (const int cores : {1, 2, 3, 4, 8, 64}) {
    const ThreadPlan plan = plan_threads(cores, scenes);
    EXPECT_EQ(plan.pictures, plan.decoder) << cores;
    EXPECT_GE(plan.decoder, 1) << cores;
    EXPECT_LE(plan.decoder + plan.pictures, cores < 2 ? 2 : cores) << cores;
  }
  EXPECT_EQ(plan_threads(8, {.has_frames = true}).decoder, 7) << "no pictures are kept: the pass has them";
}

TEST(ThreadPlan, BesideHeavyWorkDecodersGetLittle) {
  const PlannedWork all{
      .has_frames = true, .has_pictures = true, .has_speech = true, .has_sounds = true, .has_objects = true};
  const ThreadPlan few = plan_threads(2, all);
  EXPECT_EQ(few.decoder, 1);
  EXPECT_EQ(few.speech, 2);
  EXPECT_EQ(few.objects, 2);
  const ThreadPlan many = plan_threads(16, all);
  EXPECT_EQ(many.decoder, 4);
  EXPECT_EQ(many.speech + many.objects + many.decoder, 16);
  EXPECT_EQ(many.sounds, 1);
}

TEST(ThreadPlan, VideosSideBySideShare) {
  const PlannedWork scenes{.has_frames = true, .has_pictures = true, .has_sounds = true};
  const ThreadPlan plan = plan_threads(16, scenes, 4);
  EXPECT_EQ(plan.decoder, 2);
  EXPECT_EQ(plan.pictures, 2);
  EXPECT_EQ(plan_threads(2, scenes, 8).decoder, 1);
}

}  // namespace
}  // namespace cinescribe::pipeline
