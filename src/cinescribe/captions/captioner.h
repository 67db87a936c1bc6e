#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/captions/scene_context.h"
#include "cinescribe/core/image.h"
#include "cinescribe/core/status.h"
#include "cinescribe/core/time.h"
#include "cinescribe/language/generation.h"

namespace cinescribe::captions {

/// One scene to be described.
struct CaptionRequest {
  std::int64_t id = 0;
  std::vector<Image> frames;           ///< RGB, upright, in time order.
  std::vector<Timestamp> frame_times;  ///< As many as frames, or none.
  std::string prompt;                  ///< The instruction; image placeholders and roles are added by the captioner.
  bool is_raw_prompt = false;          ///< `prompt` is exactly what the tokenizer gets.
  SceneContext context;                ///< For captioners without eyes; models read what is in `prompt`.
  language::GenerationOptions generation;
};

struct CaptionTimings {
  double preprocess_seconds = 0.0;
  double encode_seconds = 0.0;
  double prefill_seconds = 0.0;
  double decode_seconds = 0.0;
};

/// A description and what it was made of.
struct Caption {
  std::string text;
  std::vector<language::Sequence> sequences;  ///< Best first; `text` is that of the first.
  std::vector<std::string> sequence_texts;
  int prompt_tokens = 0;  ///< Image tokens included.
  int image_tokens = 0;
  int new_tokens = 0;            ///< All sequences together; a server's own count where the ids are not known.
  bool is_over_context = false;  ///< Prompt and new tokens go beyond the trained context.
  int frames_used = 0;           ///< Fewer than given when the overflow rule left some out (frame_thinning.h: which).
  std::string suspect;  ///< Why the text is not to be trusted ("empty", "repeats 'a man' 12 times"); empty = fine.
  CaptionTimings timings;
};

struct CaptionOutcome {
  std::int64_t id = 0;
  Result<Caption> caption;
  int attempts = 1;  ///< More when the captioner's process was lost with the scene in it.
  /// How the process ended that had the scene in its last attempt: "crashed", "killed", "exited", "hung", "broken";
  /// empty when the captioner answered.
  std::string lost_to = {};
};

/// Facts of a captioner for records and progress.
struct CaptionerFacts {
  std::string name;
  std::string family;  ///< "llava_next", "phi3_v", "instructblip", "narrator", ...
  std::string type;
  std::string checksum;  ///< Of the model; empty when there is none.
  bool is_synthetic = false;
  bool needs_frames = true;  ///< False: it looks at `context` alone.
};

/// What a run will take, as far as it can be told before it.
struct CaptionerForecast {
  int prompt_tokens = 0;  ///< Of one scene, image tokens included.
  int image_tokens = 0;
  int new_tokens = 0;  ///< At most.
  std::uint64_t weight_bytes = 0;
  std::uint64_t cache_bytes = 0;   ///< Keys and values of all scenes that are decoded at once.
  std::uint64_t free_bytes = 0;    ///< Now, beside the weights that are loaded.
  double seconds_per_scene = 0.0;  ///< From a short measurement on this machine; 0 = not measured.
};

/// What a captioner's runs have read so far, all together.
struct CaptionerWork {
  std::int64_t prompt_tokens = 0;         ///< Of all prompts, image tokens included.
  std::int64_t shared_prefix_tokens = 0;  ///< Of these, taken over from another scene instead of computed.
};

/// Describes scenes. It pulls many at once, because the machine is only busy when several decode together.
/// One thread at a time.
class Captioner {
 public:
  virtual ~Captioner() = default;
  Captioner() = default;
  Captioner(const Captioner&) = delete;
  Captioner& operator=(const Captioner&) = delete;

  [[nodiscard]] virtual const CaptionerFacts& facts() const = 0;

  /// Nothing for captioners that do not count.
  [[nodiscard]] virtual CaptionerWork work_so_far() const { return {}; }

  /// What scenes like `typical` will take (of its frames only the size counts); measures for a few seconds when there
  /// are many. Nothing for captioners that cannot tell. Errors: as of one scene; kResource when it cannot fit.
  virtual Result<std::optional<CaptionerForecast>> forecast(const CaptionRequest& /*typical*/, std::int64_t /*scenes*/,
                                                            const std::stop_token& /*stop*/) {
    return std::optional<CaptionerForecast>();
  }

  /// Pulls requests from `next` until it returns nothing and hands every outcome to `done` when it is there (not in
  /// order). Both are called on this thread. Errors end the run: kInterrupted, kResource, kInternal, kModel (a server
  /// that refuses the key or the model); what concerns one scene goes to `done`.
  virtual Status run(const std::function<std::optional<CaptionRequest>()>& next,
                     const std::function<void(CaptionOutcome)>& done, const std::stop_token& stop) = 0;
};

}  // namespace cinescribe::captions
