#include "cinescribe/http/retry.h"

#include <gtest/gtest.h>

#include "cinescribe/http/client.h"
#include "cinescribe/http/rate_meter.h"

namespace cinescribe::http {
namespace {

using std::chrono::milliseconds;

TEST(Retry, TheWaitDoublesUpToItsBound) {
  const RetryPolicy policy{.max_attempts = 10, .first_wait = milliseconds(100), .longest_wait = milliseconds(500)};
  EXPECT_EQ(wait_before_next(policy, 1, std::nullopt, 0.0), milliseconds(100));
  EXPECT_EQ(wait_before_next(policy, 2, std::nullopt, 0.0), milliseconds(200));
  EXPECT_EQ(wait_before_next(policy, 3, std::nullopt, 0.0), milliseconds(400));
  EXPECT_EQ(wait_before_next(policy, 4, std::nullopt, 0.0), milliseconds(500));
  EXPECT_EQ(wait_before_next(policy, 9, std::nullopt, 0.0), milliseconds(500));
}

TEST(Retry, ARandomPartOfUpToAHalfIsTakenOff) {
  const RetryPolicy policy{.first_wait = milliseconds(100)};
  EXPECT_EQ(wait_before_next(policy, 1, std::nullopt, 0.5), milliseconds(75));
  for (int i = 0; i < 100; ++i) {
    const double part = random_part();
    EXPECT_GE(part, 0.0);
    EXPECT_LT(part, 1.0);
  }
}

TEST(Retry, WhatTheServerAsksForIsHonouredOrMakesUsGiveUp) {
  const RetryPolicy policy{.first_wait = milliseconds(100), .longest_retry_after = milliseconds(5000)};
  EXPECT_EQ(wait_before_next(policy, 1, milliseconds(3000), 0.9), milliseconds(3000));
  EXPECT_EQ(wait_before_next(policy, 1, milliseconds(10), 0.0), milliseconds(100));
  EXPECT_EQ(wait_before_next(policy, 1, milliseconds(5001), 0.0), std::nullopt);
}

TEST(Retry, ThereIsNoWaitAfterTheLastTry) {
  EXPECT_EQ(wait_before_next({.max_attempts = 1}, 1, std::nullopt, 0.0), std::nullopt);
  EXPECT_NE(wait_before_next({.max_attempts = 3}, 2, std::nullopt, 0.0), std::nullopt);
  EXPECT_EQ(wait_before_next({.max_attempts = 3}, 3, std::nullopt, 0.0), std::nullopt);
}

TEST(Retry, AStopRequestEndsASleepAtOnce) {
  std::stop_source source;
  source.request_stop();
  EXPECT_FALSE(sleep_unless_stopped(std::chrono::hours(1), source.get_token()));
  EXPECT_TRUE(sleep_unless_stopped(milliseconds(1), {}));
}

TEST(RateMeter, TheRateIsThatOfTheLastSecondsOnly) {
  RateMeter meter;
  const RateMeter::Clock::time_point start{};
  meter.add(0, start);
  EXPECT_EQ(meter.bytes_per_second(), 0.0);
  for (int second = 1; second <= 10; ++second)
    meter.add(1000U * static_cast<unsigned>(second), start + std::chrono::seconds(second));
  EXPECT_DOUBLE_EQ(meter.bytes_per_second(), 1000.0);
  for (int second = 11; second <= 20; ++second) meter.add(10'000, start + std::chrono::seconds(second));
  EXPECT_DOUBLE_EQ(meter.bytes_per_second(), 0.0);
}

TEST(Url, MessagesShowNoUserPasswordOrQuery) {
  EXPECT_EQ(printable_url("https://me:secret@host.example:8080/a/b?token=1#x"), "https://host.example:8080/a/b");
  EXPECT_EQ(printable_url("https://host.example?key=1"), "https://host.example");
  EXPECT_EQ(printable_url("https://host.example/a@b"), "https://host.example/a@b");
  EXPECT_EQ(printable_url("nonsense?x"), "nonsense");
}

TEST(Url, EverythingUnusualIsPercentEncoded) { EXPECT_EQ(percent_encoded("a b/ü%.~-_"), "a%20b%2F%C3%BC%25.~-_"); }

}  // namespace
}  // namespace cinescribe::http
