#include <utility>

#include "cinescribe/text/utf8.h"
#include "cinescribe/text/wordpiece_parts.h"

namespace cinescribe::text {
namespace {

constexpr std::int64_t kMaxWordPoints = 10000;

Error bad_model(const std::string& message) { return {ErrorCode::kModel, message}; }

}  // namespace

Result<WordPieceModel> parse_wordpiece_model(const Json* model) {
  if (model == nullptr) return bad_model("the tokenizer has no model");
  const std::string type = type_of(*model);
  if (!type.empty() && type != "WordPiece") return unsupported("a tokenizer model", type);
  WordPieceModel result;
  CINESCRIBE_ASSIGN(result.unknown, text_member(*model, "unk_token", result.unknown));
  CINESCRIBE_ASSIGN(result.prefix, text_member(*model, "continuing_subword_prefix", result.prefix));
  if (const Json* points = member(*model, "max_input_chars_per_word")) {
    if (!points->is_number_integer() || points->get<std::int64_t>() < 1 ||
        points->get<std::int64_t>() > kMaxWordPoints) {
      return bad_model("max_input_chars_per_word is " + points->dump() + "; it must be 1 to 10000");
    }
    result.max_word_points = points->get<std::size_t>();
  }
  CINESCRIBE_ASSIGN(result.vocabulary, parse_vocabulary(member(*model, "vocab")));
  return result;
}

Result<WordPieceModel> parse_vocab_txt(std::string_view lines) {
  WordPieceModel model;
  std::int64_t id = 0;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!is_valid_utf8(line)) return bad_model("line " + std::to_string(id + 1) + " of vocab.txt is not UTF-8");
    CINESCRIBE_TRY(model.vocabulary.put(std::string(line), id, static_cast<std::size_t>(id) + 1));
    model.vocabulary.ids.insert_or_assign(std::string(line), static_cast<TokenId>(id));  // the last of equals counts
    ++id;
  }
  if (id == 0) return bad_model("vocab.txt is empty");
  return model;
}

}  // namespace cinescribe::text
