#include "cinescribe/results/edl.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace cinescribe::results {
namespace {

std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

/// "HH:MM:SS:FF", counting `rate` frames per second.
std::string frame_timecode(std::int64_t frame, std::int64_t rate) {
  const std::int64_t seconds = frame / rate;
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "%02lld:%02lld:%02lld:%02lld", static_cast<long long>(seconds / 3600),
                static_cast<long long>(seconds / 60 % 60), static_cast<long long>(seconds % 60),
                static_cast<long long>(frame % rate));
  return text.data();
}

}  // namespace

Result<std::string> to_edl(const std::vector<SceneRecord>& scenes, const EdlSource& source) {
  const double exact_rate = source.frame_rate.is_known() ? source.frame_rate.value() : 0.0;
  if (exact_rate < 0.5 || exact_rate > 1e6) {
    return Error{ErrorCode::kInput, "cannot write an edit list for " + source.clip_name +
                                        ": its frame rate is unknown; choose CSV or JSON"};
  }
  const std::int64_t rate = std::llround(exact_rate);
  std::string text = "TITLE: " + one_line(source.title) + "\nFCM: NON-DROP FRAME\n\n";
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    const std::string range =
        frame_timecode(scenes[i].start_frame, rate) + " " + frame_timecode(scenes[i].end_frame, rate);
    std::array<char, 32> number{};
    std::snprintf(number.data(), number.size(), "%03zu", i + 1);
    text.append(number.data()).append("  AX       V     C        ");
    text.append(range).append(" ").append(range).append("\n");
    text.append("* FROM CLIP NAME: ").append(one_line(source.clip_name)).append("\n");
  }
  return text;
}

}  // namespace cinescribe::results
