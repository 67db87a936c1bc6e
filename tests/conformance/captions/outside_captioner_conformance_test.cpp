// What every captioner does (captioner_conformance_test.cpp has our own models), here of servers and pairs of GGUF
// files.
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include "support/gguf_pairs.h"
#include "support/speech_server.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/captions/captioner.h"
#include "cinescribe/captions/gguf_captioner.h"
#include "cinescribe/captions/openai_captioner.h"

namespace cinescribe::captions {
namespace {

/// A captioner, and what must live as long.
struct Candidate {
  std::unique_ptr<test::SpeechServer> server;
  std::unique_ptr<Captioner> captioner;
};

Candidate server_candidate() {
  Candidate candidate;
  candidate.server = std::make_unique<test::SpeechServer>([](const test::SpeechRequest& request) {
    const auto content = nlohmann::json::parse(request.body)["messages"][0]["content"];
    const std::string prompt = content.back()["text"].get<std::string>();
    const std::string text = prompt.starts_with("Which number") ? "7294" : "A scene: " + prompt;
    test::SpeechReply reply;
    reply.body = nlohmann::json{{"choices", {{{"finish_reason", "stop"}, {"message", {{"content", text}}}}}}}.dump();
    return reply;
  });
  OpenAiCaptionerOptions options;
  options.model = "stub";
  options.base_url = candidate.server->url("/v1");
  options.concurrency = 3;
  auto made = make_openai_captioner(options, {});
  EXPECT_TRUE(made.ok()) << made.error().message;
  if (made.ok()) candidate.captioner = std::move(*made);
  return candidate;
}

Candidate pair_candidate(const std::string& name) {
  Candidate candidate;
  GgufCaptionerOptions options;
  options.threads = 1;
  options.scenes_at_once = 3;
  auto made = make_gguf_captioner(*find_gguf_pair(test::gguf_pairs_folder() / name), options);
  EXPECT_TRUE(made.ok()) << made.error().message;
  if (made.ok()) candidate.captioner = std::move(*made);
  return candidate;
}

struct Kind {
  std::string name;
  Candidate (*make)();
};

CaptionRequest scene(std::int64_t id) {
  CaptionRequest request;
  request.id = id;
  request.frames = {Image(64, 48, 3), Image(64, 48, 3)};
  for (std::size_t i = 0; i < request.frames[0].pixels.size(); ++i) {
    request.frames[0].pixels[i] = static_cast<std::uint8_t>(i * 7 + static_cast<std::size_t>(id) * 31);
  }
  request.frame_times = {Timestamp::from_seconds(1.0), Timestamp::from_seconds(2.0)};
  request.prompt = "Describe scene " + std::to_string(id) + ".";
  request.generation.max_new_tokens = 6;
  return request;
}

class OutsideCaptionerConformance : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    candidate_ = GetParam().make();
    ASSERT_NE(candidate_.captioner, nullptr);
  }

  using Captions = std::map<std::int64_t, Result<Caption>>;

  Status describe(std::vector<CaptionRequest> requests, Captions& captions, const std::stop_token& stop = {}) {
    std::size_t at = 0;
    const auto here = std::this_thread::get_id();
    return candidate_.captioner->run(
        [&]() -> std::optional<CaptionRequest> {
          EXPECT_EQ(std::this_thread::get_id(), here);
          if (at == requests.size()) return std::nullopt;
          return std::move(requests[at++]);
        },
        [&](CaptionOutcome outcome) {
          EXPECT_EQ(std::this_thread::get_id(), here);
          EXPECT_TRUE(captions.emplace(outcome.id, std::move(outcome.caption)).second) << "twice: " << outcome.id;
        },
        stop);
  }

  static std::vector<CaptionRequest> scenes(int count) {
    std::vector<CaptionRequest> requests;
    for (int i = 0; i < count; ++i) requests.push_back(scene(100 + i));
    return requests;
  }

  Candidate candidate_;
};

TEST_P(OutsideCaptionerConformance, EveryRequestHasOneOutcomeOfItsId) {
  Captions captions;
  const Status status = describe(scenes(8), captions);
  ASSERT_TRUE(status.ok()) << status.error().message;
  ASSERT_EQ(captions.size(), 8U);
  for (const auto& [id, caption] : captions) {
    EXPECT_TRUE(id >= 100 && id < 108);
    ASSERT_TRUE(caption.ok()) << caption.error().message;
    ASSERT_FALSE(caption->sequences.empty());
    ASSERT_EQ(caption->sequences.size(), caption->sequence_texts.size());
    EXPECT_EQ(caption->text, caption->sequence_texts.front());
    EXPECT_EQ(caption->text.empty(), caption->suspect == "empty");
    EXPECT_GE(caption->prompt_tokens, caption->image_tokens);
  }
}

TEST_P(OutsideCaptionerConformance, FactsAreThereBeforeARun) {
  const CaptionerFacts& facts = candidate_.captioner->facts();
  EXPECT_FALSE(facts.name.empty());
  EXPECT_FALSE(facts.family.empty());
}

TEST_P(OutsideCaptionerConformance, NothingToDoIsNoError) {
  Captions captions;
  EXPECT_TRUE(describe({}, captions).ok());
  EXPECT_TRUE(captions.empty());
}

TEST_P(OutsideCaptionerConformance, ARunCanBeRepeatedAndSaysTheSame) {
  Captions first;
  Captions second;
  ASSERT_TRUE(describe(scenes(4), first).ok());
  std::vector<CaptionRequest> backwards = scenes(4);
  std::reverse(backwards.begin(), backwards.end());
  ASSERT_TRUE(describe(std::move(backwards), second).ok());
  for (const auto& [id, caption] : first) EXPECT_EQ(caption->text, second.at(id)->text) << id;
}

TEST_P(OutsideCaptionerConformance, AnUnusableSceneCostsOnlyItself) {
  std::vector<CaptionRequest> requests = scenes(4);
  requests[0].frames[1].pixels.pop_back();
  requests[1].frame_times.pop_back();
  requests[2].prompt.clear();
  Captions captions;
  ASSERT_TRUE(describe(std::move(requests), captions).ok());
  ASSERT_EQ(captions.size(), 4U);
  for (const std::int64_t id : {100, 101, 102}) EXPECT_EQ(captions.at(id).error().code, ErrorCode::kUsage) << id;
  EXPECT_TRUE(captions.at(103).ok());
}

TEST_P(OutsideCaptionerConformance, AStopEndsTheRun) {
  std::stop_source stop;
  stop.request_stop();
  Captions captions;
  const Status status = describe(scenes(50), captions, stop.get_token());
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInterrupted);
  EXPECT_LT(captions.size(), 50U);
}

INSTANTIATE_TEST_SUITE_P(Captioners, OutsideCaptionerConformance,
                         testing::Values(Kind{"server", server_candidate},
                                         Kind{"pair_causal", [] { return pair_candidate("smolvlm"); }},
                                         Kind{"pair_mrope", [] { return pair_candidate("qwen3vl"); }},
                                         Kind{"pair_whole_pictures", [] { return pair_candidate("gemma3"); }}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace cinescribe::captions
