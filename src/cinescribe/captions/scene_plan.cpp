#include "cinescribe/captions/scene_plan.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "cinescribe/captions/frame_thinning.h"
#include "cinescribe/image/panorama.h"
#include "cinescribe/text/prompt_template.h"

namespace cinescribe::captions {

namespace {

constexpr std::int64_t kDefaultNewTokens = 20;  // transformers' own

/// `kept` of `frames`, evenly, the first among them.
std::vector<Image> thinned(const std::vector<Image>& frames, std::size_t kept) {
  std::vector<Image> left;
  for (std::size_t i = 0; i < kept; ++i) left.push_back(frames[kept_frame(i, frames.size(), kept)]);
  return left;
}

class Planner {
 public:
  Planner(const tensor::ModelCard& card, const text::Tokenizer& tokenizer, const VisionEncoder& vision,
          const VlmOptions& options, const CaptionRequest& request)
      : card_(card), tokenizer_(tokenizer), vision_(vision), options_(options), request_(request) {}

  Result<ScenePlan> plan(std::vector<Image> frames) const {
    ScenePlan plan;
    plan.frames_used = static_cast<int>(frames.size());
    if (options_.is_frame_by_frame && !request_.is_raw_prompt) {
      for (Image& frame : frames) {
        std::vector<Image> one;
        one.push_back(std::move(frame));
        CINESCRIBE_TRY(add_part(std::move(one), plan));
      }
    } else {
      CINESCRIBE_TRY(add_part(std::move(frames), plan));
    }
    plan.new_tokens = most_new_tokens(request_.generation, plan.prompt_tokens);
    plan.is_over_context = card_.language.context > 0 && plan.prompt_tokens + plan.new_tokens > card_.language.context;
    return plan;
  }

 private:
  Status add_part(std::vector<Image> pictures, ScenePlan& plan) const {
    if (card_.family == "instructblip" && pictures.size() > 1) {
      if (options_.is_panorama_reversed) std::reverse(pictures.begin(), pictures.end());
      CINESCRIBE_ASSIGN(Image wide, image::horizontal_panorama(pictures));
      pictures.clear();
      pictures.push_back(std::move(wide));
    }
    ScenePart part;
    part.task.instruction = request_.prompt;
    const int count = static_cast<int>(pictures.size());
    std::string prompt = request_.prompt;
    if (!request_.is_raw_prompt) {
      CINESCRIBE_ASSIGN(prompt, text::render_prompt(card_.prompt_template, request_.prompt, count));
    }
    CINESCRIBE_ASSIGN(part.prompt, plan_prompt(card_, tokenizer_, prompt, count));
    for (const Image& picture : pictures) {
      CINESCRIBE_ASSIGN(const int tokens, vision_.image_tokens(picture.width, picture.height));
      part.image_tokens.push_back(tokens);
    }
    plan.prompt_tokens = std::max(plan.prompt_tokens, prompt_length(part.prompt, part.image_tokens));
    part.task.images = std::move(pictures);
    CINESCRIBE_TRY(vision_.check(part.task));
    plan.parts.push_back(std::move(part));
    return {};
  }

  const tensor::ModelCard& card_;
  const text::Tokenizer& tokenizer_;
  const VisionEncoder& vision_;
  const VlmOptions& options_;
  const CaptionRequest& request_;
};

Error too_long(const ScenePlan& plan, const tensor::ModelCard& card) {
  return {ErrorCode::kInput, "prompt (" + std::to_string(plan.prompt_tokens) + " tokens) and answer (up to " +
                                 std::to_string(plan.new_tokens) + ") go beyond the " +
                                 std::to_string(card.language.context) +
                                 " tokens that the model was trained with; use fewer frames, --detail low, or "
                                 "--on-overflow warn"};
}

}  // namespace

std::int64_t most_new_tokens(const language::GenerationOptions& options, std::int64_t prompt_tokens) {
  if (options.max_new_tokens) return *options.max_new_tokens;
  if (options.max_length) return std::max<std::int64_t>(0, *options.max_length - prompt_tokens);
  return kDefaultNewTokens;
}

Result<ScenePlan> plan_scene(const tensor::ModelCard& card, const text::Tokenizer& tokenizer,
                             const VisionEncoder& vision, const VlmOptions& options, CaptionRequest&& request) {
  for (const Image& frame : request.frames) {
    if (frame.empty() || frame.channels != 3) return Error{ErrorCode::kUsage, "a picture is empty or not RGB"};
  }
  if (request.generation.eos_ids.empty()) {
    request.generation.eos_ids.assign(card.tokens.eos.begin(), card.tokens.eos.end());
    request.generation.pad_id = card.tokens.pad;
  }
  const std::vector<Image> frames = std::move(request.frames);
  const Planner planner(card, tokenizer, vision, options, request);
  CINESCRIBE_ASSIGN(ScenePlan plan, planner.plan(frames));
  const bool may_thin = options.on_overflow == OverflowRule::kFewerFrames && !request.is_raw_prompt;
  for (std::size_t kept = frames.size(); plan.is_over_context && may_thin && kept > 1;) {
    CINESCRIBE_ASSIGN(plan, planner.plan(thinned(frames, --kept)));
  }
  if (plan.is_over_context && options.on_overflow == OverflowRule::kRefuse) return too_long(plan, card);
  plan.generation = std::move(request.generation);
  return plan;
}

}  // namespace cinescribe::captions
