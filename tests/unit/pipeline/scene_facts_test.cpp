#include "cinescribe/pipeline/scene_facts.h"

#include <gtest/gtest.h>

namespace cinescribe::pipeline {
namespace {

results::TrackRecord track(const char* label, double start, double end, double share) {
  results::TrackRecord record;
  record.label = label;
  record.range = {Timestamp::from_seconds(start), Timestamp::from_seconds(end)};
  record.screen_share = share;
  return record;
}

TEST(SceneFacts, ThingsAreCountedAsTheMostAtOneMoment) {
  results::SceneRecord scene;
  scene.objects = {track("person", 0, 2, 0.1), track("person", 1, 3, 0.2), track("person", 3, 4, 0.1)};
  const auto facts = scene_facts(scene);
  ASSERT_EQ(facts.objects.size(), 1U);
  EXPECT_EQ(facts.objects[0].count, 2);
  EXPECT_DOUBLE_EQ(facts.objects[0].seconds, 4.0);
  EXPECT_DOUBLE_EQ(facts.objects[0].screen_share, 0.2);
}

TEST(SceneFacts, WhatFillsThePictureLongestComesFirst) {
  results::SceneRecord scene;
  scene.objects = {track("cat", 0, 1, 0.5), track("dog", 0, 10, 0.5), track("ant", 0, 10, 0.001)};
  const auto facts = scene_facts(scene);
  ASSERT_EQ(facts.objects.size(), 3U);
  EXPECT_EQ(facts.objects[0].label, "dog");
  EXPECT_EQ(facts.objects[1].label, "cat");
  EXPECT_EQ(facts.objects[2].label, "ant");
}

TEST(SceneFacts, ATrackOfOneFrameCounts) {
  results::SceneRecord scene;
  scene.objects = {track("bird", 1, 1, 0.1)};
  EXPECT_EQ(scene_facts(scene).objects.at(0).count, 1);
}

TEST(SceneFacts, UncertainSoundsAreNoFacts) {
  results::SceneRecord scene;
  scene.sounds = {{"Music", 0.3, 0.1}, {"Dog", 0.9, 0.5}, {"Cat", 0.1, 0.05}};
  const auto facts = scene_facts(scene);
  ASSERT_EQ(facts.sounds.size(), 2U);
  EXPECT_EQ(facts.sounds[0].label, "Dog");
}

}  // namespace
}  // namespace cinescribe::pipeline
