#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/scratch_folder.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/results/caption_json.h"
#include "cinescribe/results/caption_reader.h"
#include "cinescribe/results/caption_writer.h"

namespace cinescribe::results {
namespace {

CaptionHeader some_header() {
  CaptionHeader header;
  header.file_name = "talk.mp4";
  header.fingerprint = "abc";
  header.duration = Duration::from_ms(4500);
  header.captioner = {"phi", "phi3_v", true, "q4_k_m", "00ff", true};
  header.prompt = "Describe.";
  header.prompt_sha256 = "11";
  header.scenes_sha256 = "22";
  header.settings_json = R"({"frames":{"per_scene":2}})";
  return header;
}

CaptionRecord some_caption(std::int64_t index) {
  CaptionRecord record;
  record.scene_index = index;
  record.range = {Timestamp::from_ns(index * 1'000'000'007), Timestamp::from_ns((index + 1) * 1'000'000'007)};
  record.caption = "A \"quoted\" cat\n— été";
  record.prompt_tokens = 3000;
  record.image_tokens = 2900;
  record.generated_tokens = 17;
  record.finish_reason = "eos";
  record.average_logprob = -0.25;
  record.suspect = "repeats 'a' 12 times";
  record.is_over_context = true;
  record.frames_given = 3;
  record.frames_used = 2;
  record.frames = {{Timestamp::from_ns(1), "aa"}, {Timestamp::from_ns(1'500'000'001), "bb"}};
  record.prompt_sha256 = "33";
  record.cost = {1.5, 0.1, 0.2, 0.3, 0.4};
  return record;
}

void expect_equal(const CaptionRecord& a, const CaptionRecord& b) { EXPECT_EQ(caption_json(a), caption_json(b)); }

TEST(Captions, ACaptionComesBackAsItWasWritten) {
  const CaptionRecord record = some_caption(4);
  const auto read = caption_from_json(caption_json(record));
  ASSERT_TRUE(read.ok()) << read.error().message;
  expect_equal(*read, record);
  EXPECT_EQ(read->range, record.range);
  EXPECT_EQ(read->frames.at(1).time, record.frames.at(1).time);
  EXPECT_EQ(read->caption, record.caption);
  EXPECT_EQ(read->suspect, record.suspect);
  EXPECT_EQ(read->average_logprob, record.average_logprob);
  EXPECT_EQ(read->cost.elapsed_seconds, 1.5);
}

TEST(Captions, AFailureHasNoCaptionButItsReason) {
  CaptionRecord record = some_caption(0);
  record.failure = CaptionFailure{"input", "the frame is damaged"};
  const auto json = nlohmann::json::parse(caption_json(record));
  EXPECT_TRUE(json["caption"].is_null());
  EXPECT_EQ(json["error"]["message"], "the frame is damaged");
  const auto read = caption_from_json(caption_json(record));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->failure->code, "input");
}

TEST(Captions, AFileComesBackCaptionByCaption) {
  const test::ScratchFolder folder;
  auto writer = CaptionWriter::create(folder / "vlm_captions.json", some_header());
  ASSERT_TRUE(writer.ok());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(writer->caption(some_caption(i)).ok());
  ASSERT_TRUE(writer->finish().ok());
  EXPECT_EQ(writer->totals().suspects, 3);
  EXPECT_EQ(writer->totals().generated_tokens, 51);
  std::vector<CaptionRecord> read;
  const auto header = read_captions(folder / "vlm_captions.json", [&read](CaptionRecord&& record) -> Status {
    read.push_back(std::move(record));
    return {};
  });
  ASSERT_TRUE(header.ok()) << header.error().message;
  ASSERT_EQ(read.size(), 3U);
  expect_equal(read[2], some_caption(2));
  EXPECT_EQ(header->captioner.name, "phi");
  EXPECT_TRUE(header->captioner.is_synthetic);
  EXPECT_EQ(header->prompt, "Describe.");
  EXPECT_EQ(header->duration, Duration::from_ms(4500));
  EXPECT_EQ(nlohmann::json::parse(header->settings_json)["frames"]["per_scene"], 2);
}

TEST(Captions, WithoutFinishNothingAppears) {
  const test::ScratchFolder folder;
  {
    auto writer = CaptionWriter::create(folder / "vlm_captions.json", some_header());
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE(writer->caption(some_caption(0)).ok());
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Captions, AForeignFileIsRefusedWithItsKeyAndScene) {
  const test::ScratchFolder folder;
  const auto refused = [&folder](const std::string& text) {
    test::write_bytes(folder / "file.json", text);
    const auto read = read_captions(folder / "file.json", [](CaptionRecord&&) -> Status { return {}; });
    EXPECT_FALSE(read.ok());
    return read.ok() ? std::string() : read.error().message;
  };
  EXPECT_NE(refused("[]").find("file.json"), std::string::npos);
  EXPECT_NE(refused("{\"schema_version\": 9}").find("schema_version is 9"), std::string::npos);
  EXPECT_NE(refused("{\"scenes\": [{\"scene_index\": 0}]}").find("scene 0"), std::string::npos);
  EXPECT_NE(refused("{\"scenes\": [").find("no valid JSON"), std::string::npos);
  EXPECT_NE(refused(std::string(500, '[')).find("file.json"), std::string::npos);
}

TEST(Captions, AFailureOfTheSinkComesBack) {
  const test::ScratchFolder folder;
  auto writer = CaptionWriter::create(folder / "file.json", some_header());
  ASSERT_TRUE(writer.ok());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(writer->caption(some_caption(i)).ok());
  ASSERT_TRUE(writer->finish().ok());
  int seen = 0;
  const auto read = read_captions(folder / "file.json", [&seen](CaptionRecord&&) -> Status {
    return ++seen == 2 ? Status(Error{ErrorCode::kResource, "full"}) : Status();
  });
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().message, "full");
  EXPECT_EQ(seen, 2);
}

}  // namespace
}  // namespace cinescribe::results
