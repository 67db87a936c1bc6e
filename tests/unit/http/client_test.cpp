#include "cinescribe/http/client.h"

#include <cstdlib>
#include <thread>

#include "support/stub_server.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cinescribe::http {
namespace {

using std::chrono::milliseconds;
using test::StubAnswer;
using test::StubRequest;
using test::StubServer;
using ::testing::HasSubstr;
using ::testing::Not;

class HttpClientTest : public ::testing::Test {
 protected:
  // A proxy of the surroundings must not come between the test and its own server.
  void SetUp() override { ::setenv("no_proxy", "127.0.0.1", 1); }

  static Request request_to(const StubServer& server, const std::string& path = "/") {
    Request request;
    request.url = server.address() + path;
    request.retry.first_wait = milliseconds(1);
    return request;
  }
};

TEST_F(HttpClientTest, AGetBringsStatusHeadersAndBody) {
  const StubServer server([](const StubRequest&, int) { return StubAnswer{200, {{"X-Kind", "tea"}}, "hello"}; });
  const auto response = send(request_to(server, "/path?x=1"), {});
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_TRUE(response->is_success());
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(response->header("x-kind"), "tea");
  EXPECT_EQ(response->header("x-other"), "");
  EXPECT_EQ(server.requests().at(0).method, "GET");
  EXPECT_EQ(server.requests().at(0).path, "/path?x=1");
}

TEST_F(HttpClientTest, APostSendsItsHeadersAndBody) {
  const StubServer server([](const StubRequest&, int) { return StubAnswer{201, {}, ""}; });
  Request request = request_to(server);
  request.method = "POST";
  request.headers = {{"Authorization", "Bearer abc"}, {"Content-Type", "application/json"}};
  request.body = std::string("{\"a\":\0 1}", 9);
  const auto response = send(request, {});
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->status, 201);
  const StubRequest seen = server.requests().at(0);
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.headers.at("authorization"), "Bearer abc");
  EXPECT_EQ(seen.headers.at("content-type"), "application/json");
  EXPECT_EQ(seen.body, request.body);
}

TEST_F(HttpClientTest, AFormGoesOutAsMultipart) {
  const StubServer server([](const StubRequest&, int) { return StubAnswer{}; });
  Request request = request_to(server);
  request.method = "POST";
  request.form = {{"model", "whisper-1", "", ""}, {"file", std::string("RIFF\0data", 9), "a.wav", "audio/wav"}};
  ASSERT_TRUE(send(request, {}).ok());
  const StubRequest seen = server.requests().at(0);
  EXPECT_THAT(seen.headers.at("content-type"), HasSubstr("multipart/form-data; boundary="));
  EXPECT_THAT(seen.body, HasSubstr("name=\"model\"\r\n\r\nwhisper-1\r\n"));
  EXPECT_THAT(seen.body,
              HasSubstr("name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\n" + request.form[1].data));
}

TEST_F(HttpClientTest, ALargeBodyIsSentWithoutAskingFirst) {
  const StubServer server([](const StubRequest&, int) { return StubAnswer{}; });
  Request request = request_to(server);
  request.method = "POST";
  request.body = std::string(3'000'000, 'b');
  ASSERT_TRUE(send(request, {}).ok());
  EXPECT_EQ(server.requests().at(0).headers.count("expect"), 0U);
  EXPECT_EQ(server.requests().at(0).body, request.body);
}

TEST_F(HttpClientTest, ABusyServerIsAskedAgainWithTheSameBody) {
  const StubServer server([](const StubRequest&, int count) { return StubAnswer{count < 2 ? 503 : 200, {}, "done"}; });
  Request request = request_to(server);
  request.method = "POST";
  request.form = {{"file", "bytes", "a", ""}};
  const auto response = send(request, {});
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->body, "done");
  ASSERT_EQ(server.requests().size(), 3U);
  EXPECT_THAT(server.requests().at(2).body, HasSubstr("bytes"));
}

TEST_F(HttpClientTest, AnErrorAnswerIsAValueAndIsNotAskedForAgain) {
  const StubServer server([](const StubRequest&, int) { return StubAnswer{400, {}, "bad"}; });
  const auto response = send(request_to(server), {});
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 400);
  EXPECT_FALSE(response->is_success());
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(HttpClientTest, TheLastAnswerIsReturnedWhenAllTriesAreUsed) {
  const StubServer server([](const StubRequest&, int) { return StubAnswer{429, {}, "slow down"}; });
  Request request = request_to(server);
  request.retry.max_attempts = 3;
  const auto response = send(request, {});
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 429);
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(HttpClientTest, ALongRetryAfterIsLeftToTheCaller) {
  const StubServer server([](const StubRequest&, int) { return StubAnswer{429, {{"Retry-After", "3600"}}, ""}; });
  const auto response = send(request_to(server), {});
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->retry_after, std::chrono::hours(1));
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(HttpClientTest, AServerThatHangsUpIsNamedWithoutTheQuery) {
  const StubServer server([](const StubRequest&, int) { return StubAnswer{200, {}, "0123456789", 4}; });
  Request request = request_to(server, "/file?key=secret");
  request.retry.max_attempts = 2;
  const auto response = send(request, {});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().code, ErrorCode::kResource);
  EXPECT_THAT(response.error().message, HasSubstr(server.address() + "/file"));
  EXPECT_THAT(response.error().message, Not(HasSubstr("secret")));
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(HttpClientTest, NobodyListeningIsAnErrorThatSaysSo) {
  std::string address;
  {
    const StubServer gone([](const StubRequest&, int) { return StubAnswer{}; });
    address = gone.address();
  }
  Request request;
  request.url = address;
  request.retry.max_attempts = 1;
  const auto response = send(request, {});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().code, ErrorCode::kResource);
  EXPECT_THAT(response.error().message, HasSubstr("check the address"));
}

