#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cinescribe/language/generation.h"

namespace cinescribe::language {

/// A continuation of a beam.
struct Candidate {
  float score = 0.0F;  ///< Cumulative.
  double key = 0.0;    ///< What candidates are ranked by: the score, or the score with noise when sampling.
  int beam = 0;
  TokenId token = 0;
};

/// The best of a stream of candidates; of equal ones those seen first. The stream (beams × vocabulary) is long and
/// hardly any of it gets in, so rejecting costs one comparison.
class TopCandidates {
 public:
  explicit TopCandidates(std::size_t capacity) : capacity_(capacity) { heap_.reserve(capacity); }

  void clear() { heap_.clear(); }

  /// Offers `scores[token] + base` for every token of a beam.
  void add_beam(int beam, float base, std::span<const float> scores);
  /// Offers one candidate.
  void add(const Candidate& candidate) {
    if (heap_.size() < capacity_ || candidate.key > heap_.front().candidate.key) insert(candidate);
  }

  /// Best first; empties the collection.
  std::vector<Candidate> take();

 private:
  struct Entry {
    Candidate candidate;
    std::uint64_t order = 0;
  };
  static bool is_better(const Entry& a, const Entry& b) {
    if (a.candidate.key != b.candidate.key) return a.candidate.key > b.candidate.key;
    return a.order < b.order;
  }
  void insert(const Candidate& candidate);

  std::size_t capacity_;
  std::uint64_t seen_ = 0;
  std::vector<Entry> heap_;  ///< The worst in front.
};

}  // namespace cinescribe::language
