#include "cinescribe/captions/openai_captioner.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>

#include "support/speech_server.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/core/log.h"
#include "cinescribe/image/jpeg.h"

namespace cinescribe::captions {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using test::SpeechReply;
using test::SpeechRequest;
using test::SpeechServer;
using testing::HasSubstr;
using testing::Not;

std::string answer_body(const std::string& text, const std::string& finish = "stop") {
  return json{{"choices", {{{"finish_reason", finish}, {"message", {{"role", "assistant"}, {"content", text}}}}}},
              {"usage", {{"prompt_tokens", 100}, {"completion_tokens", 7}}}}
      .dump();
}

std::string error_body(const std::string& message, const json& code = nullptr, const json& param = nullptr) {
  return json{{"error", {{"message", message}, {"code", code}, {"param", param}}}}.dump();
}

SpeechReply saying(std::string body, int status = 200) {
  SpeechReply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

/// The words of a request's last part: the prompt.
std::string prompt_of(const SpeechRequest& request) {
  return json::parse(request.body)["messages"][0]["content"].back()["text"].get<std::string>();
}

bool is_probe(const SpeechRequest& request) { return prompt_of(request).starts_with("Which number"); }

/// A server that sees: it names the number of the probe and echoes prompts.
SpeechReply echo(const SpeechRequest& request) {
  return saying(answer_body(is_probe(request) ? "7294" : "Seen: " + prompt_of(request)));
}

OpenAiCaptionerOptions quick_options(const SpeechServer& server) {
  OpenAiCaptionerOptions options;
  options.model = "tiny-vlm";
  options.base_url = server.url("/v1/");
  options.api_key = "secret-key-123";
  options.retry.first_wait = milliseconds(2);
  options.retry.longest_wait = milliseconds(10);
  options.retry.max_attempts = 3;
  options.concurrency = 2;
  return options;
}

CaptionRequest scene(std::int64_t id) {
  CaptionRequest request;
  request.id = id;
  request.frames = {Image(64, 48, 3), Image(64, 48, 3)};
  request.frames[1].pixels.assign(request.frames[1].pixels.size(), 200);
  request.frame_times = {Timestamp::from_seconds(1.0), Timestamp::from_seconds(2.5)};
  request.prompt = "scene " + std::to_string(id);
  return request;
}

struct Told {
  Status made;
  Status run;
  std::map<std::int64_t, Result<Caption>> captions;
  std::string name;

  const Caption& caption(std::int64_t id) const { return *captions.at(id); }
  const Error& error(std::int64_t id) const { return captions.at(id).error(); }
};

Told tell(const OpenAiCaptionerOptions& options, std::vector<CaptionRequest> requests,
          const std::stop_token& stop = {}) {
  Told told;
  auto captioner = make_openai_captioner(options, stop);
  if (!captioner.ok()) {
    told.made = captioner.error();
    return told;
  }
  told.name = (*captioner)->facts().name;
  std::size_t at = 0;
  told.run =
      (*captioner)
          ->run(
              [&]() -> std::optional<CaptionRequest> {
                if (at == requests.size()) return std::nullopt;
                return std::move(requests[at++]);
              },
              [&](CaptionOutcome outcome) { told.captions.emplace(outcome.id, std::move(outcome.caption)); }, stop);
  return told;
}

std::vector<CaptionRequest> scenes(int count) {
  std::vector<CaptionRequest> requests;
  for (int i = 0; i < count; ++i) requests.push_back(scene(i));
  return requests;
}

TEST(OpenAiCaptioner, EverySceneGetsItsOwnCaption) {
  const SpeechServer server(echo);
  const Told told = tell(quick_options(server), scenes(9));
  ASSERT_TRUE(told.made.ok()) << told.made.error().message;
  ASSERT_TRUE(told.run.ok()) << told.run.error().message;
  ASSERT_EQ(told.captions.size(), 9U);
  for (std::int64_t id = 0; id < 9; ++id) {
    EXPECT_EQ(told.caption(id).text, "Seen: scene " + std::to_string(id));
    EXPECT_EQ(told.caption(id).prompt_tokens, 100);
    EXPECT_EQ(told.caption(id).new_tokens, 7);
    EXPECT_EQ(told.caption(id).frames_used, 2);
    EXPECT_EQ(told.caption(id).suspect, "");
    ASSERT_EQ(told.caption(id).sequences.size(), 1U);
    EXPECT_EQ(told.caption(id).sequences[0].finish, language::FinishReason::kEos);
  }
  EXPECT_EQ(server.request_count(), 10);
  EXPECT_EQ(told.name, "openai:tiny-vlm@" + server.url("/v1/"));
}

TEST(OpenAiCaptioner, FramesGoOutInOrderWithTheirTimes) {
  std::mutex mutex;
  SpeechRequest seen;
  const SpeechServer server([&](const SpeechRequest& request) {
    const std::lock_guard lock(mutex);
    if (!is_probe(request)) seen = request;
    return echo(request);
  });
  OpenAiCaptionerOptions options = quick_options(server);
  options.longest_side_px = 32;
  CaptionRequest request = scene(5);
  request.prompt = "Say \"hé\"";
  request.generation.max_new_tokens = 33;
  request.generation.stop_strings = {"END"};
  ASSERT_TRUE(tell(options, {request}).run.ok());
  EXPECT_THAT(seen.head, HasSubstr("POST /v1/chat/completions HTTP/1.1\r\n"));
  EXPECT_THAT(seen.head, HasSubstr("Authorization: Bearer secret-key-123\r\n"));
  EXPECT_THAT(seen.head, HasSubstr("Content-Type: application/json\r\n"));
  const json body = json::parse(seen.body);
  EXPECT_EQ(body["model"], "tiny-vlm");
  EXPECT_EQ(body["max_tokens"], 33);
  EXPECT_EQ(body["temperature"], 0.0);
  EXPECT_EQ(body["stop"], json::array({"END"}));
  EXPECT_FALSE(body.contains("top_k"));
  const json& content = body["messages"][0]["content"];
  ASSERT_EQ(content.size(), 5U);
  EXPECT_EQ(content[0]["text"], "Frame 1 of 2 at 00:00:01.000:");
  EXPECT_EQ(content[2]["text"], "Frame 2 of 2 at 00:00:02.500:");
  EXPECT_EQ(content[4]["text"], "Say \"hé\"");
  const std::string head = "data:image/jpeg;base64,";
  std::vector<int> greys;
  for (const int at : {1, 3}) {
    const std::string url = content[at]["image_url"]["url"];
    ASSERT_TRUE(url.starts_with(head + "/9j/"));  // a JPEG's first bytes
    const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::vector<std::uint8_t> bytes;
    unsigned group = 0;
    int bits = 0;
    for (const char c : url.substr(head.size())) {
      if (c == '=') break;
      group = group << 6U | static_cast<unsigned>(letters.find(c));
      bits += 6;
      if (bits >= 8) bytes.push_back(static_cast<std::uint8_t>(group >> static_cast<unsigned>(bits -= 8)));
    }
    const auto picture = image::decode_jpeg(bytes);
    ASSERT_TRUE(picture.ok()) << picture.error().message;
    EXPECT_EQ(picture->width, 32);
    EXPECT_EQ(picture->height, 24);
    greys.push_back(picture->pixels[0]);
  }
  EXPECT_NEAR(greys[0], 0, 3);
  EXPECT_NEAR(greys[1], 200, 3);
}

TEST(OpenAiCaptioner, SlowAnswersOverlapAndNeverMoreThanAllowed) {
  const SpeechServer server([](const SpeechRequest& request) {
    SpeechReply reply = echo(request);
    reply.delay = milliseconds(request.number % 3 == 0 ? 120 : 30);
    return reply;
  });
  OpenAiCaptionerOptions options = quick_options(server);
  options.concurrency = 3;
  const Told told = tell(options, scenes(12));
  ASSERT_TRUE(told.run.ok());
  EXPECT_EQ(told.captions.size(), 12U);
  EXPECT_LE(server.most_at_once(), 3);
  EXPECT_GE(server.most_at_once(), 2);
}

TEST(OpenAiCaptioner, ATextOnlyModelIsNoticedBeforeTheRun) {
  const SpeechServer guessing([](const SpeechRequest&) { return saying(answer_body("The number is 42.")); });
  Told told = tell(quick_options(guessing), scenes(3));
  ASSERT_FALSE(told.made.ok());
  EXPECT_EQ(told.made.error().code, ErrorCode::kModel);
  EXPECT_THAT(told.made.error().message, HasSubstr("'tiny-vlm' does not see pictures"));
  EXPECT_THAT(told.made.error().message, HasSubstr("The number is 42."));
  EXPECT_EQ(guessing.request_count(), 1);

  const SpeechServer refusing(
      [](const SpeechRequest&) { return saying(error_body("image input is not supported"), 400); });
  told = tell(quick_options(refusing), scenes(3));
  ASSERT_FALSE(told.made.ok());
  EXPECT_THAT(told.made.error().message, HasSubstr("does not see pictures"));
  EXPECT_THAT(told.made.error().message, HasSubstr("image input is not supported"));

  OpenAiCaptionerOptions options = quick_options(guessing);
  options.is_probed = false;
  EXPECT_TRUE(tell(options, scenes(2)).run.ok());
}

TEST(OpenAiCaptioner, TheProbeIsReadWithDecoration) {
  const SpeechServer server([](const SpeechRequest& request) {
    return is_probe(request) ? saying(answer_body("<think>four digits</think>It says **7,294**.")) : echo(request);
  });
  EXPECT_TRUE(tell(quick_options(server), scenes(1)).run.ok());
}

TEST(OpenAiCaptioner, RefusalsAndFiltersCostOneSceneOnly) {
  const SpeechServer server([](const SpeechRequest& request) {
    const std::string prompt = prompt_of(request);
    if (prompt == "scene 0") {
      return saying(R"({"choices": [{"message": {"content": null, "refusal": "I cannot describe people."}}]})");
    }
    if (prompt == "scene 1") return saying(answer_body("", "content_filter"));
    if (prompt == "scene 2") return saying(answer_body("A man with a", "content_filter"));
    if (prompt == "scene 3") return saying(error_body("policy", "content_filter"), 400);
    if (prompt == "scene 4") return saying(error_body("maximum context length is 4096 tokens"), 400);
    if (prompt == "scene 5") return saying(answer_body("", "length"));
    if (prompt == "scene 6") return saying(answer_body("A very long", "length"));
    if (prompt == "scene 7") return saying(answer_body(" "));
    return echo(request);
  });
  const Told told = tell(quick_options(server), scenes(9));
  ASSERT_TRUE(told.run.ok()) << told.run.error().message;
  ASSERT_EQ(told.captions.size(), 9U);
  EXPECT_EQ(told.error(0).code, ErrorCode::kModel);
  EXPECT_THAT(told.error(0).message, HasSubstr("scene 0: the model refused: I cannot describe people."));
  EXPECT_THAT(told.error(1).message, HasSubstr("content filter"));
  EXPECT_EQ(told.caption(2).text, "A man with a");
  EXPECT_THAT(told.caption(2).suspect, HasSubstr("content filter"));
  EXPECT_THAT(told.error(3).message, HasSubstr("content filter stopped the request: policy"));
  EXPECT_THAT(told.error(4).message, HasSubstr("maximum context length"));
  EXPECT_THAT(told.error(5).message, HasSubstr("max_new_tokens"));
  EXPECT_EQ(told.caption(6).sequences[0].finish, language::FinishReason::kLength);
  EXPECT_EQ(told.caption(7).suspect, "empty");
  EXPECT_EQ(told.caption(8).text, "Seen: scene 8");
}

TEST(OpenAiCaptioner, MalformedAndBrokenAnswersCostOneSceneOnly) {
  const SpeechServer server([](const SpeechRequest& request) {
    const std::string prompt = prompt_of(request);
    if (prompt == "scene 0") return saying("<html>Please log in</html>");
    if (prompt == "scene 1") return saying(answer_body("cut").substr(0, 30));
    if (prompt == "scene 2") return saying("{\"choices\": []}");
    return echo(request);
  });
  const Told told = tell(quick_options(server), scenes(4));
  ASSERT_TRUE(told.run.ok()) << told.run.error().message;
  for (const std::int64_t id : {0, 1, 2}) EXPECT_EQ(told.error(id).code, ErrorCode::kResource) << id;
  EXPECT_THAT(told.error(0).message, HasSubstr("<html>Please log in"));
  EXPECT_EQ(told.caption(3).text, "Seen: scene 3");
}

TEST(OpenAiCaptioner, OverloadRateLimitsAndCutLinesAreTriedAgain) {
  std::mutex mutex;
  std::map<std::string, int> tries;
  const SpeechServer server([&](const SpeechRequest& request) {
    const std::string prompt = prompt_of(request);
    int count = 0;
    {
      const std::lock_guard lock(mutex);
      count = tries[prompt]++;
    }
    if (count == 0 && prompt == "scene 0") return saying("busy", 503);
    if (count == 0 && prompt == "scene 1") {
      SpeechReply reply = saying(error_body("slow down"), 429);
      reply.headers = "Retry-After: 1\r\n";
      return reply;
    }
    if (count < 2 && prompt == "scene 2") {
      SpeechReply reply;
      reply.close_at_once = true;
      return reply;
    }
    if (count == 0 && prompt == "scene 3") {
      SpeechReply reply = echo(request);
      reply.cut_after = 20;
      return reply;
    }
    return echo(request);
  });
  const Told told = tell(quick_options(server), scenes(5));
  ASSERT_TRUE(told.run.ok()) << told.run.error().message;
  for (std::int64_t id = 0; id < 5; ++id) EXPECT_EQ(told.caption(id).text, "Seen: scene " + std::to_string(id));
  EXPECT_EQ(tries["scene 2"], 3);
}

TEST(OpenAiCaptioner, AServerThatGoesAwayEndsTheRunAndFinishedScenesStay) {
  const SpeechServer server([](const SpeechRequest& request) {
    if (request.number <= 2) return echo(request);
    SpeechReply reply;
    reply.close_at_once = true;
    return reply;
  });
  OpenAiCaptionerOptions options = quick_options(server);
  options.concurrency = 1;
  const Told told = tell(options, scenes(50));
  ASSERT_FALSE(told.run.ok());
  EXPECT_EQ(told.run.error().code, ErrorCode::kResource);
  EXPECT_THAT(told.run.error().message, HasSubstr("cannot reach " + server.url("/v1/chat/completions")));
  EXPECT_EQ(told.captions.size(), 2U);
  // The probe, two scenes, and three tries of the next; libcurl by itself repeats on a new connection what was sent on
  // a kept one that turns out to be closed.
  EXPECT_THAT(server.request_count(), testing::AnyOf(1 + 2 + 3, 1 + 2 + 3 + 1));
}

TEST(OpenAiCaptioner, AKeyThatExpiresEndsTheRun) {
  const SpeechServer server([](const SpeechRequest& request) {
    return request.number < 3 ? echo(request) : saying(error_body("key expired"), 401);
  });
  OpenAiCaptionerOptions options = quick_options(server);
  options.concurrency = 1;
  const Told told = tell(options, scenes(20));
  ASSERT_FALSE(told.run.ok());
  EXPECT_EQ(told.run.error().code, ErrorCode::kModel);
  EXPECT_THAT(told.run.error().message, HasSubstr("key expired"));
  EXPECT_THAT(told.run.error().message, HasSubstr("OPENAI_API_KEY"));
  EXPECT_THAT(told.run.error().message, Not(HasSubstr("secret-key-123")));
  EXPECT_EQ(told.captions.size(), 2U);
}

TEST(OpenAiCaptioner, AServerThatIsNotThereIsSaidBeforeTheRun) {
  std::string address;
  {
    const SpeechServer gone(echo);
    address = gone.url("/v1");
  }
  OpenAiCaptionerOptions options;
  options.model = "m";
  options.base_url = address;
  options.retry.first_wait = milliseconds(1);
  const Told told = tell(options, scenes(1));
  ASSERT_FALSE(told.made.ok());
  EXPECT_EQ(told.made.error().code, ErrorCode::kResource);
  EXPECT_THAT(told.made.error().message, HasSubstr(address));
}

TEST(OpenAiCaptioner, OptionsThatTheServerDoesNotKnowAreLeftOut) {
  std::mutex mutex;
  std::vector<json> bodies;
  const SpeechServer server([&](const SpeechRequest& request) {
    const json body = json::parse(request.body);
    const std::lock_guard lock(mutex);
    bodies.push_back(body);
    if (body.contains("max_tokens")) {
      return saying(error_body("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
                               "unsupported_parameter", "max_tokens"),
                    400);
    }
    if (body.contains("temperature") && body["temperature"] == 0.0) {
      return saying(error_body("'temperature' does not support 0 with this model."), 400);
    }
    return echo(request);
  });
  OpenAiCaptionerOptions options = quick_options(server);
  options.concurrency = 1;
  const Told told = tell(options, scenes(3));
  ASSERT_TRUE(told.made.ok()) << told.made.error().message;
  ASSERT_TRUE(told.run.ok());
  EXPECT_EQ(bodies.size(), 3U + 3U);  // two refusals in the probe, none after it
  EXPECT_EQ(bodies.back()["max_completion_tokens"], 512);
  EXPECT_FALSE(bodies.back().contains("temperature"));
}

TEST(OpenAiCaptioner, AServerThatRefusesEveryFormIsGivenUp) {
  const SpeechServer server([](const SpeechRequest& request) {
    std::string named;
    const json body = json::parse(request.body);
    for (const auto& [key, value] : body.items()) named += key + " ";
    return saying(error_body("no " + named), 422);
  });
  const Told told = tell(quick_options(server), scenes(2));
  ASSERT_FALSE(told.made.ok());
  EXPECT_EQ(told.made.error().code, ErrorCode::kModel);
  EXPECT_LE(server.request_count(), 10);
}

TEST(OpenAiCaptioner, AStopEndsAnsweringServersAndWaits) {
  std::stop_source stop;
  const SpeechServer server([&](const SpeechRequest& request) {
    if (is_probe(request)) return echo(request);
    stop.request_stop();
    SpeechReply reply = echo(request);
    reply.delay = std::chrono::minutes(5);
    return reply;
  });
  const Told told = tell(quick_options(server), scenes(5), stop.get_token());
  ASSERT_FALSE(told.run.ok());
  EXPECT_EQ(told.run.error().code, ErrorCode::kInterrupted);
  EXPECT_TRUE(told.captions.empty());
}

TEST(OpenAiCaptioner, ASilentServerIsGivenUpAfterTheTimeOut) {
  const SpeechServer server([&](const SpeechRequest& request) {
    SpeechReply reply = echo(request);
    if (!is_probe(request)) reply.delay = std::chrono::minutes(5);
    return reply;
  });
  OpenAiCaptionerOptions options = quick_options(server);
  options.timeouts.total = milliseconds(200);
  options.retry.max_attempts = 2;
  const Told told = tell(options, scenes(1));
  ASSERT_FALSE(told.run.ok());
  EXPECT_EQ(told.run.error().code, ErrorCode::kResource);
  EXPECT_THAT(told.run.error().message, HasSubstr("tries: 2"));
}

TEST(OpenAiCaptioner, RequestsThatNoServerCanAnswerAreRefusedBeforeTheyAreSent) {
  const SpeechServer server(echo);
  std::vector<CaptionRequest> requests = scenes(3);
  requests[0].frames.clear();
  requests[0].frame_times.clear();
  requests[1].is_raw_prompt = true;
  const Told told = tell(quick_options(server), std::move(requests));
  ASSERT_TRUE(told.run.ok());
  EXPECT_EQ(told.error(0).code, ErrorCode::kUsage);
  EXPECT_EQ(told.error(1).code, ErrorCode::kUsage);
  EXPECT_TRUE(told.captions.at(2).ok());
  EXPECT_EQ(server.request_count(), 2);

  requests = scenes(1);
  requests[0].generation.num_beams = 4;
  const Told beams = tell(quick_options(server), std::move(requests));
  ASSERT_FALSE(beams.run.ok());
  EXPECT_THAT(beams.run.error().message, HasSubstr("beam search"));
}

TEST(OpenAiCaptioner, TheCostIsLogged) {
  std::mutex mutex;
  std::string said;
  set_log_sink([&](LogLevel, std::string_view words) {
    const std::lock_guard lock(mutex);
    said += std::string(words) + "\n";
  });
  const SpeechServer server(echo);
  EXPECT_TRUE(tell(quick_options(server), scenes(3)).run.ok());
  set_log_sink({});
  EXPECT_THAT(said, HasSubstr("3 scenes, 300 prompt tokens and 21 new tokens"));
  EXPECT_THAT(said, Not(HasSubstr("secret-key-123")));
}

TEST(OpenAiCaptioner, SpecsAreReadAndWrongOnesNamed) {
  const auto full = parse_openai_spec("Qwen/Qwen2.5-VL:7b@http://127.0.0.1:8080/v1");
  ASSERT_TRUE(full.ok());
  EXPECT_EQ(full->model, "Qwen/Qwen2.5-VL:7b");
  EXPECT_EQ(full->base_url, "http://127.0.0.1:8080/v1");
  const auto plain = parse_openai_spec("gpt-4o-mini");
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->base_url, "https://api.openai.com/v1");
  const auto at = parse_openai_spec("@cf/llava@https://user@host/v1");
  ASSERT_TRUE(at.ok());
  EXPECT_EQ(at->model, "@cf/llava");
  EXPECT_EQ(at->base_url, "https://user@host/v1");
  for (const char* spec : {"", "@http://host/v1", "llava@localhost:8080"}) {
    const auto wrong = parse_openai_spec(spec);
    ASSERT_FALSE(wrong.ok()) << spec;
    EXPECT_EQ(wrong.error().code, ErrorCode::kUsage);
  }
}

TEST(OpenAiCaptioner, OptionsOutOfRangeAreRefused) {
  const SpeechServer server(echo);
  const auto is_refused = [&](auto change) {
    OpenAiCaptionerOptions options = quick_options(server);
    change(options);
    const auto made = make_openai_captioner(options, {});
    return !made.ok() && made.error().code == ErrorCode::kUsage;
  };
  EXPECT_TRUE(is_refused([](auto& options) { options.concurrency = 0; }));
  EXPECT_TRUE(is_refused([](auto& options) { options.concurrency = 65; }));
  EXPECT_TRUE(is_refused([](auto& options) { options.model = ""; }));
  EXPECT_TRUE(is_refused([](auto& options) { options.jpeg_quality = 0; }));
  EXPECT_TRUE(is_refused([](auto& options) { options.requests_per_minute = -1; }));
  EXPECT_TRUE(is_refused([](auto& options) { options.longest_side_px = -1; }));
  EXPECT_TRUE(is_refused([](auto& options) { options.base_url = "ftp://x"; }));
  EXPECT_FALSE(is_refused([](auto&) {}));
}

}  // namespace
}  // namespace cinescribe::captions
