#pragma once

#include <string>

/// What libmtmd says when it fails; private to this room.
namespace cinescribe::captions {

/// Routes libmtmd's messages to core/log.h (as debug messages: its functions' callers report errors). Thread-safe.
void route_mtmd_messages();

/// The last lines that libmtmd called errors on this thread since the last call, in one line of words,
/// each without its function's name; "" when there were none.
std::string take_mtmd_errors();

}  // namespace cinescribe::captions
