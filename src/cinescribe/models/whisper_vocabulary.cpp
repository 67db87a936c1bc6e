#include "cinescribe/models/whisper_vocabulary.h"

#include <array>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "cinescribe/core/file.h"

namespace cinescribe::models {

namespace {

constexpr std::uint64_t kLargestVocabularyBytes = 16U << 20U;
constexpr int kFirstCodeOfUnprintable = 256;
constexpr int kCodes = 256 + 68;  // 68 bytes have no printable character of their own.

/// Byte for each code point below 324, or -1.
std::array<int, kCodes> bytes_of_codes() {
  std::array<int, kCodes> bytes = {};
  bytes.fill(-1);
  int next = kFirstCodeOfUnprintable;
  for (int byte = 0; byte < 256; ++byte) {
    const bool is_printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    bytes[static_cast<std::size_t>(is_printable ? byte : next++)] = byte;
  }
  return bytes;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

Result<std::vector<std::string>> words_of_json(std::string_view text, const std::string& name) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  std::vector<std::string> words;
  if (json.is_array()) {
    words.reserve(json.size());
    for (const auto& item : json) {
      if (!item.is_string()) return Error{ErrorCode::kModel, name + " holds something that is no word"};
      words.push_back(item.get<std::string>());
    }
    return words;
  }
  return Error{ErrorCode::kModel, name + " is no JSON list of words; fetch the model again"};
}

}  // namespace

Result<std::string> decode_byte_level(std::string_view word) {
  static const std::array<int, kCodes> bytes = bytes_of_codes();
  std::string decoded;
  for (std::size_t i = 0; i < word.size(); ++i) {
    unsigned code = static_cast<unsigned char>(word[i]);
    // All characters of the spelling are below U+0144: one byte, or two in UTF-8.
    if (code >= 0xc0 && code <= 0xdf && i + 1 < word.size()) {
      const unsigned tail = static_cast<unsigned char>(word[++i]);
      code = (tail & 0xc0U) == 0x80U ? ((code & 0x1fU) << 6U) | (tail & 0x3fU) : 0xffffU;
      if (code < 0x80) code = 0xffffU;
    } else if (code >= 0x80) {
      code = 0xffffU;
    }
    if (code >= kCodes || bytes[code] < 0) {
      return Error{ErrorCode::kModel, "'" + std::string(word) + "' is not in byte-level spelling"};
    }
    decoded.push_back(static_cast<char>(bytes[code]));
  }
  return decoded;
}

Result<std::vector<std::string>> parse_whisper_vocabulary(std::string_view text, bool is_json, int n_vocab,
                                                          std::string_view name) {
  const std::string file(name);
  std::vector<std::string> words;
  if (is_json) {
    CINESCRIBE_ASSIGN(words, words_of_json(text, file));
  } else {
    words = split_lines(text);
  }
  const std::size_t spoken = n_vocab >= 51865 ? 50257 : 50256;
  if (words.size() <= spoken || words.size() > static_cast<std::size_t>(n_vocab)) {
    return Error{ErrorCode::kModel, file + " has " + std::to_string(words.size()) + " words, the model expects " +
                                        std::to_string(n_vocab) + "; fetch the model again"};
  }
  if (words[spoken] != "<|endoftext|>") {
    return Error{ErrorCode::kModel, file + ": word " + std::to_string(spoken) + " is '" + words[spoken] +
                                        "', expected <|endoftext|>; fetch the model again"};
  }
  words.resize(spoken);
  for (std::string& word : words) {
    auto decoded = decode_byte_level(word);
    if (!decoded.ok()) return decoded.error().with_context(file);
    word = *std::move(decoded);
  }
  return words;
}

Result<std::vector<std::string>> read_whisper_vocabulary(const std::filesystem::path& folder, int n_vocab) {
  for (const char* name : {"vocabulary.json", "vocabulary.txt"}) {
    const std::filesystem::path path = folder / name;
    std::error_code code;
    if (!std::filesystem::exists(path, code)) continue;
    CINESCRIBE_ASSIGN(const std::string text, read_file(path, kLargestVocabularyBytes));
    return parse_whisper_vocabulary(text, path.extension() == ".json", n_vocab, path.string());
  }
  return Error{ErrorCode::kModel, "the model folder " + folder.string() +
                                      " has neither vocabulary.json nor vocabulary.txt; fetch it again"};
}

}  // namespace cinescribe::models
