#include "cinescribe/http/request_gate.h"

#include <thread>

#include "support/stub_server.h"
#include <gtest/gtest.h>

#include "cinescribe/http/client.h"

namespace cinescribe::http {
namespace {

using Clock = RequestGate::Clock;
using std::chrono::milliseconds;

TEST(RequestGate, RequestsKeepTheirDistance) {
  RequestGate gate(60.0 * 1000.0 / 30.0);  // one every 30 ms
  const auto begin = Clock::now();
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(gate.pass({}));
  EXPECT_GE(Clock::now() - begin, milliseconds(90));
}

TEST(RequestGate, AHeldGateLetsNobodyThrough) {
  RequestGate gate;
  EXPECT_TRUE(gate.pass({}));
  const auto begin = Clock::now();
  gate.hold(milliseconds(60));
  gate.hold(milliseconds(1));  // the longer pause stays
  EXPECT_TRUE(gate.pass({}));
  EXPECT_GE(Clock::now() - begin, milliseconds(60));
}

TEST(RequestGate, AStopEndsTheWait) {
  RequestGate gate;
  gate.hold(std::chrono::hours(1));
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(milliseconds(20));
    stop.request_stop();
  });
  EXPECT_FALSE(gate.pass(stop.get_token()));
}

TEST(RequestGate, ARefusedRequestHoldsTheOthersBack) {
  const test::StubServer server([](const test::StubRequest&, int count) {
    test::StubAnswer answer;
    if (count == 0) {
      answer.status = 429;
      answer.headers = {{"Retry-After", "1"}};
    }
    return answer;
  });
  RequestGate gate;
  Request request;
  request.url = server.address();
  request.gate = &gate;
  request.retry.first_wait = milliseconds(1);
  const auto begin = Clock::now();
  const auto first = send(request, {});
  ASSERT_TRUE(first.ok()) << first.error().message;
  EXPECT_EQ(first->status, 200);
  EXPECT_GE(Clock::now() - begin, milliseconds(990));
  EXPECT_EQ(server.requests().size(), 2U);
}

}  // namespace
}  // namespace cinescribe::http
