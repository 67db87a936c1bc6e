#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::models {

/// Turns GPT-2's byte-level spelling ("Ġhello": every byte is written as one printable character) back to raw bytes.
/// Error: kModel, for a character that stands for no byte.
/// @source openai/gpt-2 encoder.py, `bytes_to_unicode`
Result<std::string> decode_byte_level(std::string_view word);

/// The spoken words of a faster-whisper folder: raw bytes of the ids below `<|endoftext|>` (50257 of multilingual
/// models, 50256 of English-only ones), from vocabulary.json or vocabulary.txt (one word per line, line = id).
/// Errors: kModel (missing, of another size, not byte-level), kInput (unreadable).
Result<std::vector<std::string>> read_whisper_vocabulary(const std::filesystem::path& folder, int n_vocab);

/// The same from the text of one of these files; `name` stands for the file in messages.
Result<std::vector<std::string>> parse_whisper_vocabulary(std::string_view text, bool is_json, int n_vocab,
                                                          std::string_view name);

}  // namespace cinescribe::models
