#include "cinescribe/language/top_candidates.h"

#include <algorithm>

namespace cinescribe::language {

void TopCandidates::add_beam(int beam, float base, std::span<const float> scores) {
  std::size_t token = 0;
  for (; token < scores.size() && heap_.size() < capacity_; ++token) {
    const float score = scores[token] + base;
    insert({score, static_cast<double>(score), beam, static_cast<TokenId>(token)});
  }
  if (heap_.empty()) return;
  auto threshold = static_cast<float>(heap_.front().candidate.key);  // exact: keys here are floats
  for (; token < scores.size(); ++token) {
    const float score = scores[token] + base;
    if (!(score > threshold)) continue;
    insert({score, static_cast<double>(score), beam, static_cast<TokenId>(token)});
    threshold = static_cast<float>(heap_.front().candidate.key);
  }
}

void TopCandidates::insert(const Candidate& candidate) {
  if (capacity_ == 0) return;
  if (heap_.size() == capacity_) {
    std::pop_heap(heap_.begin(), heap_.end(), is_better);
    heap_.pop_back();
  }
  heap_.push_back({candidate, seen_++});
  std::push_heap(heap_.begin(), heap_.end(), is_better);
}

std::vector<Candidate> TopCandidates::take() {
  std::sort(heap_.begin(), heap_.end(), is_better);
  std::vector<Candidate> best;
  best.reserve(heap_.size());
  for (const Entry& entry : heap_) best.push_back(entry.candidate);
  heap_.clear();
  return best;
}

}  // namespace cinescribe::language
