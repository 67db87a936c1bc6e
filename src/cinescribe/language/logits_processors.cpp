#include "cinescribe/language/logits_processors.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace cinescribe::language {

namespace {

constexpr float kBanned = -std::numeric_limits<float>::infinity();

bool is_token(TokenId id, std::span<const float> scores) {
  return id >= 0 && static_cast<std::size_t>(id) < scores.size();
}

}  // namespace

LogitsProcessors::LogitsProcessors(const GenerationOptions& options, std::int64_t prompt_length)
    : repetition_penalty_(options.repetition_penalty),
      no_repeat_ngram_size_(options.no_repeat_ngram_size),
      end_allowed_from_(std::max<std::int64_t>(
          options.min_length, options.min_new_tokens > 0 ? prompt_length + options.min_new_tokens : 0)),
      temperature_(options.temperature),
      top_k_(options.top_k),
      top_p_(options.top_p),
      eos_ids_(options.eos_ids) {}

bool LogitsProcessors::is_active() const {
  return repetition_penalty_ != 1.0 || no_repeat_ngram_size_ > 0 || (end_allowed_from_ > 0 && !eos_ids_.empty());
}

void LogitsProcessors::apply(std::span<const TokenId> ids, std::span<float> scores) {
  if (repetition_penalty_ != 1.0) penalise_repetition(ids, scores);
  if (no_repeat_ngram_size_ > 0) ban_ngrams(ids, scores);
  ban_end(ids, scores);
}

void LogitsProcessors::penalise_repetition(std::span<const TokenId> ids, std::span<float> scores) {
  const auto penalty = static_cast<float>(repetition_penalty_);
  is_seen_.resize(scores.size(), 0);
  for (const TokenId id : ids) {
    if (!is_token(id, scores) || is_seen_[static_cast<std::size_t>(id)] != 0) continue;
    is_seen_[static_cast<std::size_t>(id)] = 1;
    float& score = scores[static_cast<std::size_t>(id)];
    score = score < 0.0F ? score * penalty : score / penalty;
  }
  for (const TokenId id : ids) {
    if (is_token(id, scores)) is_seen_[static_cast<std::size_t>(id)] = 0;
  }
}

void LogitsProcessors::ban_ngrams(std::span<const TokenId> ids, std::span<float> scores) const {
  const auto size = static_cast<std::size_t>(no_repeat_ngram_size_);
  if (ids.size() + 1 < size) return;
  const std::span<const TokenId> prefix = ids.last(size - 1);
  for (std::size_t start = 0; start + size <= ids.size(); ++start) {
    if (!std::equal(prefix.begin(), prefix.end(), ids.begin() + static_cast<std::ptrdiff_t>(start))) continue;
    const TokenId id = ids[start + size - 1];
    if (is_token(id, scores)) scores[static_cast<std::size_t>(id)] = kBanned;
  }
}

void LogitsProcessors::ban_end(std::span<const TokenId> ids, std::span<float> scores) const {
  if (static_cast<std::int64_t>(ids.size()) >= end_allowed_from_) return;
  for (const TokenId id : eos_ids_) {
    if (is_token(id, scores)) scores[static_cast<std::size_t>(id)] = kBanned;
  }
}

void LogitsProcessors::warp(std::span<float> scores, int keep_at_least) {
  if (temperature_ != 1.0) {
    const auto temperature = static_cast<float>(temperature_);
    for (float& score : scores) score /= temperature;
  }
  if (top_k_ > 0) keep_top_k(scores, keep_at_least);
  if (top_p_ < 1.0) keep_top_p(scores, keep_at_least);
}

void LogitsProcessors::keep_top_k(std::span<float> scores, int keep_at_least) {
  const auto keep = static_cast<std::size_t>(std::max(top_k_, keep_at_least));
  if (keep >= scores.size()) return;
  sorted_.assign(scores.begin(), scores.end());
  const auto last_kept = sorted_.begin() + static_cast<std::ptrdiff_t>(keep) - 1;
  std::nth_element(sorted_.begin(), last_kept, sorted_.end(), std::greater<>());
  const float threshold = *last_kept;
  for (float& score : scores) {
    if (score < threshold) score = kBanned;
  }
}

void LogitsProcessors::keep_top_p(std::span<float> scores, int keep_at_least) {
  order_.clear();
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] != kBanned) order_.push_back(static_cast<TokenId>(i));
  }
  if (order_.empty()) return;
  const auto score_of = [&](TokenId id) { return scores[static_cast<std::size_t>(id)]; };
  std::stable_sort(order_.begin(), order_.end(), [&](TokenId a, TokenId b) { return score_of(a) < score_of(b); });
  const double highest = static_cast<double>(score_of(order_.back()));
  double sum = 0.0;
  for (const TokenId id : order_) sum += std::exp(static_cast<double>(score_of(id)) - highest);
  const std::size_t may_go = order_.size() - std::min(order_.size(), static_cast<std::size_t>(keep_at_least));
  double cumulative = 0.0;
  for (std::size_t i = 0; i < may_go; ++i) {
    cumulative += std::exp(static_cast<double>(score_of(order_[i])) - highest) / sum;
    if (cumulative > 1.0 - top_p_) break;
    scores[static_cast<std::size_t>(order_[i])] = kBanned;
  }
}

}  // namespace cinescribe::language
