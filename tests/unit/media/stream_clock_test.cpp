#include "cinescribe/media/stream_clock.h"

#include <limits>

#include <gtest/gtest.h>

namespace cinescribe::media {
namespace {

constexpr AVRational kMilliseconds = {1, 1000};

std::int64_t ms(Timestamp t) { return t.ns() / 1'000'000; }

StreamClock clock_at_25() { return {kMilliseconds, Duration::from_ms(40)}; }

TEST(StreamClock, CountsFromTheFirstPicture) {
  StreamClock clock = clock_at_25();
  EXPECT_EQ(ms(clock.next(1480)), 0);
  EXPECT_EQ(ms(clock.next(1520)), 40);
  EXPECT_EQ(ms(clock.next(1700)), 220);
  EXPECT_EQ(ms(clock.origin().value()), 1480);
  EXPECT_EQ(ms(clock.at(2480).value()), 1000);
}

TEST(StreamClock, IsExactToTheNanosecondAt23976AfterHours) {
  StreamClock clock({1001, 24000}, Duration::from_ns(41708333));
  clock.next(0);
  EXPECT_EQ(clock.next(24000 * 60 * 5).ns(), std::int64_t{1001} * 300 * 1'000'000'000);
}

TEST(StreamClock, ContinuesAtTheNominalRateWhereStampsAreMissing) {
  StreamClock clock = clock_at_25();
  clock.next(0);
  EXPECT_EQ(ms(clock.next(kNoPts)), 40);
  EXPECT_EQ(ms(clock.next(kNoPts)), 80);
  EXPECT_EQ(ms(clock.next(120)), 120);
}

TEST(StreamClock, TiesLateStampsToTheGuessedTimeLine) {
  StreamClock clock = clock_at_25();
  EXPECT_EQ(ms(clock.next(kNoPts)), 0);
  EXPECT_EQ(ms(clock.next(5000)), 40);
  EXPECT_EQ(ms(clock.next(5040)), 80);
}

TEST(StreamClock, KeepsTimesIncreasingWhenAStampRepeats) {
  StreamClock clock = clock_at_25();
  clock.next(0);
  const Timestamp second = clock.next(40);
  const Timestamp repeated = clock.next(40);
  EXPECT_GT(repeated, second);
  EXPECT_EQ(ms(clock.next(80)), 80);
}

TEST(StreamClock, ContinuesWithoutAHoleAfterAJoinedRecordingStartsOver) {
  StreamClock clock = clock_at_25();
  clock.next(0);
  clock.next(60000);
  EXPECT_EQ(ms(clock.next(0)), 60040);
  EXPECT_EQ(ms(clock.next(40)), 60080);
}

TEST(StreamClock, SurvivesAbsurdStamps) {
  StreamClock clock = clock_at_25();
  clock.next(std::numeric_limits<std::int64_t>::min() + 1);
  Timestamp last = clock.next(0);
  for (const std::int64_t pts : {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min() + 1,
                                 std::int64_t{0}, std::numeric_limits<std::int64_t>::max() - 1}) {
    const Timestamp t = clock.next(pts);
    EXPECT_GT(t, last);
    last = t;
  }
}

}  // namespace
}  // namespace cinescribe::media
