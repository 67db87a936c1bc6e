#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "cinescribe/language/llama_decoder.h"

namespace cinescribe::language {

/// Who holds which part of a decoder's pool: sequence ids, and cells that are promised to running requests, so that
/// nobody runs out of room half-way. One sequence more keeps the start of the last prompt for the next ones.
class KvPool {
 public:
  /// `decoder` has `sequences` + 1 sequences.
  KvPool(std::unique_ptr<LlamaDecoder> decoder, int sequences);

  [[nodiscard]] LlamaDecoder& decoder() { return *decoder_; }
  [[nodiscard]] std::int64_t cells() const { return decoder_->cells(); }

  /// Promises room and takes sequences; the kept prompt start gives way when needed. False when there is not enough.
  bool take(std::int64_t cells, int sequences, std::vector<int>& taken);
  /// Frees what `take` gave.
  void give_back(std::int64_t cells, const std::vector<int>& sequences);
  [[nodiscard]] int free_sequences() const { return static_cast<int>(free_.size()); }

  /// Keeps the start of a prompt that `sequence` holds, if there is room beside what is promised.
  void keep_start(std::span<const TokenId> tokens, int sequence);
  [[nodiscard]] std::span<const TokenId> kept_tokens() const { return kept_; }
  [[nodiscard]] int kept_sequence() const { return kept_sequence_; }

  /// Forgets everything, after an error.
  void clear();

 private:
  void drop_kept();

  std::unique_ptr<LlamaDecoder> decoder_;
  int sequences_;
  int kept_sequence_;
  std::vector<int> free_;
  std::int64_t promised_ = 0;
  std::vector<TokenId> kept_;
};

}  // namespace cinescribe::language
