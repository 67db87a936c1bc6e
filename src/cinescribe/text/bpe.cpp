#include "cinescribe/text/bpe.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <queue>

#include "cinescribe/text/utf8.h"

namespace cinescribe::text {
namespace {

constexpr std::size_t kSpareIds = 1U << 16U;  // holes that a vocabulary may have

Error bad_model(const std::string& message) { return {ErrorCode::kModel, message}; }

std::string byte_text(std::size_t byte) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "<0x%02X>", static_cast<unsigned>(byte));
  return text.data();
}

/// "a b", as files had it before tokenizers 0.20, or ["a", "b"].
Result<std::pair<std::string, std::string>> parse_merge(const Json& merge) {
  if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
    return std::pair(merge[0].get<std::string>(), merge[1].get<std::string>());
  }
  if (merge.is_string()) {
    const auto& text = merge.get_ref<const std::string&>();
    const std::size_t space = text.find(' ');
    if (space != std::string::npos && text.find(' ', space + 1) == std::string::npos) {
      return std::pair(text.substr(0, space), text.substr(space + 1));
    }
  }
  return bad_model("merge " + merge.dump(-1, ' ', false, Json::error_handler_t::replace) + " is no pair of texts");
}

Result<Bpe::Merges> parse_merges(const Json* list) {
  if (list == nullptr || !list->is_array()) return bad_model("the tokenizer's model has no list of merges");
  Bpe::Merges merges;
  merges.reserve(list->size());
  for (const Json& entry : *list) {
    if (entry.is_string() && entry.get_ref<const std::string&>().starts_with("#version")) continue;
    CINESCRIBE_ASSIGN(auto merge, parse_merge(entry));
    merges.push_back(std::move(merge));
  }
  return merges;
}

Status check_supported(const Json& model) {
  const std::string type = type_of(model);
  if (!type.empty() && type != "BPE") return unsupported("a tokenizer model", type);
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    CINESCRIBE_ASSIGN(const std::string affix, text_member(model, key, ""));
    if (!affix.empty()) return bad_model(std::string("a BPE model with ") + key + " is not supported");
  }
  const Json* dropout = member(model, "dropout");
  if (dropout != nullptr && !(dropout->is_number() && dropout->get<double>() == 0.0)) {
    return bad_model("the tokenizer drops merges at random (dropout); set it to null");
  }
  return {};
}

}  // namespace

Status Vocabulary::put(std::string text, std::int64_t id, std::size_t expected_entries) {
  if (id < 0 || id >= static_cast<std::int64_t>(expected_entries + kSpareIds)) {
    return bad_model("token '" + text + "' has id " + std::to_string(id) + " in a vocabulary of " +
                     std::to_string(expected_entries) + " entries");
  }
  const auto at = static_cast<std::size_t>(id);
  while (tokens.size() <= at) tokens.push_back({{}, 0.0F, TokenKind::kUnused});
  if (tokens[at].kind != TokenKind::kUnused) {
    return bad_model("tokens '" + tokens[at].text + "' and '" + text + "' have the same id " + std::to_string(id));
  }
  tokens[at] = {text, 0.0F, TokenKind::kNormal};
  ids.emplace(std::move(text), static_cast<TokenId>(id));
  return {};
}

Result<Vocabulary> parse_vocabulary(const Json* vocab) {
  if (vocab == nullptr || !vocab->is_object() || vocab->empty()) {
    return bad_model("the tokenizer's model has no vocabulary");
  }
  Vocabulary vocabulary;
  vocabulary.ids.reserve(vocab->size());
  for (const auto& [text, id] : vocab->items()) {
    const bool is_id = id.is_number_integer() && id.get<std::int64_t>() <= std::numeric_limits<TokenId>::max();
    if (!is_id) return bad_model("the id of token '" + text + "' is " + id.dump() + ", which is no id");
    CINESCRIBE_TRY(vocabulary.put(text, id.get<std::int64_t>(), vocab->size()));
  }
  return vocabulary;
}

Result<Bpe> Bpe::create(Vocabulary vocabulary, const Merges& merges, Options options, bool makes_scores) {
  Bpe bpe;
  bpe.vocabulary_ = std::move(vocabulary);
  bpe.options_ = std::move(options);
  for (std::size_t byte = 0; byte < 256; ++byte) bpe.byte_ids_.push_back(bpe.vocabulary_.find(byte_text(byte)));
  CINESCRIBE_TRY(bpe.mark_kinds());
  CINESCRIBE_TRY(bpe.add_merges(merges, makes_scores));
  return bpe;
}

Result<Bpe> Bpe::parse(const Json* model) {
  if (model == nullptr || !model->is_object()) return bad_model("the tokenizer has no model");
  CINESCRIBE_TRY(check_supported(*model));
  Options options;
  CINESCRIBE_ASSIGN(options.unknown, text_member(*model, "unk_token", ""));
  CINESCRIBE_ASSIGN(options.fuses_unknown, bool_member(*model, "fuse_unk", false));
  CINESCRIBE_ASSIGN(options.has_byte_fallback, bool_member(*model, "byte_fallback", false));
  CINESCRIBE_ASSIGN(options.ignores_merges, bool_member(*model, "ignore_merges", false));
  CINESCRIBE_ASSIGN(Vocabulary vocabulary, parse_vocabulary(member(*model, "vocab")));
  CINESCRIBE_ASSIGN(const Merges merges, parse_merges(member(*model, "merges")));
  return create(std::move(vocabulary), merges, std::move(options), true);
}

