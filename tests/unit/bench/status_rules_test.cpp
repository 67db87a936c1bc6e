#include "cinescribe/bench/status_rules.h"

#include <fstream>
#include <functional>

#include "support/scratch_folder.h"
#include "unit/bench/made_measurements.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cinescribe/bench/measurements.h"
#include "cinescribe/bench/report_rows.h"

namespace cinescribe::bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class StatusRulesTest : public testing::Test {
 protected:
  /// The judgement on the first row of these records.
  Judgement judge_first(const std::vector<RawRecord>& records) {
    std::ofstream(folder_ / "m.jsonl", std::ios::trunc) << test::lines_of(records);
    auto read = read_measurements(folder_ / "m.jsonl");
    EXPECT_TRUE(read.ok());
    measurements_ = *std::move(read);
    rows_ = report_rows(measurements_);
    EXPECT_FALSE(rows_.empty());
    return rows_.front().judgement;
  }
  /// Three repeats of one captioner, after `change` was at every record.
  Judgement judge_captions(const std::function<void(RawRecord&)>& change) {
    std::vector<RawRecord> records = {test::a_session(), test::a_video()};
    for (int repeat = 1; repeat <= 3; ++repeat) test::add_captions(records, repeat, "seer", repeat, 42.0);
    for (RawRecord& record : records) change(record);
    return judge_first(records);
  }
  Judgement judge_scenes(const std::function<void(UnitRecord&)>& change) {
    return judge_captions([&](RawRecord& record) {
      if (auto* unit = std::get_if<UnitRecord>(&record)) change(*unit);
    });
  }
  Judgement judge_passes(const std::function<void(PassRecord&)>& change) {
    return judge_captions([&](RawRecord& record) {
      if (auto* pass = std::get_if<PassRecord>(&record)) change(*pass);
    });
  }

  cinescribe::test::ScratchFolder folder_;
  Measurements measurements_;
  std::vector<ReportRow> rows_;
};

TEST_F(StatusRulesTest, TheFirstScenesAloneAreAPartOverWhoseLengthTheFactorIs) {
  const auto skip = [](PassRecord& pass) { pass.skipped_scenes = 42; };
  const Judgement judgement = judge_passes(skip);
  EXPECT_EQ(judgement.status, RowStatus::kPart);
  EXPECT_THAT(judgement.reasons, ElementsAre("the first 4 of 46 scenes alone, over whose 110 s its RTF is"));
  EXPECT_NEAR(rows_.front().figures.rtf.median, 40.0 / 110.0, 1e-9);
  EXPECT_EQ(rows_.front().subject, "seer, 4 of 46 scenes");
  const Judgement doubtful = judge_captions([&](RawRecord& record) {
    if (auto* unit = std::get_if<UnitRecord>(&record)) unit->finish_reason = "length";
    if (auto* pass = std::get_if<PassRecord>(&record)) skip(*pass);
  });
  EXPECT_EQ(doubtful.status, RowStatus::kAnomalous);
  EXPECT_THAT(doubtful.reasons, ElementsAre(HasSubstr("4 of 46 scenes alone"), HasSubstr("ended at the token limit")));
}

TEST_F(StatusRulesTest, RepeatsThatAgreeAreStable) {
  const Judgement judgement = judge_captions([](RawRecord&) {});
  EXPECT_EQ(judgement.status, RowStatus::kStable);
  EXPECT_THAT(judgement.reasons, IsEmpty());
}

TEST_F(StatusRulesTest, OneRepeatIsASingleRun) {
  std::vector<RawRecord> records = {test::a_session(), test::a_video()};
  test::add_captions(records, 1, "seer", 1, 42.0);
  EXPECT_EQ(judge_first(records).status, RowStatus::kSingle);
}

TEST_F(StatusRulesTest, RepeatsThatDifferByMoreThanAFifthAreAnomalous) {
  const auto spread_by = [&](double factor) {
    return judge_passes([&](PassRecord& pass) {
      if (pass.repeat == 3) pass.wall_seconds *= factor;
    });
  };
  EXPECT_EQ(spread_by(1.19).status, RowStatus::kStable);
  const Judgement judgement = spread_by(1.25);
  EXPECT_EQ(judgement.status, RowStatus::kAnomalous);
  EXPECT_THAT(judgement.reasons, ElementsAre(HasSubstr("differ by 25 %")));
}

