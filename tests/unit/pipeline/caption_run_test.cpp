#include "cinescribe/pipeline/caption_run.h"

#include <filesystem>
#include <string>
#include <vector>

#include "support/scratch_folder.h"
#include "unit/pipeline/stub_captioner.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/captions/narrator.h"
#include "cinescribe/pipeline/journal.h"
#include "cinescribe/pipeline/media_identity.h"
#include "cinescribe/results/base_data_writer.h"

namespace cinescribe::pipeline {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int kScenes = 7;

void remove_timings(Json& value) {
  if (value.is_object()) value.erase("timings");
  for (Json& part : value) {
    if (part.is_structured()) remove_timings(part);
  }
}

class CaptionRunTest : public testing::Test {
 protected:
  void SetUp() override {
    video_ = folder_ / "clip.mp4";
    fs::copy_file(CINESCRIBE_TEST_DATA "/media/cuts_23976.mp4", video_);
    base_ = folder_ / "base" / "clip";
    out_ = folder_ / "stub" / "clip";
    write_base(true);
    source_.facts = captioner_.facts();
    source_.load = [this](const std::stop_token&) -> Result<captions::Captioner*> {
      ++loads_;
      return &captioner_;
    };
    options_.prompt = "Describe.";
  }

  void write_base(bool has_picture) {
    const auto media = identify(video_);
    ASSERT_TRUE(media.ok());
    fs::create_directories(base_);
    fs::remove(base_ / "journal.jsonl");
    auto journal = Journal::open(base_ / "journal.jsonl");
    ASSERT_TRUE(journal.ok());
    const Json record = {
        {"source", media->source.string()}, {"size_bytes", media->size_bytes}, {"fingerprint", media->fingerprint}};
    ASSERT_TRUE(journal->append({"media", "", record.dump()}).ok());
    results::BaseData data;
    data.video.file_name = "clip.mp4";
    data.video.fingerprint = media->fingerprint;
    data.video.duration = Duration::from_ms(kScenes * 1000);
    if (has_picture) {
      data.video.picture.emplace();
      data.video.picture->width = 640;
      data.video.picture->height = 360;
    }
    auto writer = results::BaseDataWriter::create(base_ / "base_data.json", data);
    ASSERT_TRUE(writer.ok());
    for (int i = 0; i < kScenes; ++i) {
      results::SceneRecord scene;
      scene.scene_index = i;
      scene.range = {Timestamp::from_seconds(i), Timestamp::from_seconds(i + 1)};
      results::SegmentRecord segment;
      segment.range = scene.range;
      segment.text = "words of scene " + std::to_string(i);
      scene.speech = {segment};
      ASSERT_TRUE(writer->scene(scene).ok());
    }
    ASSERT_TRUE(writer->finish({}).ok());
  }

  Result<CaptionReport> run(const std::stop_token& stop = {}) {
    return caption_video(base_, out_, source_, options_, listener_, stop);
  }

  Json captions() {
    Json json = Json::parse(test::read_bytes(out_ / "vlm_captions.json"), nullptr, false);
    EXPECT_TRUE(json.is_object());
    return json;
  }
  std::string facts() {
    Json json = captions();
    remove_timings(json);
    return json.dump();
  }

  test::ScratchFolder folder_;
  fs::path video_;
  fs::path base_;
  fs::path out_;
  StubCaptioner captioner_;
  CaptionerSource source_;
  CaptionRunOptions options_;
  ProgressListener listener_;
  int loads_ = 0;
};

TEST_F(CaptionRunTest, EverySceneIsDescribedFromItsFramesAndFiledInOrder) {
  const auto report = run();
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->totals.captions, kScenes);
  const Json json = captions();
  ASSERT_EQ(json["scenes"].size(), static_cast<std::size_t>(kScenes));
  for (int i = 0; i < kScenes; ++i) {
    const Json& scene = json["scenes"][static_cast<std::size_t>(i)];
    EXPECT_EQ(scene["scene_index"], i);
    EXPECT_EQ(scene["caption"], "scene " + std::to_string(i) + " shows 2");
    EXPECT_EQ(scene["avg_logprob"], -0.38);
    EXPECT_EQ(scene["tokens"]["generated"], 2);
    ASSERT_EQ(scene["made_from"]["frames"].size(), 2U);
    EXPECT_NEAR(scene["made_from"]["frames"][1]["time_seconds"], i + 0.5, 0.05);
    EXPECT_EQ(scene["made_from"]["frames"][0]["sha256"].get<std::string>().size(), 64U);
  }
  EXPECT_NE(json["scenes"][0]["made_from"]["frames"][0], json["scenes"][3]["made_from"]["frames"][0]);
  EXPECT_EQ(json["made_from"]["prompt"], "Describe.");
  EXPECT_EQ(captioner_.prompts.at(2), "Describe.");
}