Status Bpe::mark_kinds() {
  if (options_.has_byte_fallback) {
    for (const TokenId id : byte_ids_) {
      if (id >= 0) vocabulary_.tokens[static_cast<std::size_t>(id)].kind = TokenKind::kByte;
    }
  }
  if (options_.unknown.empty()) return {};
  unknown_ = vocabulary_.find(options_.unknown);
  if (unknown_ < 0) return bad_model("the unknown token '" + options_.unknown + "' is not in the vocabulary");
  vocabulary_.tokens[static_cast<std::size_t>(unknown_)].kind = TokenKind::kUnknown;
  return {};
}

Status Bpe::add_merges(const Merges& merges, bool makes_scores) {
  if (makes_scores) {
    for (Token& token : vocabulary_.tokens) token.score = -static_cast<float>(merges.size() + 1);
  }
  merges_.reserve(merges.size());
  std::uint32_t rank = 0;
  std::string joined;
  for (const auto& [left_text, right_text] : merges) {
    const TokenId left = vocabulary_.find(left_text);
    const TokenId right = vocabulary_.find(right_text);
    joined.assign(left_text).append(right_text);
    const TokenId result = vocabulary_.find(joined);
    if (left < 0 || right < 0 || result < 0) {
      return bad_model("merge " + std::to_string(rank) + " ('" + left_text + "' and '" + right_text +
                       "') names a text that is not in the vocabulary");
    }
    merges_.insert_or_assign(key(left, right), Merge{rank, result});
    Token& token = vocabulary_.tokens[static_cast<std::size_t>(result)];
    if (makes_scores) token.score = std::max(token.score, -static_cast<float>(rank));
    ++rank;
  }
  return {};
}

bool Bpe::append_bytes(std::string_view character, std::vector<TokenId>& ids) const {
  const auto id_of = [&](char byte) { return byte_ids_[static_cast<std::uint8_t>(byte)]; };
  if (!std::all_of(character.begin(), character.end(), [&](char byte) { return id_of(byte) >= 0; })) return false;
  for (const char byte : character) ids.push_back(id_of(byte));
  return true;
}

/// The word's characters before merging. An unknown token is written late, as the reference does it: bytes that follow
/// it come before it.
std::vector<TokenId> Bpe::characters(std::string_view word) const {
  std::vector<TokenId> ids;
  bool has_unknown = false;
  const auto write_unknown = [&] {
    if (has_unknown) ids.push_back(unknown_);
    has_unknown = false;
  };
  while (!word.empty()) {
    const std::string_view character = word.substr(0, first_code_point(word).bytes);
    word.remove_prefix(character.size());
    const TokenId id = vocabulary_.find(character);
    if (id >= 0) {
      write_unknown();
      ids.push_back(id);
    } else if (!options_.has_byte_fallback || !append_bytes(character, ids)) {
      if (unknown_ < 0) continue;
      if (!options_.fuses_unknown) write_unknown();
      has_unknown = true;
    }
  }
  write_unknown();
  return ids;
}

void Bpe::merge(std::vector<TokenId>& ids) const {
  struct Candidate {
    std::uint32_t rank;
    std::int32_t at;
    TokenId result;
    bool operator<(const Candidate& other) const {  // the queue's top is the lowest rank, leftmost first
      return rank != other.rank ? rank > other.rank : at > other.at;
    }
  };
  struct Neighbours {
    std::int32_t left, right;
  };
  const auto count = static_cast<std::int32_t>(ids.size());
  std::vector<Neighbours> links(ids.size());
  std::priority_queue<Candidate> queue;
  const auto offer = [&](std::int32_t left, std::int32_t right) {
    if (left < 0 || right >= count) return;
    const Merge* found = find_merge(ids[static_cast<std::size_t>(left)], ids[static_cast<std::size_t>(right)]);
    if (found != nullptr) queue.push({found->rank, left, found->result});
  };
  for (std::int32_t i = 0; i < count; ++i) {
    links[static_cast<std::size_t>(i)] = {i - 1, i + 1};
    offer(i, i + 1);
  }
  constexpr TokenId kGone = -1;
  while (!queue.empty()) {
    const Candidate top = queue.top();
    queue.pop();
    const auto at = static_cast<std::size_t>(top.at);
    const std::int32_t right = links[at].right;
    if (ids[at] == kGone || right >= count) continue;
    const Merge* still = find_merge(ids[at], ids[static_cast<std::size_t>(right)]);
    if (still == nullptr || still->result != top.result) continue;  // its parts have been merged otherwise
    ids[at] = top.result;
    ids[static_cast<std::size_t>(right)] = kGone;
    links[at].right = links[static_cast<std::size_t>(right)].right;
    if (links[at].right < count) links[static_cast<std::size_t>(links[at].right)].left = top.at;
    offer(links[at].left, top.at);
    offer(top.at, links[at].right);
  }
  std::erase(ids, kGone);
}

void Bpe::encode(std::string_view word, std::vector<TokenId>& ids) const {
  const TokenId whole = options_.ignores_merges ? vocabulary_.find(word) : -1;
  if (whole >= 0) {
    ids.push_back(whole);
    return;
  }
  std::vector<TokenId> parts = characters(word);
  merge(parts);
  ids.insert(ids.end(), parts.begin(), parts.end());
}

}  // namespace cinescribe::text
