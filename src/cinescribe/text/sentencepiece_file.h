#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::text {

/// An entry of a SentencePiece model.
struct SentencePiece {
  /// The values are those of the file.
  enum class Type : std::int32_t { kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kUnused = 5, kByte = 6 };

  std::string text;
  float score = 0.0F;
  Type type = Type::kNormal;
};

/// What we need of a `tokenizer.model`.
struct SentencePieceFile {
  enum class Algorithm : std::int32_t { kUnigram = 1, kBpe = 2, kWord = 3, kCharacter = 4 };

  std::vector<SentencePiece> pieces;
  Algorithm algorithm = Algorithm::kUnigram;
  std::string unknown_piece = "<unk>";
};

/// Reads the bytes of a SentencePiece model (protobuf). Every length is checked; unknown fields are skipped. Errors:
/// kModel (truncated or damaged, texts that are not UTF-8, scores that are no numbers, no pieces).
///
/// @source sentencepiece_model.proto
Result<SentencePieceFile> parse_sentencepiece(std::string_view bytes);

}  // namespace cinescribe::text
