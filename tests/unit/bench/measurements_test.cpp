#include "cinescribe/bench/measurements.h"

#include <fstream>

#include "support/scratch_folder.h"
#include "unit/bench/made_measurements.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cinescribe::bench {
namespace {

using test::a_bench;
using testing::HasSubstr;

class MeasurementsTest : public testing::Test {
 protected:
  Result<Measurements> read(const std::string& text) {
    std::ofstream(folder_ / "m.jsonl", std::ios::trunc | std::ios::binary) << text;
    return read_measurements(folder_ / "m.jsonl");
  }
  cinescribe::test::ScratchFolder folder_;
};

TEST_F(MeasurementsTest, RepeatsOfOneWorkAreOneRow) {
  const auto measurements = read(test::lines_of(a_bench()));
  ASSERT_TRUE(measurements.ok()) << measurements.error().message;
  ASSERT_EQ(measurements->rows.size(), 3U);
  for (const Row& row : measurements->rows) {
    EXPECT_EQ(row.repeats.size(), 3U);
    EXPECT_EQ(row.warm_ups.size(), 1U);
    EXPECT_TRUE(row.left_out.empty());
  }
  EXPECT_EQ(measurements->rows[1].repeats[0].scenes.size(), 4U);
  EXPECT_EQ(measurements->rows[0].repeats[0].stages.size(), 4U);
  EXPECT_EQ(measurements->cut_short, 0);
}

TEST_F(MeasurementsTest, AnotherMachineOrBuildIsAnotherRow) {
  auto records = a_bench();
  auto other = test::a_session("s2");
  other.commit = "another";
  records.emplace_back(other);
  auto pass = test::a_pass(1, "", 1, 20.0);
  pass.session = "s2";
  records.emplace_back(pass);
  const auto measurements = read(test::lines_of(records));
  ASSERT_TRUE(measurements.ok());
  EXPECT_EQ(measurements->machines.size(), 2U);
  EXPECT_EQ(measurements->rows.size(), 4U);
}

TEST_F(MeasurementsTest, AnotherSessionOnTheSameMachineAddsRepeats) {
  auto records = a_bench();
  records.emplace_back(test::a_session("s2"));
  auto pass = test::a_pass(1, "", 1, 20.0);
  pass.session = "s2";
  records.emplace_back(pass);
  const auto measurements = read(test::lines_of(records));
  ASSERT_TRUE(measurements.ok());
  EXPECT_EQ(measurements->rows.size(), 3U);
  EXPECT_EQ(measurements->rows[0].repeats.size(), 4U);
}

TEST_F(MeasurementsTest, WhatBelongsToAPassThatNeverEndedCountsForNothing) {
  auto records = a_bench();
  records.emplace_back(test::a_scene(99, 0, 0.0, 1.0));
  const auto measurements = read(test::lines_of(records));
  ASSERT_TRUE(measurements.ok());
  EXPECT_EQ(measurements->cut_short, 1);
  EXPECT_EQ(measurements->rows.size(), 3U);
}

TEST_F(MeasurementsTest, SamplesOfALongPassAreThinnedEvenly) {
  std::vector<RawRecord> records = {test::a_session(), test::a_video()};
  for (int i = 0; i < 5000; ++i) records.emplace_back(test::a_sample(1, i, 100));
  records.emplace_back(test::a_pass(1, "", 1, 5000.0));
  const auto measurements = read(test::lines_of(records));
  ASSERT_TRUE(measurements.ok());
  const auto& samples = measurements->rows[0].repeats[0].samples;
  ASSERT_GT(samples.size(), 400U);
  ASSERT_LE(samples.size(), 1000U);
  const double step = samples[1].at_seconds - samples[0].at_seconds;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    ASSERT_DOUBLE_EQ(samples[i].at_seconds - samples[i - 1].at_seconds, step);
  }
}

TEST_F(MeasurementsTest, AFileOfSomethingElseIsRefused) {
  const auto measurements = read("[1, 2]\nhello\n");
  ASSERT_FALSE(measurements.ok());
  EXPECT_EQ(measurements.error().code, ErrorCode::kInput);
  EXPECT_THAT(measurements.error().message, HasSubstr("holds no measurements (line 1: no JSON object)"));
}

TEST_F(MeasurementsTest, MoreUnfinishedPassesThanABenchLeavesAreRefused) {
  std::vector<RawRecord> records = {test::a_session()};
  for (int i = 0; i < 3000; ++i) records.emplace_back(test::a_scene(i, 0, 0.0, 1.0));
  const auto measurements = read(test::lines_of(records));
  ASSERT_FALSE(measurements.ok());
  EXPECT_EQ(measurements.error().code, ErrorCode::kInput);
  EXPECT_THAT(measurements.error().message, HasSubstr("unfinished passes"));
}

}  // namespace
}  // namespace cinescribe::bench
