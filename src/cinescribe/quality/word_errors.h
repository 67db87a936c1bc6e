#pragma once

#include <string_view>

#include "cinescribe/core/status.h"
#include "cinescribe/quality/comparable_text.h"
#include "cinescribe/quality/edit_distance.h"

namespace cinescribe::quality {

/// How far a transcript is from what was said.
struct WordErrors {
  EditCounts words;
  EditCounts characters;  ///< Of the compared words joined by single spaces.
  std::int64_t reference_words = 0;
  std::int64_t result_words = 0;
  std::int64_t reference_characters = 0;

  /// Edits over the reference's words; beyond 1 when much was invented.
  [[nodiscard]] double word_error_rate() const;
  [[nodiscard]] double character_error_rate() const;
};

/// Errors: kInput (the reference has no words, or a text has more than 4 million characters).
Result<WordErrors> word_errors(std::string_view reference, std::string_view result, TextForm form);

}  // namespace cinescribe::quality
