#pragma once

#include <cstddef>

namespace cinescribe::captions {

/// Which of `given` frames is the `index`-th of the `kept` that the overflow rule leaves: evenly, the first among them.
constexpr std::size_t kept_frame(std::size_t index, std::size_t given, std::size_t kept) {
  return index * given / kept;
}

}  // namespace cinescribe::captions
