#include "cinescribe/language/token_search.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cinescribe/language/log_softmax.h"

namespace cinescribe::language {

TokenSearch::TokenSearch(const GenerationOptions& options, std::span<const TokenId> prompt_ids, StopCheck stop)
    : is_sampling_(options.do_sample),
      processors_(options, static_cast<std::int64_t>(prompt_ids.size())),
      stop_(std::move(stop)) {
  for (int i = 0; i < rows_of(options); ++i) {
    tracks_.push_back({{}, {}, RandomStream(options.seed, static_cast<std::uint64_t>(i))});
    if (processors_.is_active()) tracks_.back().history.assign(prompt_ids.begin(), prompt_ids.end());
    live_.push_back(static_cast<std::size_t>(i));
  }
}

Status TokenSearch::advance(std::span<const std::span<const float>> logits) {
  if (logits.size() != (is_started_ ? next_.size() : 1U)) {
    return Error{ErrorCode::kInternal, "the search got logits of another number of rows than it asked for"};
  }
  std::vector<std::size_t> still_live;
  std::vector<NextRow> next;
  for (std::size_t i = 0; i < live_.size(); ++i) {
    const std::size_t row = is_started_ ? i : 0;  // the prompt's row serves all draws
    const auto norm = softmax_norm(logits[row]);
    if (!norm)
      return Error{ErrorCode::kInternal, "the language model's output is not a number; its weights are damaged"};
    Track& track = tracks_[live_[i]];
    const TokenId token = choose(track, logits[row]);
    track.sequence.ids.push_back(token);
    track.sequence.logprobs.push_back(norm->log_probability(logits[row][static_cast<std::size_t>(token)]));
    if (processors_.is_active()) track.history.push_back(token);
    if (const auto reason = stop_.reason(track.sequence.ids)) {
      track.sequence.finish = *reason;
      continue;
    }
    still_live.push_back(live_[i]);
    next.push_back({static_cast<int>(row), token});
  }
  live_ = std::move(still_live);
  next_ = std::move(next);
  is_started_ = true;
  return {};
}

TokenId TokenSearch::choose(Track& track, std::span<const float> logits) {
  if (!is_sampling_ && !processors_.is_active()) {
    return static_cast<TokenId>(std::max_element(logits.begin(), logits.end()) - logits.begin());
  }
  scores_.assign(logits.begin(), logits.end());
  if (processors_.is_active()) processors_.apply(track.history, scores_);
  if (!is_sampling_) {
    return static_cast<TokenId>(std::max_element(scores_.begin(), scores_.end()) - scores_.begin());
  }
  processors_.warp(scores_, 1);
  return draw(track);
}

TokenId TokenSearch::draw(Track& track) const {
  const double highest = static_cast<double>(*std::max_element(scores_.begin(), scores_.end()));
  const double at = track.random.uniform();
  if (std::isinf(highest)) return 0;  // everything is banned, as greedy search would say
  double sum = 0.0;
  for (const float score : scores_) sum += std::exp(static_cast<double>(score) - highest);
  double cumulative = 0.0;
  std::size_t last_possible = 0;
  for (std::size_t i = 0; i < scores_.size(); ++i) {
    const double weight = std::exp(static_cast<double>(scores_[i]) - highest);
    if (weight == 0.0) continue;
    last_possible = i;
    cumulative += weight;
    if (cumulative > at * sum) break;
  }
  return static_cast<TokenId>(last_possible);
}

std::vector<Sequence> TokenSearch::sequences() const {
  std::vector<Sequence> out;
  out.reserve(tracks_.size());
  for (const Track& track : tracks_) out.push_back(track.sequence);
  return out;
}

}  // namespace cinescribe::language
