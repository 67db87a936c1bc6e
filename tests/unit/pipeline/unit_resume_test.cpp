#include "cinescribe/pipeline/unit_resume.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cinescribe/pipeline/journal.h"
#include "cinescribe/results/record_json.h"

namespace cinescribe::pipeline {
namespace {

namespace fs = std::filesystem;

TEST(UnitResume, DetectionsComeBackExactly) {
  std::vector<std::vector<objects::Detection>> seen(4);
  seen[0] = {{{0.1F, 1.0F / 3.0F, 1e-30F, 123456.79F}, 0.70000005F, 79, -1}, {{-4.5F, 2, 3, 4}, 0.5F, 0, -1}};
  seen[2] = {{{1e10F, 2, 3, 4}, 1.0F, 3, -1}};
  const auto read = seen_objects(object_unit_json({}, seen));
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read->size(), seen.size());
  for (std::size_t i = 0; i < seen.size(); ++i) {
    ASSERT_EQ((*read)[i].size(), seen[i].size());
    for (std::size_t k = 0; k < seen[i].size(); ++k) {
      EXPECT_EQ((*read)[i][k].box, seen[i][k].box);
      EXPECT_EQ((*read)[i][k].score, seen[i][k].score);
      EXPECT_EQ((*read)[i][k].class_id, seen[i][k].class_id);
    }
  }
}

TEST(UnitResume, AnObjectUnitStillReadsAsOne) {
  results::ObjectUnit unit;
  unit.frames.push_back({7, Timestamp::from_seconds(0.5), {{1, 2, 0.5, {1, 2, 3, 4}}}});
  const auto read = results::object_unit_from_json(object_unit_json(unit, {{}}));
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->frames.size(), 1U);
  EXPECT_EQ(read->frames[0].boxes[0].class_id, 2);
}

TEST(UnitResume, OpenSoundsComeBackInTheirOrder) {
  results::SoundUnit unit;
  unit.scene_index = 3;
  const std::vector<sounds::TimedTag> open = {
      {{Timestamp::from_ns(1), Timestamp::from_ns(2'000'000'001)}, 5, 0.1 + 0.2},
      {{Timestamp::from_ns(0), Timestamp::from_ns(3)}, 2, 1.0}};
  const std::string text = sound_unit_json(unit, open);
  const auto read = open_sounds(text, 6);
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[0].label_index, 5);
  EXPECT_EQ((*read)[0].max_score, 0.1 + 0.2);
  EXPECT_EQ((*read)[0].range.end.ns(), 2'000'000'001);
  EXPECT_EQ((*read)[1].label_index, 2);
  EXPECT_EQ(results::sound_unit_from_json(text)->scene_index, 3);
  EXPECT_FALSE(open_sounds(text, 5).ok()) << "a label that the tagger does not have";
}

TEST(UnitResume, WindowsBecomeSegmentsAgain) {
  const fs::path path = fs::path(testing::TempDir()) / "windows.jsonl";
  fs::remove(path);
  auto journal = Journal::open(path);
  ASSERT_TRUE(journal.ok());
  const auto segment = [](double start, const char* text) {
    results::SegmentRecord record;
    record.range = {Timestamp::from_seconds(start), Timestamp::from_seconds(start + 1)};
    record.text = text;
    return record;
  };
  speech::SpokenWindow window{0, 480000, {"en", 0.25}, {}};
  const std::string first = speech_unit_json(window, {segment(0, "one"), segment(1, "two")});
  window = {1, 960000, {"en", 0.25}, {}};
  const std::string silent = speech_unit_json(window, {});
  window = {2, 1000000, {"en", 0.25}, {}};
  const std::string last = speech_unit_json(window, {segment(40, "three")});
  ASSERT_TRUE(journal->append({"begin", "speech", "{}"}).ok());
  for (const std::string& unit : {first, silent, last, results::segment_json(segment(60, "four"))}) {
    ASSERT_TRUE(journal->append({"unit", "speech", unit}).ok());
  }
  const auto state = read_journal(path);
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(state->stages.at("speech").units, 4);
  SegmentCursor segments(UnitCursor(path, "speech", 0, 4));
  std::string all;
  for (;;) {
    const auto next = segments.next();
    ASSERT_TRUE(next.ok()) << next.error().message;
    if (!*next) break;
    all += (*next)->text + " ";
  }
  EXPECT_EQ(all, "one two three four ");
  const auto part = transcribed_part(last);
  ASSERT_TRUE(part.ok());
  EXPECT_EQ(part->windows, 3);
  EXPECT_EQ(part->end_sample, 1000000);
  EXPECT_EQ(part->language.code, "en");
  EXPECT_EQ(part->language.probability, 0.25);
  fs::remove(path);
}

TEST(UnitResume, WhatIsDamagedIsRefused) {
  EXPECT_FALSE(transcribed_part("{}").ok());
  EXPECT_FALSE(transcribed_part("no JSON").ok());
  EXPECT_FALSE(
      transcribed_part(R"({"resume":{"window":-2,"end_sample":1,"language":{"code":"","probability":0}}})").ok());
  EXPECT_FALSE(transcribed_part(R"({"resume":{"window":"x","end_sample":1}})").ok());
  EXPECT_FALSE(open_sounds(R"({"resume":{"open":[[1,2,3]]}})", 9).ok());
  EXPECT_FALSE(open_sounds(R"({"resume":{"open":[[-1,2,3,0.5]]}})", 9).ok());
  for (const char* seen : {"1,0.5,1,2,3", "1,0.5,1,2,3,4", "x;", "1,0.5,1,2,3,4,;", "1,0.5,1,2,3,4 ", ";;1"}) {
    EXPECT_FALSE(seen_objects(R"({"resume":{"seen":")" + std::string(seen) + "\"}}").ok()) << seen;
  }
  EXPECT_EQ(seen_objects(R"({"resume":{"seen":";;"}})")->size(), 2U);
}

}  // namespace
}  // namespace cinescribe::pipeline
