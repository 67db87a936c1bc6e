#pragma once

#include <filesystem>
#include <string>

#include "cinescribe/core/status.h"

namespace cinescribe::captions {

/// The two files of a vision-language model of llama.cpp.
struct GgufPair {
  std::filesystem::path language;  ///< The first part when the model is split.
  std::filesystem::path mmproj;    ///< Vision tower and projector.
  std::string chat_template;       ///< What FOLDER/chat_template.txt says (a template or the name of one); else empty.
};

/// Finds the files in a folder: `language.gguf` and `mmproj.gguf`, or one *.gguf with "mmproj" in its name and one
/// without (or the parts of one: NAME-00001-of-00003.gguf). Errors: kModel (what is missing, or what there is too much
/// of).
Result<GgufPair> find_gguf_pair(const std::filesystem::path& folder);

}  // namespace cinescribe::captions
