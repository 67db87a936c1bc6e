#include "cinescribe/speech/remote_transcriber.h"

#include <chrono>
#include <mutex>
#include <thread>

#include "support/beeps.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cinescribe/core/log.h"

namespace cinescribe::speech {
namespace {

using test::SpeechReply;
using test::SpeechRequest;
using test::SpeechServer;
using testing::HasSubstr;
using testing::Not;

RemoteTranscriberOptions quick_options(const SpeechServer& server) {
  RemoteTranscriberOptions options;
  options.base_url = server.url("/v1/");
  options.api_key = "secret-key-123";
  options.longest_chunk = Duration::from_seconds(4.0);
  options.retry.first_wait = std::chrono::milliseconds(5);
  options.retry.longest_wait = std::chrono::milliseconds(20);
  options.retry.max_attempts = 4;
  return options;
}

struct Heard {
  std::vector<Segment> segments;
  Status push_or_finish;
  Language language;
  Timestamp done_until;
};

/// Transcribes `samples`, pushed in pieces of a prime number of samples.
Heard transcribe(const RemoteTranscriberOptions& options, const std::vector<float>& samples,
                 const TranscriptionOptions& transcription = {}, std::stop_token stop = {}) {
  Heard heard;
  auto transcriber = make_remote_transcriber(
      options, transcription,
      [&](Segment&& segment) {
        heard.segments.push_back(std::move(segment));
        return Status();
      },
      std::move(stop));
  if (!transcriber.ok()) {
    heard.push_or_finish = transcriber.error();
    return heard;
  }
  std::span<const float> rest(samples);
  while (!rest.empty() && heard.push_or_finish.ok()) {
    const auto piece = rest.first(std::min<std::size_t>(rest.size(), 7919));
    heard.push_or_finish = (*transcriber)->push(piece);
    rest = rest.subspan(piece.size());
  }
  if (heard.push_or_finish.ok()) heard.push_or_finish = (*transcriber)->finish();
  heard.language = (*transcriber)->language();
  heard.done_until = (*transcriber)->done_until();
  return heard;
}

void expect_beeps(const Heard& heard, int count) {
  ASSERT_TRUE(heard.push_or_finish.ok()) << heard.push_or_finish.error().message;
  ASSERT_EQ(heard.segments.size(), static_cast<std::size_t>(count));
  for (int n = 0; n < count; ++n) {
    const Segment& segment = heard.segments[static_cast<std::size_t>(n)];
    const std::string word = "beep" + std::to_string(n % 8);
    EXPECT_EQ(segment.text, word + ".");
    EXPECT_NEAR(segment.range.start.seconds(), n * 0.5 + 0.1, 0.001);
    EXPECT_NEAR(segment.range.end.seconds(), n * 0.5 + 0.3, 0.001);
    EXPECT_EQ(segment.avg_logprob, -0.25);
    ASSERT_EQ(segment.words.size(), 1U);
    EXPECT_EQ(segment.words[0].text, " " + word + ".");
    EXPECT_EQ(segment.words[0].range, segment.range);
  }
}

TEST(RemoteTranscriber, TimesOfAllChunksComeBackIntoTheRecording) {
  const SpeechServer server(test::answer_beeps);
  const Heard heard = transcribe(quick_options(server), test::beeps(41));
  expect_beeps(heard, 41);
  EXPECT_EQ(heard.language.code, "en");
  EXPECT_NEAR(heard.done_until.seconds(), 20.5, 0.001);
  EXPECT_GE(server.request_count(), 5);
}

TEST(RemoteTranscriber, SlowAnswersStillComeInOrderAndNeverMoreAtOnceThanAllowed) {
  const SpeechServer server([](const SpeechRequest& request) {
    SpeechReply reply = test::answer_beeps(request);
    reply.delay = std::chrono::milliseconds(request.number % 3 == 0 ? 120 : 10);
    return reply;
  });
  RemoteTranscriberOptions options = quick_options(server);
  options.concurrency = 3;
  expect_beeps(transcribe(options, test::beeps(60)), 60);
  EXPECT_LE(server.most_at_once(), 3);
  EXPECT_GE(server.most_at_once(), 2);
}

TEST(RemoteTranscriber, TheRequestSaysWhatIsWanted) {
  std::mutex mutex;
  std::vector<SpeechRequest> seen;
  const SpeechServer server([&](const SpeechRequest& request) {
    const std::lock_guard lock(mutex);
    seen.push_back(request);
    return test::answer_beeps(request);
  });
  TranscriptionOptions transcription;
  transcription.language = "German";
  transcription.initial_prompt = "Ångström";
  expect_beeps(transcribe(quick_options(server), test::beeps(3), transcription), 3);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_THAT(seen[0].head, HasSubstr("POST /v1/audio/transcriptions HTTP/1.1\r\n"));
  EXPECT_THAT(seen[0].head, HasSubstr("Authorization: Bearer secret-key-123\r\n"));
  EXPECT_EQ(seen[0].part("model"), "whisper-1");
  EXPECT_EQ(seen[0].part("response_format"), "verbose_json");
  EXPECT_EQ(seen[0].part("language"), "de");
  EXPECT_EQ(seen[0].part("prompt"), "Ångström");
  EXPECT_THAT(seen[0].body, HasSubstr("name=\"timestamp_granularities[]\"\r\n\r\nword\r\n"));
  EXPECT_THAT(seen[0].body, HasSubstr("name=\"timestamp_granularities[]\"\r\n\r\nsegment\r\n"));
  const std::string wav = seen[0].part("file");
  EXPECT_EQ(wav.size(), 44U + 2U * 24000U);
  EXPECT_EQ(wav.substr(0, 4) + wav.substr(8, 8), "RIFFWAVEfmt ");
}

TEST(RemoteTranscriber, TranslationGoesToItsOwnAddress) {
  std::string head;
  const SpeechServer server([&](const SpeechRequest& request) {
    head = request.head;
    return test::answer_beeps(request);
  });
  TranscriptionOptions transcription;
  transcription.translate = true;
  expect_beeps(transcribe(quick_options(server), test::beeps(2), transcription), 2);
  EXPECT_THAT(head, HasSubstr("POST /v1/audio/translations "));
}

TEST(RemoteTranscriber, NoUploadIsLargerThanTheLimit) {
  std::atomic<std::size_t> largest{0};
  const SpeechServer server([&](const SpeechRequest& request) {
    const std::size_t size = request.part("file").size();
    for (std::size_t seen = largest; seen < size && !largest.compare_exchange_weak(seen, size);) {
    }
    return test::answer_beeps(request);
  });
  RemoteTranscriberOptions options = quick_options(server);
  options.longest_chunk = Duration::from_seconds(600.0);
  options.largest_upload_bytes = 100'000;
  expect_beeps(transcribe(options, test::beeps(30)), 30);
  EXPECT_LE(largest, 100'000U);
  EXPECT_GT(largest, 50'000U);
}

TEST(RemoteTranscriber, SilenceIsNotSent) {
  const SpeechServer server(test::answer_beeps);
  std::vector<float> samples(16000 * 30, 0.0002F);
  const Heard heard = transcribe(quick_options(server), samples);
  EXPECT_TRUE(heard.push_or_finish.ok());
  EXPECT_TRUE(heard.segments.empty());
  EXPECT_EQ(server.request_count(), 0);
  EXPECT_NEAR(heard.done_until.seconds(), 30.0, 0.001);
  EXPECT_TRUE(transcribe(quick_options(server), {}).push_or_finish.ok()) << "an empty recording";
}

TEST(RemoteTranscriber, ErrorsOfThePassingKindAreTriedAgain) {
  const SpeechServer server([](const SpeechRequest& request) -> SpeechReply {
    switch (request.number % 6) {
      case 0:
        return {.status = 500, .body = "oops"};
      case 1:
        return {.status = 429, .headers = "Retry-After: 0\r\n", .body = "slow down"};
      case 2:
        return {.close_at_once = true};
      default:
        return test::answer_beeps(request);
    }
  });
  RemoteTranscriberOptions options = quick_options(server);
  options.concurrency = 1;
  expect_beeps(transcribe(options, test::beeps(30)), 30);
}

TEST(RemoteTranscriber, RetryAfterIsObeyed) {
  const SpeechServer server([](const SpeechRequest& request) -> SpeechReply {
    if (request.number == 0) return {.status = 429, .headers = "Retry-After: 1\r\n"};
    return test::answer_beeps(request);
  });
  const auto begin = std::chrono::steady_clock::now();
  expect_beeps(transcribe(quick_options(server), test::beeps(2)), 2);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(1000));
}

TEST(RemoteTranscriber, AServerThatStaysBusyIsGivenUpWithItsWords) {
  const SpeechServer server([](const SpeechRequest&) -> SpeechReply {
    return {.status = 429, .body = R"({"error": {"message": "quota\nexceeded", "type": "x"}})"};
  });
  const Heard heard = transcribe(quick_options(server), test::beeps(2));
  ASSERT_FALSE(heard.push_or_finish.ok());
  EXPECT_EQ(heard.push_or_finish.error().code, ErrorCode::kResource);
  EXPECT_THAT(heard.push_or_finish.error().message, HasSubstr("429 (quota exceeded)"));
  EXPECT_EQ(server.request_count(), 4);
}

TEST(RemoteTranscriber, ARefusalIsNotTriedAgainAndNeverShowsTheKey) {
  for (const int status : {400, 401, 403, 404, 413}) {
    const SpeechServer server(
        [&](const SpeechRequest&) -> SpeechReply { return {.status = status, .body = "{\"detail\": \"no\"}"}; });
    const Heard heard = transcribe(quick_options(server), test::beeps(2));
    ASSERT_FALSE(heard.push_or_finish.ok());
    EXPECT_EQ(heard.push_or_finish.error().code, ErrorCode::kModel);
    EXPECT_THAT(heard.push_or_finish.error().message, HasSubstr(std::to_string(status) + " (no)"));
    EXPECT_THAT(heard.push_or_finish.error().message, Not(HasSubstr("secret")));
    EXPECT_EQ(server.request_count(), 1);
  }
}

TEST(RemoteTranscriber, MalformedAnswersAreNamed) {
  const std::string good = test::transcript_of_beeps(std::string(44, '\0'));
  for (const std::string& body :
       {std::string(), std::string("<html>busy</html>"), std::string("[]"), std::string("{\"text\": \"words\"}"),
        std::string("{\"segments\": [{\"text\": \"a\"}]}"), std::string("{\"segments\": [1]}"),
        std::string("{\"segments\": [{\"text\": \"a\", \"start\": \"0\", \"end\": 1}]}"),
        good.substr(0, good.size() / 2)}) {
    const SpeechServer server([&](const SpeechRequest&) -> SpeechReply { return {.body = body}; });
    const Heard heard = transcribe(quick_options(server), test::beeps(2));
    ASSERT_FALSE(heard.push_or_finish.ok()) << body;
    EXPECT_EQ(heard.push_or_finish.error().code, ErrorCode::kResource);
    EXPECT_THAT(heard.push_or_finish.error().message, HasSubstr("answer cannot be used")) << body;
  }
}

TEST(RemoteTranscriber, AnAnswerThatBreaksOffIsTriedAgainAndThenAnError) {
  const SpeechServer server([](const SpeechRequest& request) {
    SpeechReply reply = test::answer_beeps(request);
    reply.cut_after = reply.body.size() / 2;
    return reply;
  });
  const Heard heard = transcribe(quick_options(server), test::beeps(2));
  ASSERT_FALSE(heard.push_or_finish.ok());
  EXPECT_EQ(heard.push_or_finish.error().code, ErrorCode::kResource);
  EXPECT_EQ(server.request_count(), 4);
}

TEST(RemoteTranscriber, WhatCameBeforeAFailureIsDelivered) {
  const SpeechServer server([](const SpeechRequest& request) -> SpeechReply {
    if (request.number == 2) return {.status = 400};
    return test::answer_beeps(request);
  });
  RemoteTranscriberOptions options = quick_options(server);
  options.concurrency = 1;
  const Heard heard = transcribe(options, test::beeps(40));
  EXPECT_FALSE(heard.push_or_finish.ok());
  EXPECT_GE(heard.segments.size(), 8U);
  EXPECT_LE(heard.segments.size(), 16U);
  EXPECT_EQ(server.request_count(), 3);
}

TEST(RemoteTranscriber, AServerThatNeverAnswersRunsIntoTheTimeout) {
  const SpeechServer server([](const SpeechRequest&) -> SpeechReply { return {.delay = std::chrono::minutes(5)}; });
  RemoteTranscriberOptions options = quick_options(server);
  options.timeouts.total = std::chrono::milliseconds(150);
  options.retry.max_attempts = 2;
  const Heard heard = transcribe(options, test::beeps(2));
  ASSERT_FALSE(heard.push_or_finish.ok());
  EXPECT_EQ(heard.push_or_finish.error().code, ErrorCode::kResource);
  EXPECT_EQ(server.request_count(), 2);
}

TEST(RemoteTranscriber, NobodyListeningIsAnErrorThatNamesTheAddress) {
  std::string url;
  {
    const SpeechServer server(test::answer_beeps);
    url = server.url("/v1");
  }
  RemoteTranscriberOptions options;
  options.base_url = url;
  options.retry.max_attempts = 1;
  const Heard heard = transcribe(options, test::beeps(2));
  ASSERT_FALSE(heard.push_or_finish.ok());
  EXPECT_EQ(heard.push_or_finish.error().code, ErrorCode::kResource);
  EXPECT_THAT(heard.push_or_finish.error().message, HasSubstr(url));
}

TEST(RemoteTranscriber, AStopEndsEveryWait) {
  const SpeechServer server([](const SpeechRequest&) -> SpeechReply { return {.delay = std::chrono::minutes(5)}; });
  std::stop_source stop;
  std::jthread later([&] {
    while (server.request_count() < 2) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    stop.request_stop();
  });
  const Heard heard = transcribe(quick_options(server), test::beeps(100), {}, stop.get_token());
  ASSERT_FALSE(heard.push_or_finish.ok());
  EXPECT_EQ(heard.push_or_finish.error().code, ErrorCode::kInterrupted);
}

TEST(RemoteTranscriber, TheSinksErrorEndsTheTranscription) {
  const SpeechServer server(test::answer_beeps);
  int calls = 0;
  auto transcriber = make_remote_transcriber(quick_options(server), {},
                                             [&](Segment&&) -> Status {
                                               ++calls;
                                               return Error{ErrorCode::kResource, "disk full"};
                                             },
                                             {});
  ASSERT_TRUE(transcriber.ok());
  Status status = (*transcriber)->push(test::beeps(40));
  if (status.ok()) status = (*transcriber)->finish();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "disk full");
  EXPECT_EQ(calls, 1);
}

TEST(RemoteTranscriber, ItCanBeDroppedInTheMiddle) {
  const SpeechServer server([](const SpeechRequest&) -> SpeechReply { return {.delay = std::chrono::minutes(5)}; });
  auto transcriber = make_remote_transcriber(quick_options(server), {}, [](Segment&&) { return Status(); }, {});
  ASSERT_TRUE(transcriber.ok());
  EXPECT_TRUE((*transcriber)->push(test::beeps(10)).ok());
}

TEST(RemoteTranscriber, WrongOptionsAreRefused) {
  const SpeechServer server(test::answer_beeps);
  const auto code_of = [](const RemoteTranscriberOptions& options, const TranscriptionOptions& transcription = {}) {
    const auto made = make_remote_transcriber(options, transcription, [](Segment&&) { return Status(); }, {});
    return made.ok() ? std::string("accepted") : std::string(error_code_name(made.error().code));
  };
  EXPECT_EQ(code_of(quick_options(server)), "accepted");
  RemoteTranscriberOptions options = quick_options(server);
  options.concurrency = 0;
  EXPECT_EQ(code_of(options), "usage");
  options = quick_options(server);
  options.base_url = "ftp://example.org";
  EXPECT_EQ(code_of(options), "usage");
  options = quick_options(server);
  options.api_key = "line\r\nbreak";
  EXPECT_EQ(code_of(options), "usage");
  TranscriptionOptions transcription;
  transcription.language = "klingon";
  EXPECT_EQ(code_of(quick_options(server), transcription), "usage");
}

}  // namespace
}  // namespace cinescribe::speech
