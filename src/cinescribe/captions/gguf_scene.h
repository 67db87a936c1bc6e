#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "cinescribe/captions/captioner.h"
#include "cinescribe/captions/gguf_context.h"
#include "cinescribe/captions/gguf_model.h"
#include "cinescribe/captions/gguf_prompt.h"
#include "cinescribe/captions/vlm_options.h"
#include "cinescribe/core/status.h"
#include "cinescribe/language/search.h"

/// A scene on its way; private to this room.
namespace cinescribe::captions {

/// A scene whose prompt is known, but not read yet.
struct PreparedScene {
  std::int64_t id = 0;
  language::GenerationOptions generation;  ///< With end ids.
  GgufPrompt prompt;
  PictureRows rows;
  int frames = 0;
  int sequences = 1;             ///< Decoded at once.
  std::int64_t cells = 0;        ///< Of keys and values that it takes in the end.
  std::int64_t most_tokens = 0;  ///< Of the longest sequence in the end.
  bool is_over_context = false;
  CaptionTimings timings;
};

/// Tokens, sizes and limits of a request; frames are left out as `on_overflow` says. Errors: kUsage (options), kInput
/// (frames, a prompt beyond the trained context with the rule to refuse), kModel.
Result<PreparedScene> prepare_scene(const GgufModel& model, OverflowRule on_overflow, CaptionRequest request);

/// A scene that decodes: its search, and the sequences of the context it has borrowed.
class RunningScene {
 public:
  /// `sequences`: as many free ids as the scene decodes at once, twice as many when they are several.
  static Result<std::unique_ptr<RunningScene>> create(const GgufModel& model, PreparedScene scene,
                                                      std::vector<int> sequences);

  /// Reads the prompt and chooses the first tokens.
  Status read(GgufContext& context, const std::stop_token& stop);

  [[nodiscard]] bool is_finished() const { return search_->next_rows().empty(); }
  /// Moves sequences to where the search goes on, and adds its rows to the next step.
  void add_rows(GgufContext& context, std::vector<GgufRow>& rows);
  /// Takes the logits of the rows that it added. `seconds`: its share of the step.
  Status take(std::span<const float> logits, double seconds);

  [[nodiscard]] std::int64_t id() const { return scene_.id; }
  [[nodiscard]] std::int64_t cells() const { return scene_.cells; }
  [[nodiscard]] const std::vector<int>& sequences() const { return all_; }
  /// Precondition: finished.
  [[nodiscard]] Caption caption() const;

 private:
  RunningScene(const GgufModel& model, PreparedScene scene, std::vector<int> sequences)
      : model_(model), scene_(std::move(scene)), all_(std::move(sequences)) {}

  const GgufModel& model_;
  PreparedScene scene_;
  std::vector<int> all_;
  std::vector<int> rows_;   ///< Sequence of each row of the step before.
  std::vector<int> spare_;  ///< Empty sequences, where reordered rows go.
  std::unique_ptr<language::Search> search_;
  int position_ = 0;
};

}  // namespace cinescribe::captions
