#include <string>

#include <gmock/gmock.h>

#include "cinescribe/quality/tag_file.h"
#include "cinescribe/quality/tag_precision.h"

namespace cinescribe::quality {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TimeRange seconds(double start, double end) { return {Timestamp::from_seconds(start), Timestamp::from_seconds(end)}; }

// scikit-learn 1.7: average_precision_score([1,0,1,1,0,0,1,0], [.9,.8,.8,.4,.4,.3,.1,0]) and ([0,1,0,0,1],
// [0,0,0,.5,.5]).
TEST(AveragePrecision, EqualsThatOfScikitLearnWithTies) {
  EXPECT_DOUBLE_EQ(
      average_precision(
          {{.9, true}, {.8, false}, {.8, true}, {.4, true}, {.4, false}, {.3, false}, {.1, true}, {0., false}}),
      0.7095238095238094);
  EXPECT_DOUBLE_EQ(average_precision({{0., false}, {0., true}, {0., false}, {.5, false}, {.5, true}}), 0.45);
  EXPECT_DOUBLE_EQ(average_precision({{1., false}}), 0.0);
}

TEST(TagPrecision, WindowsArePositiveWhereALabelIsHeardForHalfOfThem) {
  const std::vector<LabelledSpan> truth = {
      {seconds(0, 4), "Speech"}, {seconds(3, 5), "Speech"}, {seconds(9.4, 9.6), "Dog"}, {seconds(100, 101), "Rain"}};
  const std::vector<ScoredWindow> windows = {{seconds(0, 2), {{"Speech", 0.9}}},
                                             {seconds(2, 4), {{"Speech", 0.4}}},
                                             {seconds(4, 6), {{"Dog", 0.2}}},
                                             {seconds(6, 8), {{"Speech", 0.6}}},
                                             {seconds(8, 10), {{"Dog", 0.8}}}};
  const TagPrecision precision = tag_precision(truth, windows);
  ASSERT_THAT(precision.labels, SizeIs(2)) << "Rain is beyond the last window";
  EXPECT_EQ(precision.labels[0].label, "Dog");
  EXPECT_EQ(precision.labels[0].positives, 1) << "a short sound lies whole inside of its window";
  EXPECT_DOUBLE_EQ(precision.labels[0].average_precision, 1.0);
  EXPECT_EQ(precision.labels[1].positives, 3) << "4 to 5 s is half of the third window";
  // By score: hit (1/1), false, hit (2/3), then the third at 0 with the last two windows (3/5).
  const double speech = (1.0 + 2.0 / 3.0 + 3.0 / 5.0) / 3.0;
  EXPECT_DOUBLE_EQ(precision.labels[1].average_precision, speech);
  EXPECT_DOUBLE_EQ(precision.mean_average_precision, (1.0 + speech) / 2.0);
  EXPECT_DOUBLE_EQ(precision.chance, (0.2 + 0.6) / 2.0);
}

TEST(TagPrecision, OverlappingSpansCountOnce) {
  const std::vector<ScoredWindow> windows = {{seconds(0, 10), {{"Music", 0.5}}}};
  // Three seconds of the window, not five.
  EXPECT_THAT(tag_precision({{{seconds(8, 20), "Music"}, {seconds(7, 20), "Music"}}}, windows).labels, SizeIs(0));
  EXPECT_THAT(tag_precision({{{seconds(8, 20), "Music"}, {seconds(5, 20), "Music"}}}, windows).labels, SizeIs(1));
}

TEST(TagFile, SpansComeFromJsonTablesAndLabelTracks) {
  for (const auto& [bytes, name] : std::vector<std::pair<std::string, std::string>>{
           {R"([{"start_seconds": 1.5, "end_seconds": 3, "label": "Dog, barking"}])", "t.json"},
           {R"({"spans": [{"start_seconds": 1.5, "end_seconds": 3, "label": "Dog, barking"}]})", "t.json"},
           {R"({"windows": [], "timeline": [{"start_seconds": 1.5, "end_seconds": 3, "label": "Dog, barking"}]})",
            "t.json"},
           {"start_seconds,end_seconds,label,max_score\n1.500000,3.000000,\"Dog, barking\",0.9\n", "t.csv"},
           {"label,end,start\n\"Dog, barking\",3,1.5\n", "t.csv"},
           {"1.5,3,\"Dog, barking\"\n", "t.csv"},
           {"# mine\n1.5\t3.0\tDog, barking\r\n", "t.txt"}}) {
    const auto spans = spans_from(bytes, name);
    ASSERT_TRUE(spans.ok()) << spans.error().message;
    ASSERT_THAT(*spans, SizeIs(1)) << bytes;
    EXPECT_EQ(spans->front().label, "Dog, barking") << bytes;
    EXPECT_EQ(spans->front().range, seconds(1.5, 3)) << bytes;
  }
}

TEST(TagFile, WindowsComeFromSoundsAndFromScenes) {
  const auto windows = windows_from(
      R"({"windows": [{"start_seconds": 0, "end_seconds": 1, "tags": [{"label": "A", "score": 0.25}]}]})", "w");
  ASSERT_TRUE(windows.ok());
  EXPECT_DOUBLE_EQ(windows->at(0).tags.at(0).score, 0.25);
  const auto scenes = windows_from(
      R"({"scenes": [{"start_seconds": 0, "end_seconds": 1, "sounds": [{"label": "A", "max_score": 0.5}]}]})", "w");
  ASSERT_TRUE(scenes.ok());
  EXPECT_DOUBLE_EQ(scenes->at(0).tags.at(0).score, 0.5);
}

TEST(TagFile, WhatCannotBeReadIsNamed) {
  const auto spans_error = [](const std::string& bytes, const std::string& name) {
    const auto read = spans_from(bytes, name);
    return read.ok() ? "no error" : read.error().message;
  };
  EXPECT_THAT(spans_error("1\t2\n", "t.txt"), HasSubstr("t.txt: line 1"));
  EXPECT_THAT(spans_error("2\t1\tDog\n", "t.txt"), HasSubstr("line 1"));
  EXPECT_THAT(spans_error("nan\t1\tDog\n", "t.txt"), HasSubstr("line 1"));
  EXPECT_THAT(spans_error(R"([{"start_seconds": 0, "end_seconds": 1}])", "t.json"), HasSubstr("entry 0 lacks"));
  EXPECT_THAT(spans_error("{}", "t.json"), HasSubstr("neither"));
  EXPECT_THAT(spans_error("\xff", "t.txt"), HasSubstr("not UTF-8"));
  const auto windows_error = [](const std::string& bytes) {
    const auto read = windows_from(bytes, "w.json");
    return read.ok() ? "no error" : read.error().message;
  };
  EXPECT_THAT(windows_error("{"), HasSubstr("no valid JSON"));
  EXPECT_THAT(windows_error(R"({"windows": [1]})"), HasSubstr("window 0 is no object"));
  EXPECT_THAT(windows_error(R"({"windows": [{"start_seconds": 0, "end_seconds": 1}]})"), HasSubstr("no list of tags"));
  EXPECT_THAT(windows_error(R"({"windows": [{"start_seconds": 0, "end_seconds": 1, "tags": [{"label": "A"}]}]})"),
              HasSubstr("without label or score"));
}

}  // namespace
}  // namespace cinescribe::quality
