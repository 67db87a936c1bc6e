#include "cinescribe/text/sentencepiece_file.h"

#include <bit>
#include <cmath>
#include <utility>

#include "cinescribe/text/utf8.h"

namespace cinescribe::text {
namespace {

constexpr std::size_t kMaxPieces = 4U << 20U;
constexpr std::size_t kMaxPieceBytes = 1024;  // real ones have at most some dozens

Error damaged(const std::string& what) {
  return {ErrorCode::kModel, "the SentencePiece model is damaged: " + what + "; fetch tokenizer.model again"};
}

/// A field of a message: a number, or bytes.
struct Field {
  std::uint32_t number = 0;
  bool is_bytes = false;
  std::uint64_t value = 0;  ///< Numbers, and the bits of fixed-size fields.
  std::string_view bytes;
};

/// Walks over the fields of one message.
class MessageReader {
 public:
  explicit MessageReader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool is_done() const { return rest_.empty(); }

  Result<Field> next() {
    CINESCRIBE_ASSIGN(const std::uint64_t tag, varint());
    Field field;
    field.number = static_cast<std::uint32_t>(tag >> 3U);
    if (field.number == 0 || (tag >> 3U) > (1U << 29U)) return damaged("a field has the number 0 or none");
    switch (tag & 7U) {
      case 0: {
        CINESCRIBE_ASSIGN(field.value, varint());
        return field;
      }
      case 1:
        return fixed(field, 8);
      case 2: {
        CINESCRIBE_ASSIGN(const std::uint64_t length, varint());
        if (length > rest_.size()) return damaged("a field is longer than the file");
        field.is_bytes = true;
        field.bytes = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return field;
      }
      case 5:
        return fixed(field, 4);
      default:
        return damaged("a field is of no known kind");
    }
  }

 private:
  Result<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) return damaged("it ends within a number");
      const auto byte = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0) return value;
    }
    return damaged("a number is longer than ten bytes");
  }

  Result<Field> fixed(Field field, std::size_t size) {
    if (rest_.size() < size) return damaged("it ends within a number");
    for (std::size_t i = 0; i < size; ++i) {
      field.value |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(rest_[i])) << (8 * i);
    }
    rest_.remove_prefix(size);
    return field;
  }

  std::string_view rest_;
};

Result<std::string> utf8_text(const Field& field) {
  if (!field.is_bytes || !is_valid_utf8(field.bytes)) return damaged("a piece is not UTF-8");
  return std::string(field.bytes);
}

Result<SentencePiece> parse_piece(std::string_view bytes) {
  SentencePiece piece;
  MessageReader reader(bytes);
  while (!reader.is_done()) {
    CINESCRIBE_ASSIGN(const Field field, reader.next());
    if (field.number == 1) {
      CINESCRIBE_ASSIGN(piece.text, utf8_text(field));
    } else if (field.number == 2 && !field.is_bytes) {
      piece.score = std::bit_cast<float>(static_cast<std::uint32_t>(field.value));
      if (!std::isfinite(piece.score)) return damaged("the score of '" + piece.text + "' is no number");
    } else if (field.number == 3 && !field.is_bytes) {
      if (field.value < 1 || field.value > 6) return damaged("the type of '" + piece.text + "' is unknown");
      piece.type = static_cast<SentencePiece::Type>(field.value);
    }
  }
  if (piece.text.empty() || piece.text.size() > kMaxPieceBytes) return damaged("a piece has no text, or a huge one");
  return piece;
}

Status parse_trainer(std::string_view bytes, SentencePieceFile& file) {
  MessageReader reader(bytes);
  while (!reader.is_done()) {
    CINESCRIBE_ASSIGN(const Field field, reader.next());
    if (field.number == 3 && !field.is_bytes) {
      if (field.value < 1 || field.value > 4) return damaged("its algorithm is unknown");
      file.algorithm = static_cast<SentencePieceFile::Algorithm>(field.value);
    } else if (field.number == 45) {
      CINESCRIBE_ASSIGN(file.unknown_piece, utf8_text(field));
    }
  }
  return {};
}

}  // namespace

Result<SentencePieceFile> parse_sentencepiece(std::string_view bytes) {
  SentencePieceFile file;
  MessageReader reader(bytes);
  while (!reader.is_done()) {
    CINESCRIBE_ASSIGN(const Field field, reader.next());
    if (field.number == 1 && field.is_bytes) {
      if (file.pieces.size() >= kMaxPieces) return damaged("it has more than 4 million pieces");
      CINESCRIBE_ASSIGN(SentencePiece piece, parse_piece(field.bytes));
      file.pieces.push_back(std::move(piece));
    } else if (field.number == 2 && field.is_bytes) {
      CINESCRIBE_TRY(parse_trainer(field.bytes, file));
    }
  }
  if (file.pieces.empty()) return damaged("it has no pieces");
  return file;
}

}  // namespace cinescribe::text
