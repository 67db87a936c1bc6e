#pragma once

#include <functional>
#include <string_view>

#include "cinescribe/core/status.h"

namespace cinescribe::results {

/// Receives the text of an export piece by piece.
using TextSink = std::function<Status(std::string_view)>;

}  // namespace cinescribe::results
