#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace cinescribe {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// Receives one message without a trailing newline. May be called from any thread, one call at a time.
using LogSink = std::function<void(LogLevel, std::string_view)>;

/// Installs the process-wide sink; the library itself never prints. Default: messages are dropped. Thread-safe.
void set_log_sink(LogSink sink);

/// Hands a message to the sink. Thread-safe.
void log(LogLevel level, std::string_view message);

}  // namespace cinescribe
