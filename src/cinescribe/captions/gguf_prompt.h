#pragma once

#include <string>
#include <vector>

#include "cinescribe/captions/captioner.h"
#include "cinescribe/captions/gguf_model.h"
#include "cinescribe/captions/mtmd_handles.h"
#include "cinescribe/core/status.h"

/// From a scene to what the engine reads; private to this room.
namespace cinescribe::captions {

/// A prompt in pieces: text tokens and preprocessed pictures in turn.
struct GgufPrompt {
  MtmdChunksHandle chunks;
  std::vector<const mtmd_input_chunk*> pictures;  ///< Those of `chunks` that are pictures (or tiles of one), in order.
  std::vector<text::TokenId> ids;                 ///< One per position of a row; -1 for those of pictures.
  int image_tokens = 0;
  int longest_picture = 0;  ///< Tokens of the largest piece that is a picture.
};

/// The prompt's words with `marker` where each picture belongs: every frame after its label, then the instruction; a
/// raw prompt is taken as it is and must hold libmtmd's marker ("<__media__>") once per frame.
std::string worded_prompt(const CaptionRequest& request, std::string_view marker);

/// Tokens and pictures of a scene. Words of the instruction that look like the model's control tokens are read as
/// words. Errors: kUsage (an unusable request), kInput (frames that the model's preprocessing refuses), kModel.
Result<GgufPrompt> make_gguf_prompt(const GgufModel& model, const CaptionRequest& request);

}  // namespace cinescribe::captions
