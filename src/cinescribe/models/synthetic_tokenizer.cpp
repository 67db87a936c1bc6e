#include "cinescribe/models/synthetic_tokenizer.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <nlohmann/json.hpp>

namespace cinescribe::models {

namespace {

using Json = nlohmann::json;

constexpr int kLlamaSize = 32000;
constexpr const char* kSpace = "▁";

/// A fixed sequence of numbers, the same on every machine (SplitMix64).
class Sequence {
 public:
  std::size_t below(std::size_t limit) {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return static_cast<std::size_t>((z ^ (z >> 31U)) % limit);
  }

 private:
  std::uint64_t state_ = 1;
};

Json special_token(int id, const std::string& text) {
  return {{"id", id},        {"content", text},     {"single_word", false}, {"lstrip", false},
          {"rstrip", false}, {"normalized", false}, {"special", true}};
}

/// The pieces of a vocabulary, and the merges that make them.
struct Pieces {
  Json vocabulary = Json::object();
  Json merges = Json::array();
  std::unordered_map<std::string, int> ids;
  std::vector<std::string> words;  ///< Pieces that may be merged further.

  bool add(const std::string& text) {
    const int id = static_cast<int>(ids.size());
    if (!ids.emplace(text, id).second) return false;
    vocabulary[text] = id;
    return true;
  }
  void merge(const std::string& left, const std::string& right) {
    if (left.size() + right.size() > 14 || !add(left + right)) return;
    merges.push_back(left + " " + right);
    words.push_back(left + right);
  }
};

/// Frequent pairs first, so that English text needs about as many tokens as with a real vocabulary of this size.
void add_words(Pieces& pieces, std::size_t size) {
  static constexpr std::string_view kPairs =
      "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro "
      "ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so "
      "rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl";
  for (std::size_t at = 0; at + 2 <= kPairs.size(); at += 3) {
    pieces.merge(std::string(kPairs.substr(at, 1)), std::string(kPairs.substr(at + 1, 1)));
  }
  for (char letter = 'a'; letter <= 'z'; ++letter) pieces.merge(kSpace, std::string(1, letter));
  static constexpr std::array<std::pair<const char*, const char*>, 12> kCommon = {{{"▁t", "he"},
                                                                                   {"▁a", "nd"},
                                                                                   {"in", "g"},
                                                                                   {"▁o", "f"},
                                                                                   {"▁i", "n"},
                                                                                   {"▁t", "o"},
                                                                                   {"▁a", "n"},
                                                                                   {"▁i", "s"},
                                                                                   {"▁w", "h"},
                                                                                   {"▁th", "is"},
                                                                                   {"io", "n"},
                                                                                   {"▁p", "er"}}};
  for (const auto& [left, right] : kCommon) {
    if (pieces.ids.count(left) != 0 && pieces.ids.count(right) != 0) pieces.merge(left, right);
  }
  Sequence sequence;
  while (pieces.ids.size() < size) {
    // Copies: merging may move the list that they are in.
    const std::string left = pieces.words[sequence.below(pieces.words.size())];
    const std::string right = pieces.words[sequence.below(pieces.words.size())];
    if (right.rfind(kSpace, 0) != 0) pieces.merge(left, right);
  }
}

Json llama_frame(const std::string& start, int start_id) {
  const Json text = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
  const Json begin = {{"SpecialToken", {{"id", start}, {"type_id", 0}}}};
  return {{"type", "TemplateProcessing"},
          {"single", Json::array({begin, text})},
          {"pair", Json::array({begin, text, begin, {{"Sequence", {{"id", "B"}, {"type_id", 1}}}}})},
          {"special_tokens",
           {{start, {{"id", start}, {"ids", Json::array({start_id})}, {"tokens", Json::array({start})}}}}}};
}

Json llama_decoder() {
  return {{"type", "Sequence"},
          {"decoders", Json::array({{{"type", "Replace"}, {"pattern", {{"String", kSpace}}}, {"content", " "}},
                                    {{"type", "ByteFallback"}},
                                    {{"type", "Fuse"}},
                                    {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}}})}};
}

}  // namespace

