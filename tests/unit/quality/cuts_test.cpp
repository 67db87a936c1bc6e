#include <string>

#include <gmock/gmock.h>

#include "cinescribe/quality/cut_file.h"
#include "cinescribe/quality/cut_match.h"

namespace cinescribe::quality {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(CutMatch, CountsHitsMissesAndInventions) {
  const CutMatch match = match_cuts({48, 79, 109, 159}, {48, 80, 115, 159, 170}, 2);
  EXPECT_EQ(match.hits, 3);
  EXPECT_THAT(match.missed, ElementsAre(109));
  EXPECT_THAT(match.invented, ElementsAre(115, 170));
  EXPECT_DOUBLE_EQ(match.precision(), 3.0 / 5.0);
  EXPECT_DOUBLE_EQ(match.recall(), 3.0 / 4.0);
  EXPECT_DOUBLE_EQ(match.f1(), 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(match.mean_offset_frames, 1.0 / 3.0);
}

TEST(CutMatch, EachTrueCutIsFoundOnceAtMost) {
  const CutMatch match = match_cuts({100}, {99, 100, 101, 100}, 2);
  EXPECT_EQ(match.hits, 1);
  EXPECT_THAT(match.invented, ElementsAre(100, 101));
}

TEST(CutMatch, PairsAsManyAsPossible) {
  // The nearest pair (12, 12) would leave 10 and 14 without partners.
  const CutMatch match = match_cuts({10, 12}, {12, 14}, 2);
  EXPECT_EQ(match.hits, 2);
  EXPECT_EQ(match_cuts({10, 12}, {14, 12}, 1).hits, 1);
}

TEST(CutMatch, NothingToFindAndNothingFoundIsNoMistake) {
  EXPECT_DOUBLE_EQ(match_cuts({}, {}, 2).f1(), 1.0);
  EXPECT_DOUBLE_EQ(match_cuts({5}, {}, 2).f1(), 0.0);
  EXPECT_DOUBLE_EQ(match_cuts({}, {5}, 2).precision(), 0.0);
}

std::vector<std::int64_t> cuts(const std::string& bytes, const std::string& name) {
  const auto read = cuts_from(bytes, name);
  EXPECT_TRUE(read.ok()) << read.error().message;
  return read.ok() ? *read : std::vector<std::int64_t>{-1};
}

TEST(CutFile, EveryFormGivesTheSameCuts) {
  EXPECT_THAT(cuts(R"({"scenes": [], "cuts": [48, 79]})", "a.json"), ElementsAre(48, 79));
  EXPECT_THAT(cuts(R"({"scenes": [{"start_frame": 0}, {"start_frame": 48}, {"start_frame": 79}]})", "a.json"),
              ElementsAre(48, 79));
  EXPECT_THAT(cuts("[48, 79]", "a.json"), ElementsAre(48, 79));
  EXPECT_THAT(cuts("scene_index,start_frame,end_frame\r\n0,0,48\r\n1,48,79\r\n2,79,90\r\n", "a.csv"),
              ElementsAre(48, 79));
  EXPECT_THAT(cuts("Timecode List:,00:00:01.920,00:00:03.160\nScene Number,Start Frame\n1,1\n2,49\n3,80\n", "a.csv"),
              ElementsAre(48, 79));
  EXPECT_THAT(cuts("# by hand\n48  # street\n\n79\n", "a.txt"), ElementsAre(48, 79));
  EXPECT_THAT(cuts("", "a.txt"), IsEmpty());
}

TEST(CutFile, WhatIsNoFrameIsNamed) {
  const auto error = [](const std::string& bytes, const std::string& name) {
    const auto read = cuts_from(bytes, name);
    return read.ok() ? "no error" : read.error().message;
  };
  EXPECT_THAT(error("12\n1.5\n", "a.txt"), HasSubstr("a.txt: line 2 is no frame number"));
  EXPECT_THAT(error("12 13\n", "a.txt"), HasSubstr("line 1"));
  EXPECT_THAT(error("-4\n", "a.txt"), HasSubstr("line 1"));
  EXPECT_THAT(error("1e300\n", "a.txt"), HasSubstr("line 1"));
  EXPECT_THAT(error(R"({"cuts": [1, "2"]})", "a.json"), HasSubstr("'\"2\"' is no frame number"));
  EXPECT_THAT(error(R"({"scenes": [{"end_frame": 4}]})", "a.json"), HasSubstr("no start_frame"));
  EXPECT_THAT(error("{}", "a.json"), HasSubstr("neither"));
  EXPECT_THAT(error("[1", "a.json"), HasSubstr("no valid JSON"));
  EXPECT_THAT(error("a,b\n1,2\n", "a.csv"), HasSubstr("no column is called start_frame"));
  EXPECT_THAT(error("start_frame\n0\nx\n", "a.csv"), HasSubstr("line 3 has no frame"));
}

}  // namespace
}  // namespace cinescribe::quality