TEST_F(CaptionRunTest, ASecondRunLoadsNothingAndDoesNothing) {
  ASSERT_TRUE(run().ok());
  const std::string before = test::read_bytes(out_ / "vlm_captions.json");
  const auto again = run();
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->was_done);
  EXPECT_EQ(again->totals.captions, kScenes);
  EXPECT_EQ(loads_, 1);
  EXPECT_EQ(test::read_bytes(out_ / "vlm_captions.json"), before);
}

TEST_F(CaptionRunTest, ARunKilledAtAnyByteOfItsJournalEndsWithTheSameFile) {
  ASSERT_TRUE(run().ok());
  const std::string whole = facts();
  const std::string journal = test::read_bytes(out_ / "journal.jsonl");
  for (std::size_t kept = 0; kept < journal.size(); kept += 463) {
    fs::remove_all(out_);
    fs::create_directories(out_);
    test::write_bytes(out_ / "journal.jsonl", journal.substr(0, kept));
    test::write_bytes(out_ / ".vlm_captions.json.1.part", "{");
    const auto report = run();
    ASSERT_TRUE(report.ok()) << kept << ": " << report.error().message;
    ASSERT_EQ(facts(), whole) << kept;
    EXPECT_FALSE(fs::exists(out_ / ".vlm_captions.json.1.part"));
  }
}

TEST_F(CaptionRunTest, AfterAStopOnlyTheRestIsDescribed) {
  ASSERT_TRUE(run().ok());
  const std::string whole = facts();
  fs::remove_all(out_);
  std::stop_source stop;
  captioner_.described = 0;
  captioner_.on_described = [&] {
    if (captioner_.described == 4) stop.request_stop();
  };
  const auto stopped = run(stop.get_token());
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::kInterrupted);
  EXPECT_FALSE(fs::exists(out_ / "vlm_captions.json"));
  captioner_.on_described = nullptr;
  captioner_.described = 0;
  const auto resumed = run();
  ASSERT_TRUE(resumed.ok()) << resumed.error().message;
  EXPECT_EQ(resumed->reused, 4);
  EXPECT_EQ(captioner_.described, kScenes - 4);
  EXPECT_EQ(facts(), whole);
}

TEST_F(CaptionRunTest, AnErrorOfOneSceneIsItsEntryAndTheRestGoesOn) {
  captioner_.failing = 3;
  const auto report = run();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->totals.failures, 1);
  ASSERT_TRUE(report->first_failure);
  EXPECT_EQ(report->first_failure->message, "the stub cannot see");
  EXPECT_TRUE(captions()["scenes"][3]["caption"].is_null());
  EXPECT_EQ(captions()["scenes"][3]["error"]["code"], "input");
  EXPECT_EQ(captions()["scenes"][4]["caption"], "scene 4 shows 2");
  EXPECT_TRUE(run()->was_done);
}

TEST_F(CaptionRunTest, ACaptionThatSaysNothingIsSuspectWhoeverMadeIt) {
  captioner_.silent = 2;
  const auto report = run();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->totals.suspects, 1);
  EXPECT_EQ(captions()["scenes"][2]["flags"]["suspect"], "empty");
  EXPECT_TRUE(captions()["scenes"][1]["flags"]["suspect"].is_null());
}

