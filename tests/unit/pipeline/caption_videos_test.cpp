#include "cinescribe/pipeline/caption_videos.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/scratch_folder.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/pipeline/journal.h"
#include "cinescribe/pipeline/media_identity.h"
#include "cinescribe/results/base_data_writer.h"

namespace cinescribe::pipeline {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

void remove_timings(Json& value) {
  if (value.is_object()) value.erase("timings");
  for (Json& part : value) {
    if (part.is_structured()) remove_timings(part);
  }
}

/// Says which picture it saw; takes two scenes at once and its time; stops working for good after `lives` scenes.
class DeviceCaptioner final : public captions::Captioner {
 public:
  explicit DeviceCaptioner(int lives) : lives_(lives) {
    facts_.name = "device";
    facts_.family = "stub";
    facts_.checksum = "aabb";
  }
  [[nodiscard]] const captions::CaptionerFacts& facts() const override { return facts_; }

  Status run(const std::function<std::optional<captions::CaptionRequest>()>& next,
             const std::function<void(captions::CaptionOutcome)>& done, const std::stop_token& stop) override {
    for (bool has_more = true; has_more;) {
      std::vector<captions::CaptionRequest> taken;
      for (int i = 0; i < 2 && has_more; ++i) {
        auto request = next();
        has_more = request.has_value();
        if (request) taken.push_back(*std::move(request));
      }
      for (const captions::CaptionRequest& request : taken) {
        if (stop.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped"};
        if (lives_-- == 0) return Error{ErrorCode::kResource, "the device is lost"};
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        captions::Caption caption;
        std::int64_t sum = 0;
        for (const Image& frame : request.frames) {
          for (const std::uint8_t value : frame.pixels) sum += value;
        }
        caption.text = "scene " + std::to_string(request.id) + " of brightness " + std::to_string(sum);
        caption.frames_used = static_cast<int>(request.frames.size());
        ++described;
        done({request.id, std::move(caption)});
      }
    }
    return {};
  }

  int described = 0;

 private:
  int lives_;
  captions::CaptionerFacts facts_;
};

class CaptionVideosTest : public testing::Test {
 protected:
  void add_video(const std::string& file, int scenes) {
    const fs::path video = fs::absolute(fs::path(CINESCRIBE_TEST_DATA) / "media" / file);
    const fs::path base = folder_ / ("base/" + std::to_string(bases_.size()));
    const auto media = identify(video);
    ASSERT_TRUE(media.ok());
    fs::create_directories(base);
    auto journal = Journal::open(base / "journal.jsonl");
    ASSERT_TRUE(journal.ok());
    const Json record = {
        {"source", media->source.string()}, {"size_bytes", media->size_bytes}, {"fingerprint", media->fingerprint}};
    ASSERT_TRUE(journal->append({"media", "", record.dump()}).ok());
    results::BaseData data;
    data.video.file_name = file;
    data.video.fingerprint = media->fingerprint;
    data.video.duration = Duration::from_ms(scenes * 200);
    data.video.picture.emplace();
    auto writer = results::BaseDataWriter::create(base / "base_data.json", data);
    ASSERT_TRUE(writer.ok());
    for (int i = 0; i < scenes; ++i) {
      results::SceneRecord scene;
      scene.scene_index = i;
      scene.range = {Timestamp::from_seconds(i * 0.2), Timestamp::from_seconds(i * 0.2 + 0.2)};
      ASSERT_TRUE(writer->scene(scene).ok());
    }
    ASSERT_TRUE(writer->finish({}).ok());
    bases_.push_back(base);
  }

  /// Workers with so many lives each; -1 is a worker that cannot load, large numbers live on.
  Status run(const std::string& out, const std::vector<int>& lives, const std::stop_token& stop = {}) {
    CaptionBatch batch;
    batch.least_share = 2;
    batch.options.prompt = "Describe.";
    captioners_.clear();
    for (const int each : lives) {
      captioners_.push_back(std::make_unique<DeviceCaptioner>(each));
      DeviceCaptioner* const captioner = captioners_.back().get();
      CaptionerSource source;
      source.facts = captioner->facts();
      source.load = [captioner, each](const std::stop_token&) -> Result<captions::Captioner*> {
        if (each < 0) return Error{ErrorCode::kModel, "no such device"};
        return captioner;
      };
      batch.workers.push_back({"device " + std::to_string(captioners_.size()), source});
    }
    for (const fs::path& base : bases_) batch.videos.push_back({base, folder_ / out / base.filename()});
    CaptionBatchListener listener;
    listener.on_report = [this](std::size_t video, const Result<CaptionReport>& report) {
      reports_.insert_or_assign(video, report);
      if (on_report_) on_report_();
    };
    listener.on_lost = [this](const CaptionWorker& worker, const Error&) { lost_.push_back(worker.device); };
    reports_.clear();
    return caption_videos(batch, listener, stop);
  }

