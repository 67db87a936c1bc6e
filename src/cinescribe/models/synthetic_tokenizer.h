#pragma once

#include <string>
#include <vector>

namespace cinescribe::models {

/// A made-up tokenizer.json in the format and of the size of LLaMA's: three special tokens, 256 bytes, then characters
/// and pieces up to 32000, then `added` (all special). `start`: the token before a text.
std::string synthetic_llama_tokenizer(const std::vector<std::string>& added, const std::string& start);

/// A made-up tokenizer.json of BERT's kind with `rows` entries, the last of which is [DEC].
std::string synthetic_bert_tokenizer(int rows);

}  // namespace cinescribe::models
