#include "cinescribe/captions/frame_words.h"

namespace cinescribe::captions {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

Error unusable(const CaptionRequest& request, const std::string& what) {
  return {ErrorCode::kUsage, "cannot describe scene " + std::to_string(request.id) + ": " + what};
}

}  // namespace

std::string frame_label(const CaptionRequest& request, std::size_t index) {
  const bool has_time = index < request.frame_times.size();
  if (request.frames.size() < 2 && !has_time) return {};
  std::string label = "Frame";
  if (request.frames.size() > 1) {
    label += " " + std::to_string(index + 1) + " of " + std::to_string(request.frames.size());
  }
  if (has_time) label += " at " + format_timecode(request.frame_times[index]);
  return label + ":";
}

std::string without_reasoning(std::string_view text) {
  constexpr std::string_view kBegin = "<think>";
  constexpr std::string_view kEnd = "</think>";
  text = trimmed(text);
  if (text.starts_with(kBegin)) {
    const std::size_t end = text.find(kEnd);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + kEnd.size());
  }
  return std::string(trimmed(text));
}

Status check_request(const CaptionRequest& request) {
  if (request.frames.empty()) return unusable(request, "it has no frames");
  if (!request.frame_times.empty() && request.frame_times.size() != request.frames.size()) {
    return unusable(request, "it has " + std::to_string(request.frames.size()) + " frames and " +
                                 std::to_string(request.frame_times.size()) + " times");
  }
  for (const Image& frame : request.frames) {
    const bool is_whole = frame.width > 0 && frame.height > 0 && frame.channels == 3 &&
                          frame.pixels.size() == frame.stride_bytes() * static_cast<std::size_t>(frame.height);
    if (!is_whole) return unusable(request, "a frame is no RGB picture");
  }
  if (trimmed(request.prompt).empty()) return unusable(request, "the prompt is empty");
  return {};
}

}  // namespace cinescribe::captions
