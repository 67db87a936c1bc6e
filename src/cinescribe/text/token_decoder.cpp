#include "cinescribe/text/token_decoder.h"

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "cinescribe/text/normalizer_chain.h"
#include "cinescribe/text/utf8.h"

namespace cinescribe::text {
namespace {

using Tokens = std::vector<std::string>;

constexpr int kMaxDepth = 8;
constexpr const char* kReplacement = "\xEF\xBF\xBD";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// The byte that a token such as <0x0A> stands for.
std::optional<char> byte_of(const std::string& token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return std::nullopt;
  const int high = token[3] == '+' ? 0 : hex_digit(token[3]);  // the reference's number parser takes a sign
  const int low = hex_digit(token[4]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(static_cast<std::uint8_t>(high * 16 + low));
}

/// A run of bytes is text only as a whole: one wrong byte turns every byte of the run into U+FFFD.
Tokens bytes_joined(Tokens tokens) {
  Tokens result;
  std::string run;
  const auto end_run = [&] {
    if (run.empty()) return;
    if (is_valid_utf8(run)) {
      result.push_back(run);
    } else {
      for (std::size_t i = 0; i < run.size(); ++i) result.emplace_back(kReplacement);
    }
    run.clear();
  };
  for (std::string& token : tokens) {
    if (const auto byte = byte_of(token)) {
      run.push_back(*byte);
    } else {
      end_run();
      result.push_back(std::move(token));
    }
  }
  end_run();
  return result;
}

std::string joined(const Tokens& tokens, std::string_view between) {
  std::string text;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0) text.append(between);
    text.append(tokens[i]);
  }
  return text;
}

void strip(std::string& token, const std::string& content, int start, int stop) {
  for (int i = 0; i < start && token.starts_with(content); ++i) token.erase(0, content.size());
  for (int i = 0; i < stop && token.ends_with(content); ++i) token.resize(token.size() - content.size());
}

/// Marks become spaces, but in the first token they go.
void unmark(Tokens& tokens, const Metaspace& metaspace) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool goes = i == 0 && metaspace.scheme != PrependScheme::kNever;
    tokens[i] = replaced(tokens[i], metaspace.mark, goes ? "" : " ");
  }
}

Result<int> count_member(const Json& component, const char* key) {
  const Json* value = member(component, key);
  if (value == nullptr || !value->is_number_integer() || value->get<std::int64_t>() < 0 ||
      value->get<std::int64_t>() > 1000) {
    return Error{ErrorCode::kModel, "'" + std::string(key) + "' of a Strip decoder is no number from 0 to 1000"};
  }
  return value->get<int>();
}

}  // namespace

Result<TokenDecoder> TokenDecoder::parse(const Json* decoder) {
  TokenDecoder result;
  if (decoder == nullptr) {
    result.joins_with_spaces_ = true;
  } else {
    CINESCRIBE_TRY(result.add(*decoder, 0));
  }
  return result;
}

TokenDecoder TokenDecoder::llama(bool strips_leading_space) {
  TokenDecoder result;
  result.steps_ = {Replace{Metaspace().mark, " "}, ByteFallback{}, Fuse{}};
  if (strips_leading_space) result.steps_.emplace_back(Strip{" ", 1, 0});
  return result;
}

Status TokenDecoder::add(const Json& decoder, int depth) {
  const std::string type = type_of(decoder);
  if (type == "Sequence") {
    const Json* list = member(decoder, "decoders");
    if (list == nullptr || !list->is_array() || depth >= kMaxDepth) {
      return Error{ErrorCode::kModel, "a sequence of decoders is no list, or nested too deeply"};
    }
    for (const Json& part : *list) CINESCRIBE_TRY(add(part, depth + 1));
  } else if (type == "Replace") {
    CINESCRIBE_ASSIGN(std::string pattern, replace_pattern(decoder));
    CINESCRIBE_ASSIGN(std::string content, text_member(decoder, "content", ""));
    steps_.emplace_back(Replace{std::move(pattern), std::move(content)});
  } else if (type == "ByteFallback") {
    steps_.emplace_back(ByteFallback{});
  } else if (type == "Fuse") {
    steps_.emplace_back(Fuse{});
  } else if (type == "Strip") {
    Strip step;
    CINESCRIBE_ASSIGN(step.content, text_member(decoder, "content", ""));
    if (step.content.empty()) return Error{ErrorCode::kModel, "a Strip decoder has no content"};
    CINESCRIBE_ASSIGN(step.start, count_member(decoder, "start"));
    CINESCRIBE_ASSIGN(step.stop, count_member(decoder, "stop"));
    steps_.emplace_back(std::move(step));
  } else if (type == "Metaspace") {
    CINESCRIBE_ASSIGN(Metaspace metaspace, parse_metaspace(decoder));
    steps_.emplace_back(std::move(metaspace));
  } else {
    return unsupported("a decoder", type);
  }
  return {};
}

std::string TokenDecoder::decode(Tokens tokens) const {
  if (joins_with_spaces_) return joined(tokens, " ");
  for (const Step& step : steps_) {
    if (const auto* replace = std::get_if<Replace>(&step)) {
      for (std::string& token : tokens) token = replaced(token, replace->pattern, replace->content);
    } else if (std::holds_alternative<ByteFallback>(step)) {
      tokens = bytes_joined(std::move(tokens));
    } else if (std::holds_alternative<Fuse>(step)) {
      tokens = {joined(tokens, "")};
    } else if (const auto* ends = std::get_if<Strip>(&step)) {
      for (std::string& token : tokens) strip(token, ends->content, ends->start, ends->stop);
    } else if (const auto* metaspace = std::get_if<Metaspace>(&step)) {
      unmark(tokens, *metaspace);
    }
  }
  return joined(tokens, "");
}

std::string without_tokenization_spaces(std::string text) {
  constexpr std::array<std::pair<const char*, const char*>, 10> kReplacements = {{{" .", "."},
                                                                                  {" ?", "?"},
                                                                                  {" !", "!"},
                                                                                  {" ,", ","},
                                                                                  {" ' ", "'"},
                                                                                  {" n't", "n't"},
                                                                                  {" 'm", "'m"},
                                                                                  {" 's", "'s"},
                                                                                  {" 've", "'ve"},
                                                                                  {" 're", "'re"}}};
  for (const auto& [from, to] : kReplacements) text = replaced(text, from, to);
  return text;
}

}  // namespace cinescribe::text
