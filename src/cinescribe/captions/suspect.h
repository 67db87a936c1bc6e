#pragma once

#include <string>
#include <string_view>

namespace cinescribe::captions {

/// Why a caption is not to be trusted: "empty", "repeats 'a man' 12 times", "uses the same 5 words over and over",
/// "holds bytes that are no text"; empty when nothing strikes. Looks at the text alone, in any language.
std::string suspect_reason(std::string_view text);

}  // namespace cinescribe::captions
