#include "cinescribe/quality/word_errors.h"

#include <string>
#include <vector>

#include "cinescribe/text/utf8.h"

namespace cinescribe::quality {

namespace {

constexpr std::size_t kMostBytes = 4'000'000;

std::vector<std::uint32_t> characters_of(const std::vector<std::string>& words) {
  const std::u32string characters = text::to_code_points(joined(words));
  return {characters.begin(), characters.end()};
}

double rate(std::int64_t edits, std::int64_t length) {
  return static_cast<double>(edits) / static_cast<double>(length);
}

}  // namespace

double WordErrors::word_error_rate() const { return rate(words.edits(), reference_words); }
double WordErrors::character_error_rate() const { return rate(characters.edits(), reference_characters); }

Result<WordErrors> word_errors(std::string_view reference, std::string_view result, TextForm form) {
  if (reference.size() > kMostBytes || result.size() > kMostBytes) {
    return Error{ErrorCode::kInput,
                 "cannot compare texts of more than " + std::to_string(kMostBytes) + " bytes; compare them in parts"};
  }
  const std::vector<std::string> said = comparable_words(reference, form);
  const std::vector<std::string> heard = comparable_words(result, form);
  if (said.empty()) return Error{ErrorCode::kInput, "the reference has no words"};
  WordNumbers numbers;
  const std::vector<std::uint32_t> said_numbers = numbers.of(said);
  const std::vector<std::uint32_t> said_characters = characters_of(said);
  WordErrors errors;
  errors.words = edit_distance(said_numbers, numbers.of(heard));
  errors.characters = edit_distance(said_characters, characters_of(heard));
  errors.reference_words = static_cast<std::int64_t>(said.size());
  errors.result_words = static_cast<std::int64_t>(heard.size());
  errors.reference_characters = static_cast<std::int64_t>(said_characters.size());
  return errors;
}

}  // namespace cinescribe::quality
