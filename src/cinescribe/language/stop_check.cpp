#include "cinescribe/language/stop_check.h"

#include <algorithm>
#include <utility>

namespace cinescribe::language {

StopCheck::StopCheck(const GenerationOptions& options, std::int64_t max_new_tokens, Detokenize detokenize)
    : eos_ids_(options.eos_ids),
      max_new_tokens_(max_new_tokens),
      stop_strings_(options.stop_strings),
      detokenize_(std::move(detokenize)) {}

std::optional<FinishReason> StopCheck::reason(std::span<const TokenId> ids) const {
  if (std::find(eos_ids_.begin(), eos_ids_.end(), ids.back()) != eos_ids_.end()) return FinishReason::kEos;
  if (!stop_strings_.empty() && completes_stop_string(ids)) return FinishReason::kStopString;
  if (static_cast<std::int64_t>(ids.size()) >= max_new_tokens_) return FinishReason::kLength;
  return std::nullopt;
}

// The newest token may carry text beyond the stop string; what counts is that the string ends within this token. A text
// that the newest token changes further back (a character completed byte by byte) is compared from where it changed.
bool StopCheck::completes_stop_string(std::span<const TokenId> ids) const {
  const std::string text = detokenize_(ids);
  const std::string before = detokenize_(ids.first(ids.size() - 1));
  const auto changed = static_cast<std::size_t>(
      std::mismatch(before.begin(), before.end(), text.begin(), text.end()).second - text.begin());
  return std::any_of(stop_strings_.begin(), stop_strings_.end(), [&](const std::string& stop) {
    if (text.size() < stop.size()) return false;
    const std::size_t first = changed + 1 > stop.size() ? changed + 1 - stop.size() : 0;
    return text.find(stop, first) != std::string::npos;
  });
}

}  // namespace cinescribe::language
