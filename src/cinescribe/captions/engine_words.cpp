#include "cinescribe/captions/engine_words.h"

#include <string_view>

#include <mtmd-helper.h>
#include <mtmd.h>

#include "cinescribe/core/log.h"

namespace cinescribe::captions {

namespace {

constexpr std::size_t kLongest = 400;

std::string& errors() {
  thread_local std::string words;
  return words;
}

/// "clip_init: failed to load" -> "failed to load".
std::string_view without_function(std::string_view line) {
  const std::size_t colon = line.find(": ");
  const bool is_function = colon != std::string_view::npos && line.substr(0, colon).find(' ') == std::string_view::npos;
  return is_function ? line.substr(colon + 2) : line;
}

void receive(ggml_log_level level, const char* text, void* /*user_data*/) {
  thread_local std::string line;
  thread_local ggml_log_level line_level = GGML_LOG_LEVEL_DEBUG;
  if (text == nullptr) return;
  if (level != GGML_LOG_LEVEL_CONT) line_level = level;
  line += text;
  std::size_t end = 0;
  while ((end = line.find('\n')) != std::string::npos) {
    const std::string_view whole = std::string_view(line).substr(0, end);
    if (!whole.empty()) log(LogLevel::kDebug, whole);
    if (line_level == GGML_LOG_LEVEL_ERROR && !whole.empty() && errors().size() < kLongest) {
      errors() += (errors().empty() ? "" : "; ") + std::string(without_function(whole));
    }
    line.erase(0, end + 1);
  }
  if (line.size() > 4096) line.clear();
}

}  // namespace

void route_mtmd_messages() {
  [[maybe_unused]] static const bool was_routed = [] {
    mtmd_helper_log_set(receive, nullptr);  // sets libmtmd's sink, too
    return true;
  }();
}

std::string take_mtmd_errors() {
  std::string words = std::move(errors());
  errors().clear();
  if (words.size() > kLongest) words.resize(kLongest);
  return words;
}

}  // namespace cinescribe::captions
