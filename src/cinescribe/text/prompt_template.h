#pragma once

#include <string>
#include <string_view>

#include "cinescribe/core/status.h"

namespace cinescribe::text {

/// The raw prompt that a named template makes of an instruction and `images` pictures, which come first:
///
/// | name | prompt for one picture |
/// |---|---|
/// | `vicuna` | `USER: <image>\nINSTRUCTION ASSISTANT:` |
/// | `mistral` | `[INST] <image>\nINSTRUCTION [/INST]` |
/// | `phi3` | `<|user|>\n<|image_1|>\nINSTRUCTION<|end|>\n<|assistant|>\n` |
/// | `plain` | `INSTRUCTION` |
///
/// Errors: kModel (an unknown name), kUsage (a negative number of pictures).
/// @source chat templates of llava-hf and microsoft/Phi-3.5-vision-instruct; transformers 4.57.1, InstructBlipProcessor
Result<std::string> render_prompt(std::string_view template_name, std::string_view instruction, int images);

}  // namespace cinescribe::text
