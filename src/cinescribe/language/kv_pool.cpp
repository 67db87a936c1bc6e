#include "cinescribe/language/kv_pool.h"

#include <algorithm>
#include <utility>

namespace cinescribe::language {

KvPool::KvPool(std::unique_ptr<LlamaDecoder> decoder, int sequences)
    : decoder_(std::move(decoder)), sequences_(sequences), kept_sequence_(sequences) {
  for (int i = sequences - 1; i >= 0; --i) free_.push_back(i);
}

bool KvPool::take(std::int64_t cells, int sequences, std::vector<int>& taken) {
  const auto count = static_cast<std::size_t>(sequences);
  if (free_.size() < count || promised_ + cells > decoder_->cells()) return false;
  if (promised_ + cells + static_cast<std::int64_t>(kept_.size()) > decoder_->cells()) drop_kept();
  promised_ += cells;
  for (std::size_t i = 0; i < count; ++i) {
    taken.push_back(free_.back());
    free_.pop_back();
  }
  return true;
}

void KvPool::give_back(std::int64_t cells, const std::vector<int>& sequences) {
  promised_ -= cells;
  for (const int sequence : sequences) {
    decoder_->remove(sequence, 0);
    free_.push_back(sequence);
  }
}

void KvPool::keep_start(std::span<const TokenId> tokens, int sequence) {
  constexpr std::size_t kLongest = 512;
  tokens = tokens.first(std::min(tokens.size(), kLongest));
  if (tokens.empty() || std::equal(tokens.begin(), tokens.end(), kept_.begin(), kept_.end())) return;
  drop_kept();
  if (promised_ + static_cast<std::int64_t>(tokens.size()) > decoder_->cells()) return;
  decoder_->share(sequence, kept_sequence_, 0, static_cast<std::int64_t>(tokens.size()));
  kept_.assign(tokens.begin(), tokens.end());
}

void KvPool::drop_kept() {
  if (kept_.empty()) return;
  decoder_->remove(kept_sequence_, 0);
  kept_.clear();
}

void KvPool::clear() {
  decoder_->clear();
  kept_.clear();
  promised_ = 0;
  free_.clear();
  for (int i = sequences_ - 1; i >= 0; --i) free_.push_back(i);
}

}  // namespace cinescribe::language
