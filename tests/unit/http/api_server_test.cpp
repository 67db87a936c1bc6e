#include "cinescribe/http/api_server.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cinescribe/core/log.h"

namespace cinescribe::http {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

TEST(ApiServer, TheKeyComesFromTheEnvironment) {
  ::setenv("OPENAI_API_KEY", "general", 1);
  ::unsetenv("CINESCRIBE_OPENAI_API_KEY");
  EXPECT_EQ(api_key_from_environment(), "general");
  ::setenv("CINESCRIBE_OPENAI_API_KEY", " own\n", 1);
  EXPECT_EQ(api_key_from_environment(), "own");
  ::unsetenv("CINESCRIBE_OPENAI_API_KEY");
  ::unsetenv("OPENAI_API_KEY");
  EXPECT_EQ(api_key_from_environment(), "");
}

TEST(ApiServer, TheRequestHasTheAddressAndTheKey) {
  const auto request = make_api_request({"caption server", "http://127.0.0.1:9/v1//", "abc"}, "/chat/completions");
  ASSERT_TRUE(request.ok()) << request.error().message;
  EXPECT_EQ(request->url, "http://127.0.0.1:9/v1/chat/completions");
  ASSERT_EQ(request->headers.size(), 1U);
  EXPECT_EQ(request->headers[0].value, "Bearer abc");
  const auto open = make_api_request({"caption server", "http://127.0.0.1:9/v1", ""}, "/x");
  ASSERT_TRUE(open.ok());
  EXPECT_TRUE(open->headers.empty());
}

TEST(ApiServer, WrongAddressesAndKeysAreNamedAndTheKeyIsNot) {
  const auto address = make_api_request({"caption server", "ftp://user:secret@host/v1", ""}, "/x");
  ASSERT_FALSE(address.ok());
  EXPECT_EQ(address.error().code, ErrorCode::kUsage);
  EXPECT_THAT(address.error().message, HasSubstr("caption server"));
  EXPECT_THAT(address.error().message, Not(HasSubstr("secret")));
  const auto key = make_api_request({"caption server", "http://host/v1", "sec\r\nret"}, "/x");
  ASSERT_FALSE(key.ok());
  EXPECT_EQ(key.error().code, ErrorCode::kUsage);
  EXPECT_THAT(key.error().message, Not(HasSubstr("sec\r")));
}

TEST(ApiServer, AKeyInTheClearIsWarnedOfUnlessItStaysOnTheMachine) {
  std::string said;
  set_log_sink([&](LogLevel, std::string_view words) { said = words; });
  EXPECT_TRUE(make_api_request({"server", "http://127.0.0.1:1/v1", "k"}, "/x").ok());
  EXPECT_TRUE(make_api_request({"server", "https://example.org/v1", "k"}, "/x").ok());
  EXPECT_EQ(said, "");
  EXPECT_TRUE(make_api_request({"server", "http://example.org/v1", "k"}, "/x").ok());
  EXPECT_THAT(said, HasSubstr("without encryption"));
  set_log_sink({});
}

TEST(ApiServer, ErrorWordsAreOneShortLine) {
  EXPECT_EQ(api_error_words(R"({"error": {"message": "a\r\nb"}})"), "a b");
  EXPECT_EQ(api_error_words(R"({"error": "plain"})"), "plain");
  EXPECT_EQ(api_error_words(R"({"detail": [1]})"), R"({"detail": [1]})");
  EXPECT_EQ(api_error_words("\x1b[2Jred"), "[2Jred");
  EXPECT_LE(api_error_words(std::string(5000, 'x')).size(), 303U);
}

TEST(ApiServer, RefusalsSayWhatToDo) {
  const auto refusal = [](int status) {
    Response response;
    response.status = status;
    response.body = R"({"error": {"message": "because"}})";
    Request request;
    request.url = "http://user:pw@host/v1/x?key=1";
    return api_refusal("caption server", request, response);
  };
  EXPECT_EQ(refusal(401).code, ErrorCode::kModel);
  EXPECT_THAT(refusal(401).message, HasSubstr("OPENAI_API_KEY"));
  EXPECT_THAT(refusal(401).message, HasSubstr("http://host/v1/x answered 401 (because)"));
  EXPECT_THAT(refusal(404).message, HasSubstr("model's name"));
  EXPECT_EQ(refusal(400).code, ErrorCode::kModel);
  EXPECT_EQ(refusal(429).code, ErrorCode::kResource);
  EXPECT_EQ(refusal(503).code, ErrorCode::kResource);
}

TEST(ApiServer, AUsedUpLimitAsksForAPause) {
  const auto pause = [](const std::string& left, const std::string& reset) {
    Response response;
    response.headers = {{"x-ratelimit-remaining-requests", left}, {"x-ratelimit-reset-requests", reset}};
    return rate_limit_pause(response);
  };
  EXPECT_EQ(pause("3", "1s"), std::nullopt);
  EXPECT_EQ(pause("0", "20ms"), milliseconds(21));
  EXPECT_EQ(pause("0", "1m2.5s"), milliseconds(62501));
  EXPECT_EQ(pause("0", "6"), milliseconds(6001));
  EXPECT_EQ(pause("0", ""), std::nullopt);
  EXPECT_EQ(pause("0", "soon"), std::nullopt);
  EXPECT_EQ(pause("0", "-5s"), std::nullopt);
  EXPECT_EQ(pause("0", "99999999999999999999h"), milliseconds(86400001));
  EXPECT_EQ(rate_limit_pause({}), std::nullopt);
}

}  // namespace
}  // namespace cinescribe::http
