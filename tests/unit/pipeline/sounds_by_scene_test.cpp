#include "cinescribe/pipeline/sounds_by_scene.h"

#include <filesystem>
#include <string>
#include <vector>

#include "unit/pipeline/stub_tagger.h"
#include <gtest/gtest.h>

namespace cinescribe::pipeline {
namespace {

constexpr std::size_t kWindow = 1600;  // a tenth of a second

/// A step of the video's life: sound arrives, or cuts (in ms) become certain up to a time.
struct Step {
  std::size_t samples = 0;
  std::vector<int> cuts_ms;
  int settled_ms = -1;
};

/// One line per scene: its windows, its tags with highest and mean score, and the spans that came with it.
class SoundsBySceneTest : public testing::Test {
 protected:
  std::vector<std::string> run(const std::vector<Step>& steps, const std::vector<float>& sound) {
    std::vector<std::string> lines;
    StubTagger tagger(kWindow);
    SoundsByScene::Options options;
    options.filter = {0.25, 0};
    options.skips_masked = skips_masked_;
    options.folder = testing::TempDir();
    options.delivered = delivered_;
    open_.clear();
    SoundsByScene scenes(tagger, options, [this, &lines](SceneSounds&& scene) {
      lines.push_back(text_of(scene));
      open_.push_back(scene.open);
      return Status();
    });
    std::size_t next = 0;
    for (const Step& step : steps) {
      const std::size_t count = std::min(step.samples, sound.size() - next);
      EXPECT_TRUE(scenes.push(std::span(sound).subspan(next, count)).ok());
      next += count;
      std::vector<Timestamp> cuts;
      for (const int ms : step.cuts_ms) cuts.push_back(Timestamp::from_seconds(ms / 1e3));
      if (step.settled_ms < 0) continue;
      EXPECT_TRUE(scenes.settle(cuts, Timestamp::from_seconds(step.settled_ms / 1e3)).ok());
    }
    EXPECT_EQ(next, sound.size());
    EXPECT_TRUE(scenes.finish().ok());
    batches_ = tagger.batches;
    return lines;
  }

  static std::string text_of(const SceneSounds& scene) {
    std::string text = std::to_string(scene.scene_index) + ": " + std::to_string(scene.windows) + " windows";
    for (const auto& tag : scene.tags) {
      text += (tag.label_index == 0 ? ", loud " : ", long ") + percent(tag.max_score) + "/" + percent(tag.mean_score);
    }
    for (const auto& span : scene.time_line) {
      if (span.label_index != 0) continue;
      text += ", span " + std::to_string(span.range.start.ns() / 1'000'000) + "-" +
              std::to_string(span.range.end.ns() / 1'000'000);
    }
    return text;
  }
  static std::string percent(double score) { return std::to_string(static_cast<int>(score * 100.0 + 0.5)); }

  /// `loud` stretches in ms at 0.5, the rest at 0.1.
  static std::vector<float> sound_of(int length_ms, const std::vector<std::pair<int, int>>& loud) {
    std::vector<float> samples(static_cast<std::size_t>(length_ms) * 16, 0.1F);
    for (const auto& [from, to] : loud) {
      std::fill(samples.begin() + from * 16, samples.begin() + to * 16, 0.5F);
    }
    return samples;
  }

