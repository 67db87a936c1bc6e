#include "cinescribe/text/added_tokens.h"

#include <algorithm>

#include "cinescribe/text/unicode.h"
#include "cinescribe/text/utf8.h"

namespace cinescribe::text {
namespace {

std::size_t spaces_at_start(std::string_view text) {
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const CodePoint next = first_code_point(text.substr(bytes));
    if (!is_space(next.value)) break;
    bytes += next.bytes;
  }
  return bytes;
}

std::size_t spaces_at_end(std::string_view text) {
  const std::size_t all = text.size();
  while (!text.empty() && is_space(last_code_point(text).value)) text.remove_suffix(last_code_point(text).bytes);
  return all - text.size();
}

bool touches_word(std::string_view before, std::string_view after) {
  return (!before.empty() && is_word_character(last_code_point(before).value)) ||
         (!after.empty() && is_word_character(first_code_point(after).value));
}

}  // namespace

void TextSet::add(std::string_view text, TokenId id) {
  std::size_t at = 0;
  for (const char byte : text) {
    const auto [child, is_new] = nodes_[at].children.try_emplace(byte, nodes_.size());
    at = child->second;
    if (is_new) nodes_.emplace_back();
  }
  if (at != 0 && nodes_[at].id < 0) nodes_[at].id = id;
}

TextSet::Match TextSet::find(std::string_view text, std::size_t from) const {
  for (std::size_t begin = from; begin < text.size(); ++begin) {
    Match best;
    std::size_t at = 0;
    for (std::size_t i = begin; i < text.size(); ++i) {
      const auto child = nodes_[at].children.find(text[i]);
      if (child == nodes_[at].children.end()) break;
      at = child->second;
      if (nodes_[at].id >= 0) best = {begin, i + 1, nodes_[at].id};
    }
    if (best.id >= 0) return best;
  }
  return {};
}

void AddedTokens::add(const AddedToken& token, const Vocabulary& model) {
  if (token.content.empty()) return;
  if (token.is_special && special_.insert(token.content).second) in_order_.push_back(token);
  TokenId id = find(token.content);
  if (id >= 0 && tokens_.at(id) == token) return;
  if (id < 0) id = model.find(token.content);
  if (id < 0) {
    const auto size = static_cast<TokenId>(model.ids.size());  // as the reference counts: holes are none
    id = tokens_.empty() ? size : std::max(size, tokens_.rbegin()->first + 1);
  }
  if (!is_special(token.content)) in_order_.push_back(token);
  ids_.insert_or_assign(token.content, id);
  tokens_.insert_or_assign(id, token);
}

void AddedTokens::prepare(const Normalizer& normalizer) {
  normalizer_ = normalizer;
  for (const AddedToken& token : in_order_) {
    if (token.is_normalized) {
      normalized_.add(normalizer_(token.content), find(token.content));
    } else {
      plain_.add(token.content, find(token.content));
    }
  }
}

template <typename UseToken, typename UseText>
void AddedTokens::cut(std::string_view text, const TextSet& set, const UseToken& use_token,
                      const UseText& use_text) const {
  std::size_t done = 0;
  std::size_t from = 0;
  for (TextSet::Match match = set.find(text, from); match.id >= 0; match = set.find(text, from)) {
    from = match.end;
    const AddedToken& token = tokens_.at(match.id);
    if (token.is_single_word && touches_word(text.substr(0, match.begin), text.substr(match.end))) continue;
    std::size_t begin = match.begin;
    std::size_t end = match.end;
    if (token.takes_left_space) begin = std::max(begin - spaces_at_end(text.substr(0, begin)), done);
    if (token.takes_right_space) end += spaces_at_start(text.substr(end));
    if (done < begin) use_text(done, begin);
    use_token(match.id);
    done = end;
  }
  if (done < text.size()) use_text(done, text.size());
}

std::vector<AddedTokens::Piece> AddedTokens::split(std::string_view text) const {
  std::vector<Piece> pieces;
  const auto use_token = [&](TokenId id) { pieces.push_back({id, {}, false}); };
  cut(text, plain_, use_token, [&](std::size_t begin, std::size_t end) {
    const std::string normal = normalizer_(text.substr(begin, end - begin));
    cut(normal, normalized_, use_token, [&](std::size_t from, std::size_t to) {
      pieces.push_back({-1, normal.substr(from, to - from), begin == 0 && from == 0});
    });
  });
  return pieces;
}

const AddedToken* AddedTokens::token(TokenId id) const {
  const auto found = tokens_.find(id);
  return found == tokens_.end() ? nullptr : &found->second;
}

TokenId AddedTokens::find(std::string_view content) const {
  const auto found = ids_.find(content);
  return found == ids_.end() ? -1 : found->second;
}

}  // namespace cinescribe::text