TEST_F(HttpClientTest, ATooLongAnswerIsRefused) {
  const StubServer server([](const StubRequest&, int) { return StubAnswer{200, {}, std::string(1000, 'x')}; });
  Request request = request_to(server);
  request.max_response_bytes = 999;
  const auto response = send(request, {});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().code, ErrorCode::kResource);
  EXPECT_THAT(response.error().message, HasSubstr("longer than 999 bytes"));
  request.max_response_bytes = 1000;
  EXPECT_TRUE(send(request, {}).ok());
}

TEST_F(HttpClientTest, OnlyHttpAndHttpsAddressesAreUsed) {
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/", "", "127.0.0.1"}) {
    Request request;
    request.url = url;
    const auto response = send(request, {});
    ASSERT_FALSE(response.ok()) << url;
    EXPECT_EQ(response.error().code, ErrorCode::kUsage);
  }
}

TEST_F(HttpClientTest, AHeaderWithALineBreakIsRefused) {
  const StubServer server([](const StubRequest&, int) { return StubAnswer{}; });
  Request request = request_to(server);
  request.headers = {{"Authorization", "Bearer abc\r\nX-Evil: 1"}};
  const auto response = send(request, {});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().code, ErrorCode::kUsage);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(HttpClientTest, ARedirectIsFollowedAndItsHeadersForgotten) {
  const StubServer server([](const StubRequest& request, int) {
    if (request.path == "/old") return StubAnswer{302, {{"Location", "/new"}, {"X-First", "1"}}, "moved"};
    return StubAnswer{200, {}, "here"};
  });
  const auto response = send(request_to(server, "/old"), {});
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->body, "here");
  EXPECT_EQ(response->header("x-first"), "");
}

TEST_F(HttpClientTest, ARedirectToAFileIsNotFollowed) {
  const StubServer server([](const StubRequest&, int) {
    return StubAnswer{302, {{"Location", "file:///etc/hostname"}}, ""};
  });
  EXPECT_FALSE(send(request_to(server), {}).ok());
}

TEST_F(HttpClientTest, ASilentServerRunsIntoTheTimeLimit) {
  const StubServer server([](const StubRequest&, int) {
    StubAnswer answer;
    answer.is_silent = true;
    return answer;
  });
  Request request = request_to(server);
  request.timeouts.total = milliseconds(100);
  request.retry.max_attempts = 1;
  const auto response = send(request, {});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().code, ErrorCode::kResource);
}

TEST_F(HttpClientTest, AStopRequestEndsAWaitForASilentServer) {
  std::stop_source source;
  const StubServer server([&source](const StubRequest&, int) {
    source.request_stop();
    StubAnswer answer;
    answer.is_silent = true;
    return answer;
  });
  const auto response = send(request_to(server), source.get_token());
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().code, ErrorCode::kInterrupted);
}

TEST_F(HttpClientTest, AStopRequestEndsTheWaitBetweenTries) {
  std::stop_source source;
  const StubServer server([](const StubRequest&, int) { return StubAnswer{503, {{"Retry-After", "60"}}, ""}; });
  std::jthread stopper([&source, &server] {
    while (server.requests().empty()) std::this_thread::sleep_for(milliseconds(1));
    source.request_stop();
  });
  const auto response = send(request_to(server), source.get_token());
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().code, ErrorCode::kInterrupted);
}

TEST_F(HttpClientTest, TheProxyOfTheEnvironmentIsUsed) {
  const StubServer proxy([](const StubRequest&, int) { return StubAnswer{200, {}, "by proxy"}; });
  ::setenv("http_proxy", proxy.address().c_str(), 1);
  Request request;
  request.url = "http://somewhere.invalid/x";
  request.retry.max_attempts = 1;
  const auto response = send(request, {});
  ::unsetenv("http_proxy");
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->body, "by proxy");
  EXPECT_EQ(proxy.requests().at(0).path, "http://somewhere.invalid/x");
}

TEST(OnThisMachine, LoopbackAddressesAreAndNothingElseIs) {
  for (const char* url : {"http://localhost:8080/v1", "https://LOCALHOST", "http://api.localhost/x", "http://127.0.0.1",
                          "http://127.9.8.7:1/", "http://[::1]:8000/v1", "http://user:word@localhost/"}) {
    EXPECT_TRUE(is_on_this_machine(url)) << url;
  }
  for (const char* url :
       {"http://localhost.example.org", "http://localhost@example.org/", "http://127.0.0.1.example.org/",
        "http://127.example.org", "http://10.0.0.1", "http://[::2]", "https://api.openai.com/v1", "", "http://"}) {
    EXPECT_FALSE(is_on_this_machine(url)) << url;
  }
}

TEST_F(HttpClientTest, WhatIsMeantForThisMachineGoesThroughNoProxy) {
  const StubServer proxy([](const StubRequest&, int) { return StubAnswer{200, {}, "by proxy"}; });
  const StubServer server([](const StubRequest&, int) { return StubAnswer{200, {}, "directly"}; });
  ::unsetenv("no_proxy");
  ::setenv("http_proxy", proxy.address().c_str(), 1);
  const auto response = send(request_to(server), {});
  ::unsetenv("http_proxy");
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->body, "directly");
}

TEST_F(HttpClientTest, ARedirectIsAnAnswerWhereItIsNotToBeFollowed) {
  const StubServer server([](const StubRequest&, int) {
    return StubAnswer{302, {{"Location", "http://somewhere.invalid/"}}, "there"};
  });
  Request request = request_to(server);
  request.follows_redirects = false;
  const auto response = send(request, {});
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->status, 302);
}

}  // namespace
}  // namespace cinescribe::http