std::string synthetic_llama_tokenizer(const std::vector<std::string>& added, const std::string& start) {
  Pieces pieces;
  const std::array<std::string, 3> specials = {"<unk>", "<s>", "</s>"};
  Json tokens = Json::array();
  for (const std::string& text : specials) {
    tokens.push_back(special_token(static_cast<int>(pieces.ids.size()), text));
    pieces.add(text);
  }
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "<0x%02X>", byte);
    pieces.add(text.data());
  }
  for (const std::string& base : {std::string(kSpace)}) pieces.add(base);
  for (char c = '!'; c <= '~'; ++c) pieces.add(std::string(1, c));
  add_words(pieces, kLlamaSize);
  int id = kLlamaSize;
  for (const std::string& text : added) tokens.push_back(special_token(id++, text));
  const Json normalizers = Json::array({{{"type", "Prepend"}, {"prepend", kSpace}},
                                        {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", kSpace}}});
  const Json json = {{"version", "1.0"},
                     {"truncation", nullptr},
                     {"padding", nullptr},
                     {"added_tokens", tokens},
                     {"normalizer", {{"type", "Sequence"}, {"normalizers", normalizers}}},
                     {"pre_tokenizer", nullptr},
                     {"post_processor", llama_frame(start, pieces.ids.at(start))},
                     {"decoder", llama_decoder()},
                     {"model",
                      {{"type", "BPE"},
                       {"dropout", nullptr},
                       {"unk_token", "<unk>"},
                       {"continuing_subword_prefix", nullptr},
                       {"end_of_word_suffix", nullptr},
                       {"fuse_unk", true},
                       {"byte_fallback", true},
                       {"vocab", std::move(pieces.vocabulary)},
                       {"merges", std::move(pieces.merges)}}}};
  return json.dump();
}

std::string synthetic_bert_tokenizer(int rows) {
  Json vocabulary = Json::object();
  Json tokens = Json::array();
  const auto add = [&vocabulary](const std::string& text) {
    const auto id = static_cast<int>(vocabulary.size());
    if (!vocabulary.contains(text)) vocabulary[text] = id;
  };
  // BERT's own places of the special tokens; what lies between is unused there, too.
  add("[PAD]");
  for (int i = 1; i < 100; ++i) add("[unused" + std::to_string(i) + "]");
  for (const char* text : {"[UNK]", "[CLS]", "[SEP]", "[MASK]"}) {
    tokens.push_back(special_token(static_cast<int>(vocabulary.size()), text));
    add(text);
  }
  for (char c = '!'; c <= '~'; ++c) {
    if (c < 'A' || c > 'Z') add(std::string(1, c));
  }
  for (char c = 'a'; c <= 'z'; ++c) add("##" + std::string(1, c));
  for (int i = 0; static_cast<int>(vocabulary.size()) < rows - 1; ++i) add("##w" + std::to_string(i));
  tokens.push_back(special_token(rows - 1, "[DEC]"));
  const auto frame = [](const char* text, int id) {
    return Json{{"id", text}, {"ids", Json::array({id})}, {"tokens", Json::array({text})}};
  };
  const Json single = Json::array({{{"SpecialToken", {{"id", "[CLS]"}, {"type_id", 0}}}},
                                   {{"Sequence", {{"id", "A"}, {"type_id", 0}}}},
                                   {{"SpecialToken", {{"id", "[SEP]"}, {"type_id", 0}}}}});
  const Json json = {{"version", "1.0"},
                     {"truncation", nullptr},
                     {"padding", nullptr},
                     {"added_tokens", tokens},
                     {"normalizer",
                      {{"type", "BertNormalizer"},
                       {"clean_text", true},
                       {"handle_chinese_chars", true},
                       {"strip_accents", nullptr},
                       {"lowercase", true}}},
                     {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
                     {"post_processor",
                      {{"type", "TemplateProcessing"},
                       {"single", single},
                       {"pair", single},
                       {"special_tokens", {{"[CLS]", frame("[CLS]", 101)}, {"[SEP]", frame("[SEP]", 102)}}}}},
                     {"decoder", {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}}},
                     {"model",
                      {{"type", "WordPiece"},
                       {"unk_token", "[UNK]"},
                       {"continuing_subword_prefix", "##"},
                       {"max_input_chars_per_word", 100},
                       {"vocab", std::move(vocabulary)}}}};
  return json.dump();
}

}  // namespace cinescribe::models
