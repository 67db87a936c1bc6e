#pragma once

#include <string>

namespace cinescribe::media {

/// Sends FFmpeg's messages to our log sink (its errors and warnings as debug; ours say what they mean for the user).
/// Process-wide, done once; thread-safe.
void route_av_log();

/// Forgets, and returns, FFmpeg's last error message on this thread, without its newline; "" if there was none.
std::string take_av_error();

}  // namespace cinescribe::media
