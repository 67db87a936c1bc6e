#include "cinescribe/speech/hypotheses.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

namespace cinescribe::speech {

HypothesisSearch::HypothesisSearch(const DenseKernels& kernels, const TokenRules& rules, const SearchOptions& options)
    : kernels_(kernels), rules_(rules), options_(options), live_(1), random_(options.seed) {}

const Hypothesis& HypothesisSearch::best() const {
  return *std::max_element(finished_.begin(), finished_.end(),
                           [](const Hypothesis& a, const Hypothesis& b) { return a.score() < b.score(); });
}

void HypothesisSearch::advance(std::span<float> logits, std::size_t n_vocab) {
  if (!is_first_) {
    for (std::size_t i = 0; i < live_.size(); ++i) live_[i].slots.push_back(static_cast<std::uint8_t>(i));
  }
  if (options_.temperature <= 0.0 && options_.beams > 1) {
    advance_beams(logits, n_vocab);
  } else {
    advance_single(logits, n_vocab);
  }
  is_first_ = false;
  const bool is_long = !live_.empty() && live_.front().tokens.size() >= options_.most_tokens;
  const bool has_enough = options_.temperature <= 0.0 && options_.beams > 1 && finished_.size() >= options_.beams;
  if (is_long || has_enough) {
    // Texts that were cut off count only when no other has ended.
    if (finished_.empty()) finished_ = std::move(live_);
    live_.clear();
  }
}

float HypothesisSearch::prepare(std::span<float> logits, const Hypothesis& text) {
  if (options_.temperature > 0.0) {
    const auto inverse = static_cast<float>(1.0 / options_.temperature);
    for (float& logit : logits) logit *= inverse;
  }
  rules_.apply(logits, text.tokens, options_.has_marks);
  float largest = 0.0F;
  double sum = 0.0;
  kernels_.log_sum_parts(logits.data(), logits.size(), &largest, &sum);
  return largest + static_cast<float>(std::log(sum));
}

Hypothesis HypothesisSearch::extended(const Hypothesis& parent, const Candidate& candidate) {
  Hypothesis text = parent;
  text.tokens.push_back(candidate.token);
  text.logprobs.push_back(candidate.logprob);
  text.logprob_sum = candidate.sum;
  return text;
}

void HypothesisSearch::advance_beams(std::span<float> logits, std::size_t n_vocab) {
  // One more than the beams from each: the end of the text takes no place among the texts that go on.
  const std::size_t wanted = options_.beams + 1;
  std::vector<Candidate> candidates;
  std::vector<std::pair<float, int>> top;
  for (std::size_t i = 0; i < live_.size(); ++i) {
    const auto row = logits.subspan(i * n_vocab, n_vocab);
    const float offset = prepare(row, live_[i]);
    top.clear();
    float lowest = -std::numeric_limits<float>::infinity();
    for (std::size_t id = 0; id < n_vocab; ++id) {
      if (!(row[id] > lowest)) continue;
      top.emplace_back(row[id], static_cast<int>(id));
      std::push_heap(top.begin(), top.end(), std::greater<>());
      if (top.size() > wanted) {
        std::pop_heap(top.begin(), top.end(), std::greater<>());
        top.pop_back();
      }
      if (top.size() == wanted) lowest = top.front().first;
    }
    for (const auto& [logit, id] : top) {
      const float logprob = logit - offset;
      candidates.push_back({i, id, logprob, live_[i].logprob_sum + static_cast<double>(logprob)});
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.sum > b.sum; });
  std::vector<Hypothesis> next;
  for (std::size_t rank = 0; rank < candidates.size() && next.size() < options_.beams; ++rank) {
    const Candidate& candidate = candidates[rank];
    const Hypothesis& parent = live_[candidate.parent];
    if (candidate.token != rules_.ids().end_of_text) {
      next.push_back(extended(parent, candidate));
    } else if (rank < options_.beams) {
      finished_.push_back(parent);
      finished_.back().logprob_sum = candidate.sum;
    }
  }
  // Without any candidate (a model that says nothing but NaN) the texts end here.
  if (next.empty() && finished_.empty()) finished_ = std::move(live_);
  live_ = std::move(next);
}

int HypothesisSearch::choose(std::span<const float> logits, float offset) {
  if (options_.temperature > 0.0) {
    double left = std::uniform_real_distribution<double>(0.0, 1.0)(random_);
    for (std::size_t id = 0; id < logits.size(); ++id) {
      left -= std::exp(static_cast<double>(logits[id] - offset));
      if (left < 0.0) return static_cast<int>(id);
    }
  }
  return static_cast<int>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

void HypothesisSearch::advance_single(std::span<float> logits, std::size_t n_vocab) {
  const bool draws = options_.temperature > 0.0;
  std::vector<Hypothesis> next;
  const auto extend = [&](const Hypothesis& parent, std::span<const float> row, float offset) {
    const int token = choose(row, offset);
    const float logprob = row[static_cast<std::size_t>(token)] - offset;
    const Candidate candidate{0, token, logprob, parent.logprob_sum + static_cast<double>(logprob)};
    if (token == rules_.ids().end_of_text) {
      finished_.push_back(parent);
      finished_.back().logprob_sum = candidate.sum;
    } else {
      next.push_back(extended(parent, candidate));
    }
  };
  for (std::size_t i = 0; i < live_.size(); ++i) {
    const auto row = logits.subspan(i * n_vocab, n_vocab);
    const float offset = prepare(row, live_[i]);
    const std::size_t copies = is_first_ && draws ? std::max<std::size_t>(1, options_.candidates) : 1;
    for (std::size_t copy = 0; copy < copies; ++copy) extend(live_[i], row, offset);
  }
  live_ = std::move(next);
}

}  // namespace cinescribe::speech
