// What every captioner keeps: one outcome per request whatever the others do, the same text alone and among others, a
// stop that is obeyed. Models are imported from small stored checkpoints.
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/scratch_folder.h"
#include <gtest/gtest.h>

#include "cinescribe/captions/narrator.h"
#include "cinescribe/captions/vlm_captioner.h"
#include "cinescribe/models/checkpoint_import.h"

namespace cinescribe::captions {
namespace {

constexpr int kScenes = 8;

struct Kind {
  std::string name;
  std::string checkpoint;  ///< Below tests/data/parity; empty: the narrator.
};

Image pattern(int width, int height, int seed) {
  Image picture(width, height, 3);
  unsigned state = 1234U + 77U * static_cast<unsigned>(seed);
  for (std::uint8_t& value : picture.pixels) {
    state = state * 1664525U + 1013904223U;
    value = static_cast<std::uint8_t>(state >> 24U);
  }
  return picture;
}

CaptionRequest request(int id) {
  CaptionRequest request;
  request.id = id;
  request.frames.push_back(pattern(64, 36, id));
  request.prompt = "Describe the scene " + std::to_string(id) + ".";
  request.context.range = {Timestamp(), Timestamp::from_seconds(id + 1)};
  request.context.objects = {{"person", id + 1, 1.0, 0.5}};
  request.generation.max_new_tokens = 4 + id;
  return request;
}

/// What one run handed out.
struct Outcomes {
  Status status;
  std::map<std::int64_t, Result<Caption>> captions;
  int count = 0;
};

class CaptionerConformance : public testing::TestWithParam<Kind> {
 protected:
  std::unique_ptr<Captioner> make(int batch) {
    if (GetParam().checkpoint.empty()) return make_narrator();
    const std::filesystem::path model = folder_ / "model";
    if (!std::filesystem::exists(model)) {
      models::ImportOptions options;
      options.type = "f32";
      const auto report = models::import_checkpoint(
          std::filesystem::path(CINESCRIBE_TEST_DATA "/parity") / GetParam().checkpoint / "model", model, options);
      EXPECT_TRUE(report.ok()) << report.error().message;
    }
    VlmOptions options;
    options.threads = 2;
    options.batch = batch;
    options.is_low_detail = true;
    options.measured_from_bytes = 0;
    CaptionerFacts facts;
    facts.name = GetParam().name;
    auto captioner = load_vlm(model, facts, options);
    EXPECT_TRUE(captioner.ok()) << (captioner.ok() ? "" : captioner.error().message);
    return captioner.ok() ? *std::move(captioner) : nullptr;
  }

  static Outcomes run(Captioner& captioner, std::vector<CaptionRequest> requests, const std::stop_token& stop = {},
                      const std::function<void()>& on_done = {}) {
    Outcomes outcomes;
    std::size_t next = 0;
    outcomes.status = captioner.run(
        [&]() -> std::optional<CaptionRequest> {
          return next < requests.size() ? std::optional(std::move(requests[next++])) : std::nullopt;
        },
        [&](CaptionOutcome outcome) {
          ++outcomes.count;
          outcomes.captions.emplace(outcome.id, std::move(outcome.caption));
          if (on_done) on_done();
        },
        stop);
    return outcomes;
  }

  static std::vector<CaptionRequest> some_requests() {
    std::vector<CaptionRequest> requests;
    for (int i = 0; i < kScenes; ++i) requests.push_back(request(i));
    return requests;
  }

