#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::cli {

/// What models are asked when the price of their types is measured: instructions of the kind that scenes get, without
/// pictures.
inline constexpr std::array<std::string_view, 8> kTypePrompts = {
    "Describe what happens in a scene in which a man in a red jacket crosses a busy street at night.",
    "Two frames of a video show a kitchen: first an empty table, then a woman who puts a bowl of fruit on it. Describe "
    "the scene in two sentences.",
    "The following is said in a scene: \"And so, my fellow Americans, ask not what your country can do for you.\" Who "
    "may be speaking, and to whom?",
    "List the things that can usually be seen at a railway station.",
    "In a scene one hears rain, a car door and a dog. Tell in one sentence what may be going on.",
    "Write a short caption for a picture of a harbour at sunrise with fishing boats and gulls.",
    "A sign in the picture reads \"PLATFORM 12\". Repeat exactly what the sign says, then explain it.",
    "Explain in three steps how to change the wheel of a bicycle."};

/// Prompts of a file: a JSON list of texts (`.json`), else one per line. Errors: kInput.
Result<std::vector<std::string>> read_type_prompts(const std::string& file);

}  // namespace cinescribe::cli
