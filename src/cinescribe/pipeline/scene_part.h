#pragma once

#include <cstdint>
#include <functional>
#include <limits>

namespace cinescribe::pipeline {

/// A range of a video's scenes that one captioner describes. Another may take over its end meanwhile, so each scene is
/// claimed before it is described.
struct ScenePart {
  std::int64_t first = 0;
  std::int64_t end = std::numeric_limits<std::int64_t>::max();  ///< Behind the last, as far as known at the start.
  std::function<bool(std::int64_t scene)> claim;  ///< False: this and all that follow belong to others. Empty: all.
};

}  // namespace cinescribe::pipeline
