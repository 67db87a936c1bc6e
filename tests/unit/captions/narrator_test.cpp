#include "cinescribe/captions/narrator.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cinescribe/captions/english.h"

namespace cinescribe::captions {
namespace {

SceneContext some_scene() {
  SceneContext scene;
  scene.range = {Timestamp::from_seconds(10.0), Timestamp::from_seconds(15.48)};
  scene.speech = {" And so, my fellow Americans,", "ask not what your country can do for you. "};
  scene.objects = {{"person", 2, 5.0, 0.3}, {"car", 1, 3.0, 0.1}, {"umbrella", 1, 2.0, 0.1}};
  scene.sounds = {{"Speech", 0.9}, {"Music", 0.5}, {"Vehicle horn, car horn, honking", 0.4}};
  return scene;
}

TEST(Narrator, TellsWhatWasSeenHeardAndSaid) {
  EXPECT_EQ(narrate(some_scene()),
            "For 5.5 seconds, 2 people, a car and an umbrella are in view, music and vehicle horn can be heard and "
            "somebody says “And so, my fellow Americans, ask not what your country can do for you”.");
}

TEST(Narrator, OneThingIsSingular) {
  SceneContext scene = some_scene();
  scene.speech.clear();
  scene.sounds.clear();
  scene.objects = {{"dog", 1, 1.0, 0.5}};
  EXPECT_EQ(narrate(scene), "For 5.5 seconds, a dog is in view.");
}

TEST(Narrator, SpeechWithoutWordsIsStillHeard) {
  SceneContext scene;
  scene.range = {Timestamp(), Timestamp::from_seconds(2)};
  scene.sounds = {{"Speech", 0.9}};
  EXPECT_EQ(narrate(scene), "For 2.0 seconds, speech can be heard.");
  scene.sounds.push_back({"Music", 0.3});
  EXPECT_EQ(narrate(scene), "For 2.0 seconds, speech besides music can be heard.");
}

TEST(Narrator, AnEmptySceneClaimsNothing) {
  SceneContext scene;
  scene.range = {Timestamp(), Timestamp::from_seconds(3)};
  EXPECT_EQ(narrate(scene), "For 3.0 seconds, nothing that cinescribe recognises is seen or heard.");
}

TEST(Narrator, LongSpeechIsCutAtAWord) {
  SceneContext scene;
  scene.range = {Timestamp(), Timestamp::from_seconds(60)};
  scene.speech.assign(50, "one two three");
  EXPECT_TRUE(narrate(scene).ends_with("three …”."));
  scene.speech = {std::string(100'000, 'x')};
  EXPECT_LT(narrate(scene).size(), 2000U);
}

TEST(Narrator, IsNeverPresentedAsAModelWithEyes) {
  const auto narrator = make_narrator();
  EXPECT_EQ(narrator->facts().name, "narrator");
  EXPECT_EQ(narrator->facts().family, "narrator");
  EXPECT_FALSE(narrator->facts().needs_frames);
  EXPECT_TRUE(narrator->facts().checksum.empty());
}

TEST(SceneContext, ContextLinesHoldWhatWasChosen) {
  const SceneContext scene = some_scene();
  EXPECT_EQ(context_lines(scene, {}), "");
  EXPECT_EQ(context_lines(scene, {.has_objects = true}), "Detected in this scene: 2 people, a car and an umbrella.\n");
  EXPECT_EQ(context_lines(scene, {.has_speech = true, .has_sounds = true}),
            "Heard in this scene: music and vehicle horn.\nSaid in this scene: \"And so, my fellow Americans, ask not "
            "what your country can do for you.\"\n");
  EXPECT_EQ(context_lines(SceneContext(), {true, true, true}), "");
}

TEST(English, NounsOfTheUsualDataSetsHaveTheirPlurals) {
  const std::vector<std::pair<const char*, const char*>> nouns = {{"person", "people"},
                                                                  {"bus", "buses"},
                                                                  {"bench", "benches"},
                                                                  {"sheep", "sheep"},
                                                                  {"knife", "knives"},
                                                                  {"mouse", "mice"},
                                                                  {"skis", "skis"},
                                                                  {"wine glass", "wine glasses"},
                                                                  {"baseball bat", "baseball bats"},
                                                                  {"sandwich", "sandwiches"},
                                                                  {"toothbrush", "toothbrushes"},
                                                                  {"teddy bear", "teddy bears"},
                                                                  {"scissors", "scissors"},
                                                                  {"berry", "berries"},
                                                                  {"toy", "toys"},
                                                                  {"", ""}};
  for (const auto& [one, many] : nouns) EXPECT_EQ(plural(one), many);
  EXPECT_EQ(counted(1, "apple"), "an apple");
  EXPECT_EQ(counted(1, "scissors"), "scissors");
  EXPECT_EQ(counted(3, "dining table"), "3 dining tables");
}

}  // namespace
}  // namespace cinescribe::captions
