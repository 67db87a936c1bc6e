#include "cinescribe/pipeline/wire.h"

#include <array>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cinescribe::pipeline {
namespace {

using State = Wire::State;
using std::chrono::milliseconds;

WireLimits small_limits() {
  WireLimits limits;
  limits.text_bytes = 1000;
  limits.bytes = std::uint64_t{8} << 20;
  return limits;
}

/// A wire and the bare socket at its other end.
class WireTest : public testing::Test {
 protected:
  WireTest() {
    std::array<int, 2> pair{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
    other_ = pair[1];
    wire_ = std::make_unique<Wire>(pair[0], small_limits());
  }
  ~WireTest() override { hang_up(); }
  void hang_up() {
    if (other_ >= 0) ::close(other_);
    other_ = -1;
  }
  void put(const std::string& bytes) const {
    ASSERT_EQ(::send(other_, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }
  State receive() { return wire_->receive(message_, milliseconds(20)); }

  int other_ = -1;
  std::unique_ptr<Wire> wire_;
  WireMessage message_;
};

TEST_F(WireTest, MessagesThatComeInPiecesAndTogetherComeOutOneByOne) {
  const std::string two = "2 3\n{}\nabc7 0\n{\"a\":1}\n";
  for (const char c : two) {
    put(std::string(1, c));
    const State state = receive();
    if (state == State::kNothing) continue;
    ASSERT_EQ(state, State::kMessage);
    EXPECT_EQ(std::string(message_.bytes.begin(), message_.bytes.end()), message_.text == "{}" ? "abc" : "");
  }
  EXPECT_EQ(message_.text, "{\"a\":1}");
  put(two);
  EXPECT_EQ(receive(), State::kMessage);
  EXPECT_EQ(receive(), State::kMessage);
  EXPECT_EQ(message_.text, "{\"a\":1}");
  EXPECT_EQ(receive(), State::kNothing);
}

TEST_F(WireTest, WhatIsNoMessageBreaksTheWire) {
  for (const char* bytes :
       {"hello\n", "12\n", "x 0\n", "-1 0\n", "1  0\n", "99999999999999999999999 0\n", "1001 0\n", "2 8388609\n",
        "2 0\n{} \n", "a line that does not end where the head of a message must have ended"}) {
    std::array<int, 2> pair{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
    Wire wire(pair[0], small_limits());
    ASSERT_GT(::send(pair[1], bytes, std::string(bytes).size(), 0), 0);
    const State state = wire.receive(message_, milliseconds(20));
    EXPECT_EQ(state, State::kBroken) << bytes;
    EXPECT_FALSE(wire.problem().empty());
    EXPECT_EQ(wire.receive(message_, milliseconds(0)), State::kBroken) << "it stays so";
    ::close(pair[1]);
  }
}

TEST_F(WireTest, AnEndThatGoesIsSeenBetweenMessagesAndWithinOne) {
  put("2 0\n{}\n5 0\n{\"a");
  hang_up();
  EXPECT_EQ(receive(), State::kMessage);
  EXPECT_EQ(receive(), State::kClosed);
  EXPECT_EQ(receive(), State::kClosed);
  const Status status = wire_->send("{}");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kResource);
}

TEST_F(WireTest, ALargeMessageCrossesWhole) {
  std::vector<std::uint8_t> first(3'000'000);
  std::vector<std::uint8_t> second(1'234'567, 7);
  for (std::size_t i = 0; i < first.size(); ++i) first[i] = static_cast<std::uint8_t>(i * 31);
  Wire far(std::exchange(other_, -1), {});
  const std::vector<std::span<const std::uint8_t>> parts = {first, second};
  std::jthread sender([&] { EXPECT_TRUE(far.send("{\"of\":\"two parts\"}", parts).ok()); });
  ASSERT_EQ(wire_->receive(message_), State::kMessage);
  ASSERT_EQ(message_.bytes.size(), first.size() + second.size());
  EXPECT_TRUE(std::equal(first.begin(), first.end(), message_.bytes.begin()));
  EXPECT_EQ(message_.bytes.back(), 7);
}

TEST_F(WireTest, AnEndThatTakesNothingIsGivenUpWhenAsked) {
  const std::vector<std::uint8_t> much(8'000'000);
  const std::vector<std::span<const std::uint8_t>> parts = {much};
  int asked = 0;
  const Status status = wire_->send("{}", parts, [&asked] { return ++asked < 3; });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(asked, 3);
}

}  // namespace
}  // namespace cinescribe::pipeline
