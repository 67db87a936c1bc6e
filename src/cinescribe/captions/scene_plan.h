#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cinescribe/captions/captioner.h"
#include "cinescribe/captions/vision_encoder.h"
#include "cinescribe/captions/vlm_options.h"
#include "cinescribe/captions/vlm_prompt.h"
#include "cinescribe/core/status.h"

namespace cinescribe::captions {

/// One generation that a scene needs: its pictures, and its prompt without their rows.
struct ScenePart {
  VisionTask task;
  PromptPlan prompt;
  std::vector<int> image_tokens;  ///< Of each picture of the task.
};

/// How a scene will be described: one part, or one per frame.
struct ScenePlan {
  std::vector<ScenePart> parts;
  language::GenerationOptions generation;
  int frames_used = 0;
  std::int64_t prompt_tokens = 0;  ///< Of the longest part.
  std::int64_t new_tokens = 0;     ///< At most, of one part.
  bool is_over_context = false;
};

/// The longest answer that these options allow after a prompt of this length.
std::int64_t most_new_tokens(const language::GenerationOptions& options, std::int64_t prompt_tokens);

/// Works out the prompts before any picture is encoded. Moves the frames out of `request`.
/// Errors: see load_vlm, about one scene.
Result<ScenePlan> plan_scene(const tensor::ModelCard& card, const text::Tokenizer& tokenizer,
                             const VisionEncoder& vision, const VlmOptions& options, CaptionRequest&& request);

}  // namespace cinescribe::captions