  bool skips_masked_ = false;
  SoundsByScene::Delivered delivered_;
  std::vector<std::vector<sounds::TimedTag>> open_;  ///< After each scene.
  int batches_ = 0;
};

TEST_F(SoundsBySceneTest, EachSceneIsCoveredWholeAndNothingReachesOverACut) {
  // 250 ms: two windows and one that ends with the scene; the loud part after the cut is not heard before it.
  const auto lines = run({{8000, {250}, 500}}, sound_of(500, {{250, 300}}));
  EXPECT_EQ(lines, (std::vector<std::string>{"0: 3 windows, long 100/100",
                                             "1: 3 windows, long 100/100, loud 50/23, span 250-350"}));
}

TEST_F(SoundsBySceneTest, ARunThatGoesOnAfterAnySceneGivesTheRest) {
  const std::vector<Step> steps = {{4000, {100, 200}, 250}, {4000, {}, 250}, {8000, {300, 700, 900}, 1100}};
  const auto sound = sound_of(1000, {{50, 450}, {650, 850}});
  const auto all = run(steps, sound);
  const auto open = open_;
  const int batches = batches_;
  ASSERT_EQ(all.size(), 6U);
  for (std::size_t done = 1; done <= all.size(); ++done) {
    delivered_ = {static_cast<std::int64_t>(done), open[done - 1]};
    const auto rest = run(steps, sound);
    EXPECT_EQ(rest, std::vector<std::string>(all.begin() + static_cast<std::ptrdiff_t>(done), all.end())) << done;
    if (done > 3) {
      EXPECT_LT(batches_, batches) << "what was tagged is tagged again";
    }
  }
  EXPECT_EQ(batches_, 0);
}

TEST_F(SoundsBySceneTest, WindowsOfSeveralScenesShareABatch) {
  run({{16000, {100, 200, 300, 400, 500, 600, 700, 800, 900}, 1000}}, sound_of(1000, {}));
  EXPECT_EQ(batches_, 4);  // ten windows, three at a time
}

TEST_F(SoundsBySceneTest, TheResultDoesNotDependOnWhenTheCutsCame) {
  const auto sound = sound_of(1000, {{120, 180}, {500, 720}});
  const auto at_once = run({{16000, {}, -1}, {0, {130, 480, 720}, 1000}}, sound);
  const auto before = run({{0, {130, 480, 720}, 1000}, {16000, {}, -1}}, sound);
  std::vector<Step> late;
  for (int ms = 50; ms <= 1000; ms += 50) {
    Step step{800, {}, std::max(0, ms - 170)};
    for (const int cut : {130, 480, 720}) {
      if (cut < step.settled_ms && cut >= step.settled_ms - 50) step.cuts_ms.push_back(cut);
    }
    late.push_back(step);
  }
  const auto bit_by_bit = run(late, sound);
  EXPECT_EQ(at_once.size(), 4U);
  EXPECT_EQ(before, at_once);
  EXPECT_EQ(bit_by_bit, at_once);
}

TEST_F(SoundsBySceneTest, SpansGoOnOverCuts) {
  const auto lines = run({{16000, {500}, 1000}}, sound_of(1000, {{400, 600}}));
  EXPECT_EQ(lines[0].find("span"), std::string::npos);
  EXPECT_NE(lines[1].find("span 400-600"), std::string::npos) << lines[1];
}

TEST_F(SoundsBySceneTest, ScenesAfterTheSoundsEndAreSilentAndSoundAfterTheLastCutBelongsToTheLastScene) {
  EXPECT_EQ(run({{4800, {100, 500, 600}, 700}}, sound_of(300, {{250, 300}})),
            (std::vector<std::string>{"0: 1 windows, long 100/100", "1: 2 windows, long 100/100, loud 50/30",
                                      "2: 0 windows", "3: 0 windows, span 200-300"}));
}

TEST_F(SoundsBySceneTest, NoSoundAtAllIsOneSceneWithoutWindows) {
  EXPECT_EQ(run({{0, {}, 0}}, {}), (std::vector<std::string>{"0: 0 windows"}));
}

TEST_F(SoundsBySceneTest, ACutAtTheStartMakesAnEmptyScene) {
  EXPECT_EQ(run({{1600, {0}, 100}}, sound_of(100, {})).front(), "0: 0 windows");
}

TEST_F(SoundsBySceneTest, WindowsThatAreMostlyMaskedAreNotTagged) {
  skips_masked_ = true;
  auto sound = sound_of(300, {});
  std::fill(sound.begin() + 2300, sound.begin() + 3900, 0.0F);  // 900 samples of the second window, 700 of the third
  EXPECT_EQ(run({{4800, {}, 300}}, sound), (std::vector<std::string>{"0: 2 windows, long 100/100"}));
}

TEST_F(SoundsBySceneTest, AFailedDeliveryEndsTheRun) {
  StubTagger tagger(kWindow);
  SoundsByScene scenes(tagger, {{}, false, testing::TempDir(), {}}, [](SceneSounds&&) {
    return Status(Error{ErrorCode::kResource, "full"});
  });
  ASSERT_TRUE(scenes.push(sound_of(300, {})).ok());
  EXPECT_EQ(scenes.finish().error().message, "full");
}

}  // namespace
}  // namespace cinescribe::pipeline
