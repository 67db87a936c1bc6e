#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cinescribe/core/time.h"

/// What `vlm_captions.json` says: descriptions of the scenes of one video by one captioner, and what each was made
/// from.
namespace cinescribe::results {

/// A picture that a caption was made from.
struct CaptionFrame {
  Timestamp time;      ///< Of the frame that is on screen at the moment asked for.
  std::string sha256;  ///< Over its RGB pixels as the captioner got them.
};

/// Why a scene has no caption.
struct CaptionFailure {
  std::string code;  ///< As `error_code_name`.
  std::string message;
  /// How the captioner's process ended that had the scene last: "crashed", "killed", "exited", "hung", "broken"; empty
  /// when the captioner itself refused. Such a scene is tried again by the next run.
  std::string lost_to = {};
};

/// What one caption cost. Kept in an object of its own: two runs differ in nothing else.
struct CaptionCost {
  double elapsed_seconds = 0.0;  ///< Since the caption that was finished before it: these add up to the time at work.
  double preprocess_seconds = 0.0;
  double encode_seconds = 0.0;
  double prefill_seconds = 0.0;
  double decode_seconds = 0.0;
  int attempts = 1;  ///< More when the captioner's process was lost with the scene in it.
};

/// One scene and its description.
struct CaptionRecord {
  std::int64_t scene_index = 0;
  TimeRange range;
  std::string caption;  ///< Empty with a failure.
  std::optional<CaptionFailure> failure;
  int prompt_tokens = 0;  ///< Image tokens included.
  int image_tokens = 0;
  int generated_tokens = 0;               ///< The end token included.
  std::string finish_reason;              ///< "eos", "length", "stop_string"; empty where nothing was generated.
  std::optional<double> average_logprob;  ///< Of the generated tokens, rounded to hundredths.
  std::string suspect;                    ///< Why the text is not to be trusted; empty = fine.
  bool is_over_context = false;           ///< Prompt and answer go beyond the trained context.
  int frames_given = 0;
  int frames_used = 0;  ///< Fewer than given when the overflow rule left some out.
  std::vector<CaptionFrame> frames;
  std::string prompt_sha256;  ///< Of the instruction, context of the scene included.
  CaptionCost cost;
};

/// Who described.
struct CaptionerRecord {
  std::string name;
  std::string family;
  bool is_vlm = true;         ///< False: sentences made of stage 1's facts; no model saw the pictures.
  std::string type;           ///< Of the language model's weights; empty without a model.
  std::string sha256;         ///< Of the model; empty without one.
  bool is_synthetic = false;  ///< Random weights, for measuring only.
};

/// All of `vlm_captions.json` but its scenes and what is known at the end.
struct CaptionHeader {
  std::string file_name;
  std::string fingerprint;  ///< Of the video, as in base_data.json.
  Duration duration;
  CaptionerRecord captioner;
  std::string prompt;  ///< The instruction before any context.
  std::string prompt_sha256;
  std::string scenes_sha256;         ///< Over what was used of stage 1's scenes.
  std::string settings_json = "{}";  ///< Frames, policy, detail, generation options: one JSON object.
};

struct CaptionTotals {
  std::int64_t scenes = 0;
  std::int64_t captions = 0;
  std::int64_t failures = 0;
  std::int64_t suspects = 0;
  std::int64_t prompt_tokens = 0;
  std::int64_t generated_tokens = 0;
  std::int64_t lost = 0;     ///< Of the failures: scenes whose captioner's process was lost twice.
  std::int64_t retried = 0;  ///< Scenes that took more than one attempt.
};

}  // namespace cinescribe::results