  test::ScratchFolder folder_;
};

TEST_P(CaptionerConformance, EveryRequestHasOneOutcomeUnderItsId) {
  const auto captioner = make(3);
  ASSERT_NE(captioner, nullptr);
  const Outcomes outcomes = run(*captioner, some_requests());
  ASSERT_TRUE(outcomes.status.ok()) << outcomes.status.error().message;
  EXPECT_EQ(outcomes.count, kScenes);
  for (int i = 0; i < kScenes; ++i) {
    const auto found = outcomes.captions.find(i);
    ASSERT_NE(found, outcomes.captions.end()) << i;
    ASSERT_TRUE(found->second.ok()) << found->second.error().message;
    ASSERT_EQ(found->second->sequence_texts.size(), 1U);
    EXPECT_EQ(found->second->text, found->second->sequence_texts.front());
    if (captioner->facts().needs_frames) {
      EXPECT_EQ(found->second->frames_used, 1);
      EXPECT_GT(found->second->prompt_tokens, found->second->image_tokens);
      ASSERT_EQ(found->second->sequences.size(), 1U);
      EXPECT_LE(found->second->sequences[0].ids.size(), static_cast<std::size_t>(4 + i));
      EXPECT_EQ(found->second->sequences[0].ids.size(), found->second->sequences[0].logprobs.size());
    }
  }
}

TEST_P(CaptionerConformance, ACaptionDoesNotDependOnItsNeighbours) {
  const auto alone = make(1);
  const auto together = make(kScenes);
  ASSERT_TRUE(alone != nullptr && together != nullptr);
  const Outcomes first = run(*alone, some_requests());
  const Outcomes second = run(*together, some_requests());
  for (int i = 0; i < kScenes; ++i) {
    ASSERT_TRUE(first.captions.at(i).ok() && second.captions.at(i).ok());
    EXPECT_EQ(first.captions.at(i)->text, second.captions.at(i)->text) << i;
    if (!alone->facts().needs_frames) continue;
    EXPECT_EQ(first.captions.at(i)->sequences.at(0).ids, second.captions.at(i)->sequences.at(0).ids) << i;
  }
}

TEST_P(CaptionerConformance, AnErrorCostsItsSceneAlone) {
  const auto captioner = make(2);
  ASSERT_NE(captioner, nullptr);
  if (!captioner->facts().needs_frames) GTEST_SKIP() << "nothing in a request can be wrong for it";
  std::vector<CaptionRequest> requests = some_requests();
  requests[0].frames.clear();
  requests[2].frames[0] = Image(64, 36, 1);
  const Outcomes outcomes = run(*captioner, std::move(requests));
  ASSERT_TRUE(outcomes.status.ok()) << outcomes.status.error().message;
  EXPECT_EQ(outcomes.count, kScenes);
  for (int i = 0; i < kScenes; ++i) EXPECT_EQ(outcomes.captions.at(i).ok(), i != 0 && i != 2) << i;
}

TEST_P(CaptionerConformance, AForecastTellsTokensMemoryAndTime) {
  const auto captioner = make(2);
  ASSERT_NE(captioner, nullptr);
  const auto many = captioner->forecast(request(3), 100, {});
  ASSERT_TRUE(many.ok()) << many.error().message;
  ASSERT_EQ(many->has_value(), captioner->facts().needs_frames);
  if (!many->has_value()) return;
  EXPECT_GT((*many)->image_tokens, 0);
  EXPECT_GT((*many)->prompt_tokens, (*many)->image_tokens);
  EXPECT_EQ((*many)->new_tokens, 7);
  EXPECT_GT((*many)->weight_bytes, 0U);
  EXPECT_GT((*many)->cache_bytes, 0U);
  EXPECT_GT((*many)->seconds_per_scene, 0.0);
  const auto few = captioner->forecast(request(3), 1, {});
  ASSERT_TRUE(few.ok() && few->has_value());
  EXPECT_EQ((*few)->seconds_per_scene, 0.0);
  EXPECT_LT((*few)->cache_bytes, (*many)->cache_bytes);
}

TEST_P(CaptionerConformance, WithoutRequestsNothingHappens) {
  const auto captioner = make(2);
  ASSERT_NE(captioner, nullptr);
  const Outcomes outcomes = run(*captioner, {});
  EXPECT_TRUE(outcomes.status.ok());
  EXPECT_EQ(outcomes.count, 0);
}

TEST_P(CaptionerConformance, AStopIsObeyedAndTheCaptionerGoesOnBeingOfUse) {
  const auto captioner = make(1);
  ASSERT_NE(captioner, nullptr);
  std::stop_source stop;
  const Outcomes stopped = run(*captioner, some_requests(), stop.get_token(), [&stop] { stop.request_stop(); });
  ASSERT_FALSE(stopped.status.ok());
  EXPECT_EQ(stopped.status.error().code, ErrorCode::kInterrupted);
  EXPECT_LT(stopped.count, kScenes);
  const Outcomes again = run(*captioner, some_requests());
  EXPECT_TRUE(again.status.ok());
  EXPECT_EQ(again.count, kScenes);
}

INSTANTIATE_TEST_SUITE_P(All, CaptionerConformance,
                         testing::Values(Kind{"narrator", ""}, Kind{"llava_next", "llava_next/vicuna_two_frames"},
                                         Kind{"phi3_v", "phi3_v/two_frames"},
                                         Kind{"instructblip", "instructblip/p4_early_eos_min_new_tokens"}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace cinescribe::captions
