#include "cinescribe/text/spm_merges.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "cinescribe/text/utf8.h"

namespace cinescribe::text {
namespace {

/// One way to cut a piece.
struct Cut {
  TokenId left = -1, right = -1;
  std::size_t left_points = 0, right_points = 0;
  float score = 0.0F;
};

std::size_t count_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char byte) { return (static_cast<unsigned>(byte) & 0xC0U) != 0x80U; }));
}

void add_cuts(const std::string& piece, float score, const Vocabulary& vocabulary, std::vector<Cut>& cuts) {
  const std::string_view text = piece;
  const std::size_t points = count_points(text);
  const std::size_t first = cuts.size();
  std::size_t at = 0;
  for (std::size_t left_points = 1; left_points < points; ++left_points) {
    at += first_code_point(text.substr(at)).bytes;
    const TokenId left = vocabulary.find(text.substr(0, at));
    const TokenId right = left < 0 ? -1 : vocabulary.find(text.substr(at));
    if (right >= 0) cuts.push_back({left, right, left_points, points - left_points, score});
  }
  std::stable_sort(cuts.begin() + static_cast<std::ptrdiff_t>(first), cuts.end(),
                   [](const Cut& a, const Cut& b) { return std::pair(a.left, a.right) < std::pair(b.left, b.right); });
}

}  // namespace

Result<Bpe> bpe_of_sentencepiece(const SentencePieceFile& file) {
  if (file.algorithm != SentencePieceFile::Algorithm::kBpe) {
    return Error{ErrorCode::kModel, "tokenizer.model is no BPE model; LLaMA, Mistral and Phi have BPE models"};
  }
  Vocabulary vocabulary;
  for (std::size_t i = 0; i < file.pieces.size(); ++i) {
    const SentencePiece& piece = file.pieces[i];
    if (vocabulary.find(piece.text) >= 0) {
      return Error{ErrorCode::kModel, "tokenizer.model has the piece '" + piece.text + "' twice"};
    }
    CINESCRIBE_TRY(vocabulary.put(piece.text, static_cast<std::int64_t>(i), file.pieces.size()));
    vocabulary.tokens[i].score = piece.score;
  }
  std::vector<Cut> cuts;
  for (const SentencePiece& piece : file.pieces) add_cuts(piece.text, piece.score, vocabulary, cuts);
  std::stable_sort(cuts.begin(), cuts.end(), [](const Cut& a, const Cut& b) {
    return std::tuple(a.score, a.left_points, a.right_points) > std::tuple(b.score, b.left_points, b.right_points);
  });
  Bpe::Merges merges;
  merges.reserve(cuts.size());
  const auto text_of = [&](TokenId id) { return file.pieces[static_cast<std::size_t>(id)].text; };
  for (const Cut& cut : cuts) merges.emplace_back(text_of(cut.left), text_of(cut.right));
  Bpe::Options options;
  options.unknown = file.unknown_piece;
  options.fuses_unknown = true;
  options.has_byte_fallback = true;
  return Bpe::create(std::move(vocabulary), merges, std::move(options), false);
}

}  // namespace cinescribe::text