TEST_F(StatusRulesTest, AFailedSceneIsAnomalous) {
  const Judgement judgement = judge_scenes([](UnitRecord& unit) {
    if (unit.scene == 2 && unit.pass == 1) unit.error = "resource: out of memory";
  });
  EXPECT_THAT(judgement.reasons, ElementsAre(HasSubstr("1 of 12 scenes failed")));
}

TEST_F(StatusRulesTest, EmptyAndSuspectCaptionsCountTogether) {
  const Judgement judgement = judge_scenes([](UnitRecord& unit) {
    if (unit.scene == 0) unit.bytes = 0;
    if (unit.scene == 1) unit.suspect = "repeats 'a' 12 times";
  });
  EXPECT_THAT(judgement.reasons, ElementsAre(HasSubstr("6 of 12 captions are empty or suspect")));
}

TEST_F(StatusRulesTest, CaptionsThatMostlyEndAtTheLimitAreAnomalous) {
  const auto capped_up_to = [&](std::int64_t scene) {
    return judge_scenes([&](UnitRecord& unit) { unit.finish_reason = *unit.scene <= scene ? "length" : "eos"; });
  };
  EXPECT_EQ(capped_up_to(1).status, RowStatus::kStable);
  EXPECT_THAT(capped_up_to(2).reasons, ElementsAre(HasSubstr("9 of 12 captions ended at the token limit")));
}

TEST_F(StatusRulesTest, OtherProgramsOnTheMachineAreAReason) {
  const Judgement judgement = judge_passes([](PassRecord& pass) {
    if (pass.repeat == 2) pass.other_cpu_seconds = pass.wall_seconds * 4.0 * 0.3;
  });
  EXPECT_THAT(judgement.reasons, ElementsAre(HasSubstr("other programs used 30 %")));
}

TEST_F(StatusRulesTest, AVideoFarFromAllOthersOfTheSameModelIsAnomalous) {
  std::vector<RawRecord> records = {test::a_session()};
  std::int64_t pass = 0;
  for (const char* video : {"slow.mp4", "a.mp4", "b.mp4"}) {
    records.emplace_back(test::a_video(video));
    for (int repeat = 1; repeat <= 2; ++repeat) {
      test::add_captions(records, ++pass, "seer", repeat, video[0] == 's' ? 82.0 : 22.0, video);
    }
  }
  EXPECT_THAT(judge_first(records).reasons, ElementsAre(HasSubstr("20.0 s per scene, where 5.00 s are usual")));
  EXPECT_EQ(rows_[1].judgement.status, RowStatus::kStable);
}

TEST_F(StatusRulesTest, APassThatTookOverScenesEntersNoFigure) {
  const Judgement judgement = judge_passes([](PassRecord& pass) {
    if (pass.repeat < 3) return;
    pass.resumed_scenes = 3;
    pass.wall_seconds = 1.0;
  });
  EXPECT_EQ(judgement.status, RowStatus::kStable);
  EXPECT_EQ(rows_.front().figures.wall.count, 2);
  EXPECT_DOUBLE_EQ(rows_.front().figures.wall.min, 42.0);
  EXPECT_EQ(rows_.front().row->left_out.size(), 1U);
}

TEST_F(StatusRulesTest, WhereEveryPassFailedTheLastErrorIsTheReason) {
  const Judgement judgement = judge_passes([](PassRecord& pass) { pass.error = "the model is damaged"; });
  EXPECT_EQ(judgement.status, RowStatus::kFailed);
  EXPECT_THAT(judgement.reasons, ElementsAre("the model is damaged"));
}

TEST_F(StatusRulesTest, FiguresAreThoseOfTheRecords) {
  judge_captions([](RawRecord&) {});
  const RowFigures& figures = rows_.front().figures;
  EXPECT_DOUBLE_EQ(figures.rtf.median, 0.4);
  EXPECT_DOUBLE_EQ(figures.wall_rtf.median, 0.42);
  EXPECT_DOUBLE_EQ(figures.seconds_per_scene.median, 10.0);
  EXPECT_DOUBLE_EQ(figures.scenes_per_minute, 6.0);
  EXPECT_DOUBLE_EQ(figures.new_tokens_per_second, 10.0);
  EXPECT_DOUBLE_EQ(figures.prompt_tokens_per_second, 300.0);
  EXPECT_DOUBLE_EQ(figures.cores_busy, 3.0);
  EXPECT_DOUBLE_EQ(figures.phases.at("encode").median, 10.0);
  EXPECT_EQ(figures.described, 12);
}

}  // namespace
}  // namespace cinescribe::bench
