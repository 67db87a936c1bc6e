#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cinescribe/language/generation.h"

namespace cinescribe::language {

/// Tells whether a generated sequence ends here: an end token, the length, a stop string.
class StopCheck {
 public:
  StopCheck(const GenerationOptions& options, std::int64_t max_new_tokens, Detokenize detokenize);

  /// `ids`: the generated tokens, the newest last (at least one).
  [[nodiscard]] std::optional<FinishReason> reason(std::span<const TokenId> ids) const;

 private:
  [[nodiscard]] bool completes_stop_string(std::span<const TokenId> ids) const;

  std::vector<TokenId> eos_ids_;
  std::int64_t max_new_tokens_;
  std::vector<std::string> stop_strings_;
  Detokenize detokenize_;
};

}  // namespace cinescribe::language
