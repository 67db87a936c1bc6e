#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/text/tokenizer.h"

namespace cinescribe::text {

/// BERT's WordPiece tokenizer, equal to Hugging Face's BertTokenizerFast: clean-up, CJK spacing, lower case and accent
/// stripping as the files say, split at white space and punctuation, longest match first. Immutable, thread-safe.
class WordPiece {
 public:
  /// Reads `tokenizer.json` (or `vocab.txt` and `tokenizer_config.json`) of a folder. Errors: kModel.
  static Result<std::unique_ptr<WordPiece>> load(const std::filesystem::path& folder);
  virtual ~WordPiece() = default;
  WordPiece(const WordPiece&) = delete;
  WordPiece& operator=(const WordPiece&) = delete;

  /// [CLS] + pieces + [SEP]. UTF-8; invalid bytes count as U+FFFD.
  [[nodiscard]] virtual std::vector<TokenId> encode(std::string_view text) const = 0;
  [[nodiscard]] virtual std::size_t size() const = 0;

 protected:
  WordPiece() = default;
};

}  // namespace cinescribe::text
