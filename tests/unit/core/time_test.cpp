#include "cinescribe/core/time.h"

#include <limits>

#include <gtest/gtest.h>

namespace cinescribe {
namespace {

TEST(Timestamp, ConvertsTicksExactly) {
  EXPECT_EQ(Timestamp::from_ticks(1001, {1, 30000}).ns(), 33'366'667);
  EXPECT_EQ(Timestamp::from_ticks(-1, {1, 3}).ns(), -333'333'333);
  EXPECT_EQ(Timestamp::from_ticks(90'000LL * 3600 * 50, {1, 90000}).ns(), 180'000LL * 1'000'000'000);
}

TEST(Timestamp, SaturatesInsteadOfOverflowing) {
  EXPECT_EQ(Timestamp::from_ticks(std::numeric_limits<std::int64_t>::max(), {1, 1}).ns(),
            std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(Timestamp::from_ticks(std::numeric_limits<std::int64_t>::min(), {1000, 1}).ns(),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(Timestamp::from_ticks(5, {1, 0}).ns(), 0);
}

TEST(Timecode, CarriesRoundedMilliseconds) {
  EXPECT_EQ(format_timecode(Timestamp::from_seconds(59.9996)), "00:01:00.000");
  EXPECT_EQ(format_timecode(Timestamp::from_seconds(3661.0015)), "01:01:01.002");
  EXPECT_EQ(format_timecode(Timestamp::from_seconds(360000)), "100:00:00.000");
  EXPECT_EQ(format_timecode(Timestamp::from_seconds(-1.5)), "-00:00:01.500");
}

TEST(ParseTime, ReadsSecondsMillisecondsAndTimecodes) {
  EXPECT_EQ(parse_time("1.5")->ns(), 1'500'000'000);
  EXPECT_EQ(parse_time("1.5s")->ns(), 1'500'000'000);
  EXPECT_EQ(parse_time("250ms")->ns(), 250'000'000);
  EXPECT_EQ(parse_time("00:00:03.200")->ns(), 3'200'000'000);
  EXPECT_EQ(parse_time("01:02")->ns(), 62'000'000'000);
  EXPECT_EQ(parse_time("100:00:00")->ns(), 360'000'000'000'000);
}

TEST(ParseTime, RefusesEverythingElse) {
  for (const char* text : {"", "s", "-1", "1e3", "nan", "1:2:3:4", "00:61", "1.5:00", "3 s", "0x10", "::"}) {
    const auto time = parse_time(text);
    ASSERT_FALSE(time.ok()) << text;
    EXPECT_EQ(time.error().code, ErrorCode::kUsage);
  }
}

}  // namespace
}  // namespace cinescribe
