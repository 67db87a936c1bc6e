#include "cinescribe/core/log.h"

#include <mutex>
#include <utility>

namespace cinescribe {

namespace {

std::mutex& sink_mutex() {
  static std::mutex mutex;
  return mutex;
}

LogSink& sink_slot() {
  static LogSink sink;
  return sink;
}

}  // namespace

void set_log_sink(LogSink sink) {
  const std::lock_guard lock(sink_mutex());
  sink_slot() = std::move(sink);
}

void log(LogLevel level, std::string_view message) {
  const std::lock_guard lock(sink_mutex());
  if (sink_slot()) sink_slot()(level, message);
}

}  // namespace cinescribe
