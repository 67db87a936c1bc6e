#include "cinescribe/media/av_log.h"

#include <array>
#include <cstdarg>
#include <mutex>
#include <string_view>
#include <utility>

#include "cinescribe/core/log.h"
#include "cinescribe/media/av.h"

namespace cinescribe::media {

namespace {

std::string& last_error() {
  thread_local std::string text;
  return text;
}

void on_av_log(void* context, int level, const char* format, std::va_list arguments) {
  if (level > AV_LOG_WARNING) return;
  std::array<char, 1024> line{};
  int print_prefix = 1;
  av_log_format_line2(context, level, format, arguments, line.data(), static_cast<int>(line.size()), &print_prefix);
  std::string_view text(line.data());
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  if (text.empty()) return;
  if (level <= AV_LOG_ERROR) {
    // The prefix names FFmpeg's object and its address ("[mov,mp4 @ 0x55..] "): of no use to a person.
    std::string_view words = text;
    if (words.starts_with('[')) {
      if (const auto end = words.find("] "); end != std::string_view::npos) words.remove_prefix(end + 2);
    }
    last_error() = std::string(words);
  }
  log(LogLevel::kDebug, text);
}

}  // namespace

void route_av_log() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(&on_av_log); });
}

std::string take_av_error() { return std::exchange(last_error(), std::string()); }

}  // namespace cinescribe::media
