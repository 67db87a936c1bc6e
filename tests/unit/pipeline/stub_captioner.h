#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cinescribe/captions/captioner.h"

namespace cinescribe::pipeline {

/// Says how many pictures it was shown; takes three scenes at once and finishes them in reverse order.
class StubCaptioner final : public captions::Captioner {
 public:
  StubCaptioner() {
    facts_.name = "stub";
    facts_.family = "stub";
    facts_.type = "f32";
    facts_.checksum = "aabb";
  }

  [[nodiscard]] const captions::CaptionerFacts& facts() const override { return facts_; }

  Status run(const std::function<std::optional<captions::CaptionRequest>()>& next,
             const std::function<void(captions::CaptionOutcome)>& done, const std::stop_token& stop) override {
    ++runs;
    for (bool has_more = true; has_more;) {
      std::vector<captions::CaptionRequest> taken;
      while (taken.size() < 3) {
        auto request = next();
        has_more = request.has_value();
        if (!has_more) break;
        prompts[request->id] = request->prompt;
        taken.push_back(*std::move(request));
      }
      for (auto request = taken.rbegin(); request != taken.rend(); ++request) {
        if (stop.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped"};
        if (left_out == request->id) continue;
        ++described;
        done({request->id, describe(*request)});
        if (on_described) on_described();
      }
    }
    return stop.stop_requested() ? Status(Error{ErrorCode::kInterrupted, "stopped"}) : Status();
  }

  int runs = 0;
  int described = 0;
  std::map<std::int64_t, std::string> prompts;
  std::int64_t failing = -1;   ///< This scene fails.
  std::int64_t silent = -1;    ///< Of this scene it has nothing to say.
  std::int64_t left_out = -1;  ///< Of this scene nothing is heard.
  std::function<void()> on_described;

 private:
  Result<captions::Caption> describe(const captions::CaptionRequest& request) const {
    if (request.id == failing) return Error{ErrorCode::kInput, "the stub cannot see"};
    captions::Caption caption;
    caption.text = "scene " + std::to_string(request.id) + " shows " + std::to_string(request.frames.size());
    if (request.id == silent) caption.text.clear();
    caption.prompt_tokens = 7;
    caption.frames_used = static_cast<int>(request.frames.size());
    language::Sequence sequence;
    sequence.ids = {5, 6};
    sequence.logprobs = {-0.5F, -0.25F};
    caption.sequences = {sequence};
    caption.sequence_texts = {caption.text};
    return caption;
  }

  captions::CaptionerFacts facts_;
};

}  // namespace cinescribe::pipeline
