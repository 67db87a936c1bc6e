#pragma once

#include "cinescribe/core/status.h"

namespace cinescribe::cli {

/// Exit codes of the program (docs/cli.md): 0 all done, 1 some inputs failed, 2 wrong use, 3 input unusable,
/// 4 model missing or unusable, 5 resources, 6 interrupted, 70 internal error.
inline int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUsage:
      return 2;
    case ErrorCode::kInput:
      return 3;
    case ErrorCode::kModel:
      return 4;
    case ErrorCode::kResource:
      return 5;
    case ErrorCode::kInterrupted:
      return 6;
    case ErrorCode::kInternal:
      return 70;
  }
  return 70;
}

}  // namespace cinescribe::cli
