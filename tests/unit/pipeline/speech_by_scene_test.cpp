#include "cinescribe/pipeline/speech_by_scene.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::pipeline {
namespace {

Timestamp at(double seconds) { return Timestamp::from_seconds(seconds); }

results::SegmentRecord segment(double start, const std::vector<std::pair<double, std::string>>& words, double end) {
  results::SegmentRecord record;
  record.range = {at(start), at(end)};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const double next = i + 1 < words.size() ? words[i + 1].first : end;
    record.words.push_back({{at(words[i].first), at(next)}, words[i].second, 1.0});
    record.text += words[i].second;
  }
  record.avg_logprob = -0.5;
  return record;
}

SpeechByScene speech_of(std::vector<results::SegmentRecord> segments) {
  return SpeechByScene(
      [segments = std::move(segments), i = std::size_t{0}]() mutable -> Result<std::optional<results::SegmentRecord>> {
        if (i == segments.size()) return std::optional<results::SegmentRecord>();
        return std::optional<results::SegmentRecord>(segments[i++]);
      });
}

TEST(SpeechByScene, AWordBelongsToTheSceneInWhichItStarts) {
  SpeechByScene speech =
      speech_of({segment(1.0, {{1.0, " one"}, {1.9, " two"}, {2.0, " three"}, {3.5, " four"}}, 4.0)});
  const auto first = speech.take_until(at(2.0));
  ASSERT_TRUE(first.ok());
  ASSERT_EQ(first->size(), 1U);
  EXPECT_EQ(first->at(0).text, "one two");
  EXPECT_EQ(first->at(0).range, (TimeRange{at(1.0), at(2.0)}));
  EXPECT_EQ(first->at(0).avg_logprob, -0.5);
  const auto second = speech.take_until(at(3.0));
  ASSERT_EQ(second->size(), 1U);
  EXPECT_EQ(second->at(0).text, "three");
  const auto rest = speech.take_rest();
  ASSERT_EQ(rest->size(), 1U);
  EXPECT_EQ(rest->at(0).text, "four");
  EXPECT_EQ(rest->at(0).range, (TimeRange{at(3.5), at(4.0)}));
}

TEST(SpeechByScene, ASegmentWithinASceneStaysAsItIs) {
  results::SegmentRecord record = segment(1.0, {{1.0, " one"}, {1.5, " two"}}, 1.8);
  record.text = "One, two.";
  SpeechByScene speech = speech_of({record});
  EXPECT_TRUE(speech.take_until(at(1.0))->empty());
  const auto taken = speech.take_until(at(9.0));
  ASSERT_EQ(taken->size(), 1U);
  EXPECT_EQ(taken->at(0).text, "One, two.");
}

TEST(SpeechByScene, ASegmentWithoutWordsBelongsWhereItStarts) {
  results::SegmentRecord record;
  record.range = {at(1.0), at(30.0)};
  record.text = "long";
  SpeechByScene speech = speech_of({record});
  EXPECT_TRUE(speech.take_until(at(0.5))->empty());
  EXPECT_EQ(speech.take_until(at(2.0))->size(), 1U);
  EXPECT_TRUE(speech.take_rest()->empty());
}

TEST(SpeechByScene, TheLastSceneGetsWhatStartsAfterThePictures) {
  SpeechByScene speech = speech_of({segment(100.0, {{100.0, " late"}}, 101.0)});
  EXPECT_TRUE(speech.take_until(at(10.0))->empty());
  EXPECT_EQ(speech.take_rest()->size(), 1U);
}

TEST(SpeechByScene, AFailureOfTheSourceComesThrough) {
  SpeechByScene speech([]() -> Result<std::optional<results::SegmentRecord>> {
    return Error{ErrorCode::kInternal, "broken"};
  });
  EXPECT_FALSE(speech.take_rest().ok());
}

}  // namespace
}  // namespace cinescribe::pipeline