  std::vector<std::string> facts(const std::string& out) {
    std::vector<std::string> all;
    for (const fs::path& base : bases_) {
      Json json = Json::parse(test::read_bytes(folder_ / out / base.filename() / "vlm_captions.json"), nullptr, false);
      EXPECT_TRUE(json.is_object()) << out << " " << base.filename();
      remove_timings(json);
      all.push_back(json.dump());
    }
    return all;
  }

  test::ScratchFolder folder_;
  std::vector<fs::path> bases_;
  std::vector<std::unique_ptr<DeviceCaptioner>> captioners_;
  std::map<std::size_t, Result<CaptionReport>> reports_;
  std::vector<std::string> lost_;
  std::function<void()> on_report_;
};

constexpr int kLong = 1'000'000;

TEST_F(CaptionVideosTest, FourWorkersOnFourVideosMakeWhatOneMakes) {
  add_video("cuts_23976.mp4", 30);
  add_video("fades_2997.mp4", 9);
  add_video("flashes_10fps_sar.mp4", 20);
  add_video("nasa_13013.mp4", 1);
  ASSERT_TRUE(run("one", {kLong}).ok());
  EXPECT_EQ(reports_.size(), 4U);
  ASSERT_TRUE(run("four", {kLong, kLong, kLong, kLong}).ok());
  EXPECT_EQ(reports_.size(), 4U);
  for (const auto& [video, report] : reports_) EXPECT_TRUE(report.ok()) << video;
  EXPECT_EQ(facts("one"), facts("four"));
  int described = 0;
  for (const auto& captioner : captioners_) described += captioner->described;
  EXPECT_EQ(described, 60) << "no scene twice";
}

TEST_F(CaptionVideosTest, ALongVideoIsDividedAmongWorkers) {
  add_video("cuts_23976.mp4", 40);
  ASSERT_TRUE(run("one", {kLong}).ok());
  ASSERT_TRUE(run("three", {kLong, kLong, kLong}).ok());
  EXPECT_EQ(facts("one"), facts("three"));
  for (const auto& captioner : captioners_) EXPECT_GT(captioner->described, 0);
}

TEST_F(CaptionVideosTest, AnotherDeviceGoesOnWhereOneIsLost) {
  add_video("cuts_23976.mp4", 24);
  add_video("fades_2997.mp4", 12);
  ASSERT_TRUE(run("one", {kLong}).ok());
  ASSERT_TRUE(run("weak", {3, kLong, -1}).ok());
  EXPECT_EQ(facts("one"), facts("weak"));
  EXPECT_EQ(lost_.size(), 2U);
}

TEST_F(CaptionVideosTest, WithoutAnyDeviceLeftTheRunEndsAndTheNextGoesOn) {
  add_video("cuts_23976.mp4", 12);
  add_video("fades_2997.mp4", 6);
  const Status status = run("out", {5});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "the device is lost");
  EXPECT_TRUE(reports_.empty());
  ASSERT_TRUE(run("out", {kLong}).ok());
  EXPECT_EQ(captioners_.front()->described, 13);
  EXPECT_EQ(reports_.at(0)->reused, 5);
}

TEST_F(CaptionVideosTest, OneBadVideoCostsItselfAlone) {
  add_video("cuts_23976.mp4", 4);
  add_video("fades_2997.mp4", 4);
  test::write_bytes(bases_[0] / "base_data.json", "{");
  ASSERT_TRUE(run("out", {kLong, kLong}).ok());
  ASSERT_EQ(reports_.size(), 2U);
  ASSERT_FALSE(reports_.at(0).ok());
  EXPECT_EQ(reports_.at(0).error().code, ErrorCode::kInput);
  EXPECT_TRUE(reports_.at(1).ok());
  ASSERT_TRUE(run("out", {kLong}).ok());
  EXPECT_TRUE(reports_.at(1)->was_done);
  EXPECT_EQ(captioners_.front()->described, 0);
}

TEST_F(CaptionVideosTest, AStopKeepsWhatIsDone) {
  for (int i = 0; i < 3; ++i) add_video("cuts_23976.mp4", 10);
  std::stop_source stop;
  on_report_ = [&stop] { stop.request_stop(); };
  const Status status = run("out", {kLong, kLong}, stop.get_token());
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInterrupted);
  on_report_ = {};
  ASSERT_TRUE(run("out", {kLong}).ok());
  ASSERT_TRUE(run("calm", {kLong}).ok());
  EXPECT_EQ(facts("out"), facts("calm"));
}

}  // namespace
}  // namespace cinescribe::pipeline