TEST_F(CaptionRunTest, OtherSettingsOrAnotherModelMeanOtherCaptions) {
  ASSERT_TRUE(run().ok());
  options_.choice.frames = 1;
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(captions()["scenes"][0]["caption"], "scene 0 shows 1");
  options_.generation.num_beams = 3;
  ASSERT_TRUE(run().ok());
  options_.prompt = "Tell.";
  ASSERT_TRUE(run().ok());
  source_.facts.checksum = "ccdd";
  ASSERT_TRUE(run().ok());
  options_.is_forced = true;
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(captioner_.described, 6 * kScenes);
}

TEST_F(CaptionRunTest, TheFirstScenesAloneAreDescribedWhereMoreAreNotWanted) {
  options_.most_scenes = 2;
  const auto report = run();
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->totals.scenes, 2);
  EXPECT_EQ(captioner_.described, 2);
  EXPECT_EQ(captions()["scenes"].size(), 2U);
  options_.most_scenes = kScenes + 1;
  ASSERT_TRUE(run().ok());
  const std::string all = facts();
  options_.most_scenes = 0;
  const auto again = run();
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->was_done);
  EXPECT_EQ(facts(), all);
}

TEST_F(CaptionRunTest, ContextOfTheSceneStandsBeforeTheInstruction) {
  options_.context.has_speech = true;
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(captioner_.prompts.at(2), "Said in this scene: \"words of scene 2\"\nDescribe.");
  const Json json = captions();
  EXPECT_NE(json["scenes"][1]["made_from"]["prompt_sha256"], json["scenes"][2]["made_from"]["prompt_sha256"]);
}

TEST_F(CaptionRunTest, AMovedVideoIsFoundWhereItIsSaidToLie) {
  fs::create_directories(folder_ / "elsewhere");
  fs::rename(video_, folder_ / "elsewhere" / "clip.mp4");
  const auto lost = run();
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().code, ErrorCode::kInput);
  EXPECT_NE(lost.error().message.find("--video"), std::string::npos);
  options_.video = folder_ / "elsewhere";
  EXPECT_TRUE(run().ok());
}

TEST_F(CaptionRunTest, AnotherVideoInItsPlaceIsRefused) {
  fs::copy_file(CINESCRIBE_TEST_DATA "/media/fades_2997.mp4", video_, fs::copy_options::overwrite_existing);
  const auto report = run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, ErrorCode::kInput);
  EXPECT_EQ(captioner_.described, 0);
}

TEST_F(CaptionRunTest, SoundAloneNeedsACaptionerWithoutEyes) {
  write_base(false);
  const auto report = run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, ErrorCode::kInput);
  const auto narrator = captions::make_narrator();
  source_.facts = narrator->facts();
  source_.load = [&narrator](const std::stop_token&) -> Result<captions::Captioner*> { return narrator.get(); };
  fs::remove(video_);
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(captions()["scenes"][6]["caption"], "For 1.0 seconds, somebody says “words of scene 6”.");
  EXPECT_EQ(captions()["captioner"]["is_vlm"], false);
}

TEST_F(CaptionRunTest, ACaptionerThatLeavesOutASceneIsADefect) {
  captioner_.left_out = 5;
  const auto report = run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, ErrorCode::kInternal);
  EXPECT_FALSE(fs::exists(out_ / "vlm_captions.json"));
}

TEST_F(CaptionRunTest, AForecastMayRefuseTheRunBeforeItBegins) {
  CaptionForecast told;
  const auto report = caption_video(base_, out_, source_, options_, listener_, {},
                                    [&told](captions::Captioner&, const CaptionForecast& forecast) -> Status {
                                      told = forecast;
                                      return Error{ErrorCode::kResource, "needs 40 GB"};
                                    });
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().message, "needs 40 GB");
  EXPECT_EQ(told.scenes, kScenes);
  EXPECT_EQ(told.frame_width, 597);
  EXPECT_EQ(told.frame_height, 336);
  EXPECT_EQ(captioner_.described, 0);
}

TEST_F(CaptionRunTest, AJournalThatCannotBeWrittenEndsTheRun) {
  test::write_bytes(folder_ / "stub", "a file in the way");
  const auto report = run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, ErrorCode::kResource);
}

}  // namespace
}  // namespace cinescribe::pipeline
