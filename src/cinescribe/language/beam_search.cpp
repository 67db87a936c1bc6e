#include "cinescribe/language/beam_search.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace cinescribe::language {

namespace {

/// What the reference adds to scores that must not win. In f32 it swallows the score, so the order among such entries
/// is that of their places, here as there.
constexpr float kOut = -1.0e9F;

/// Indices of the `count` highest scores, best first; of equal ones the earlier.
std::vector<std::size_t> best_of(const std::vector<float>& scores, std::size_t count) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  order.resize(std::min(count, order.size()));
  return order;
}

std::size_t candidates_to_keep(const GenerationOptions& options) {
  return std::max<std::size_t>(2, 1 + options.eos_ids.size()) * static_cast<std::size_t>(options.num_beams);
}

}  // namespace

VectorisedBeamSearch::VectorisedBeamSearch(const GenerationOptions& options, std::span<const TokenId> prompt_ids,
                                           std::int64_t max_new_tokens, StopCheck stop)
    : beams_(static_cast<std::size_t>(options.num_beams)),
      returned_(static_cast<std::size_t>(options.num_return_sequences)),
      length_penalty_(options.length_penalty),
      early_stopping_(options.early_stopping),
      is_sampling_(options.do_sample),
      keep_at_least_(options.eos_ids.empty() ? 2 : static_cast<int>(options.eos_ids.size()) + 1),
      max_new_tokens_(max_new_tokens),
      processors_(options, static_cast<std::int64_t>(prompt_ids.size())),
      stop_(std::move(stop)),
      random_(options.seed, 0),
      top_(candidates_to_keep(options)),
      running_(beams_),
      slots_(beams_) {
  if (processors_.is_active()) prompt_.assign(prompt_ids.begin(), prompt_ids.end());
  for (std::size_t i = 1; i < beams_; ++i) running_[i].score = kOut;  // all beams start alike: only one may speak
  for (Slot& slot : slots_) slot.beam.score = kOut;
}

Status VectorisedBeamSearch::advance(std::span<const std::span<const float>> logits) {
  if (logits.size() != (generated_ == 0 ? 1U : next_.size())) {
    return Error{ErrorCode::kInternal, "the search got logits of another number of rows than it asked for"};
  }
  CINESCRIBE_TRY(score_beams(logits));
  const std::vector<Continuation> continuations = extend(logits);
  keep_running(continuations);
  keep_finished(continuations);
  ++generated_;
  is_improvement_possible_ = is_improvement_possible_ && can_improve();
  const bool can_go_on = std::any_of(continuations.begin(), continuations.end(),
                                     [](const Continuation& each) { return !each.reason.has_value(); });
  const bool is_full = early_stopping_ == EarlyStopping::kYes && are_slots_full();
  if (!is_improvement_possible_ || is_full || !can_go_on) next_.clear();
  return {};
}

Status VectorisedBeamSearch::score_beams(std::span<const std::span<const float>> logits) {
  norms_.clear();
  for (const auto& row : logits) {
    const auto norm = softmax_norm(row);
    if (!norm)
      return Error{ErrorCode::kInternal, "the language model's output is not a number; its weights are damaged"};
    norms_.push_back(*norm);
  }
  top_.clear();
  for (std::size_t i = 0; i < running_.size(); ++i) score_beam(i, logits[generated_ == 0 ? 0 : i]);
  return {};
}

void VectorisedBeamSearch::score_beam(std::size_t index, std::span<const float> logits) {
  scores_.resize(logits.size());
  log_softmax(logits, norms_[generated_ == 0 ? 0 : index], scores_);
  if (processors_.is_active()) {
    history_ = prompt_;
    history_.insert(history_.end(), running_[index].ids.begin(), running_[index].ids.end());
    processors_.apply(history_, scores_);
  }
  const float base = running_[index].score;
  if (!is_sampling_) {
    top_.add_beam(static_cast<int>(index), base, scores_);
    return;
  }
  processors_.warp(scores_, keep_at_least_);
  for (std::size_t token = 0; token < scores_.size(); ++token) {
    if (std::isinf(scores_[token])) continue;
    const float score = scores_[token] + base;
    top_.add(
        {score, static_cast<double>(score) + random_.gumbel(), static_cast<int>(index), static_cast<TokenId>(token)});
  }
}

std::vector<VectorisedBeamSearch::Continuation> VectorisedBeamSearch::extend(
    std::span<const std::span<const float>> logits) {
  std::vector<Continuation> continuations;
  shown_.clear();
  for (const Candidate& candidate : top_.take()) {
    const auto parent = static_cast<std::size_t>(candidate.beam);
    const std::size_t row = generated_ == 0 ? 0 : parent;
    Continuation next{running_[parent], candidate.beam, {}};
    next.beam.ids.push_back(candidate.token);
    next.beam.logprobs.push_back(norms_[row].log_probability(logits[row][static_cast<std::size_t>(candidate.token)]));
    next.beam.score = candidate.score;
    next.reason = stop_.reason(next.beam.ids);
    shown_.push_back({candidate.score, candidate.beam, candidate.token});
    continuations.push_back(std::move(next));
  }
  return continuations;
}

void VectorisedBeamSearch::keep_running(const std::vector<Continuation>& continuations) {
  std::vector<float> scores;
  scores.reserve(continuations.size());
  for (const Continuation& each : continuations) scores.push_back(each.beam.score + (each.reason ? kOut : 0.0F));
  std::vector<Beam> running;
  next_.clear();
  for (const std::size_t i : best_of(scores, beams_)) {
    running.push_back(continuations[i].beam);
    running.back().score = scores[i];
    next_.push_back({generated_ == 0 ? 0 : continuations[i].parent, continuations[i].beam.ids.back()});
  }
  running_ = std::move(running);
}

void VectorisedBeamSearch::keep_finished(const std::vector<Continuation>& continuations) {
  const auto divisor = static_cast<float>(std::pow(static_cast<double>(generated_ + 1), length_penalty_));
  const bool is_closed = early_stopping_ == EarlyStopping::kYes && are_slots_full();
  std::vector<Slot> merged = slots_;
  for (std::size_t rank = 0; rank < continuations.size(); ++rank) {
    const Continuation& each = continuations[rank];
    const bool has_finished = each.reason.has_value() && rank < beams_;
    Slot slot{each.beam, has_finished, each.reason.value_or(FinishReason::kLength)};
    slot.beam.score /= divisor;
    if (is_closed) slot.beam.score += kOut;
    if (!is_improvement_possible_) slot.beam.score += kOut;
    if (!has_finished) slot.beam.score += kOut;
    merged.push_back(std::move(slot));
  }
  std::vector<float> scores;
  scores.reserve(merged.size());
  for (const Slot& slot : merged) scores.push_back(slot.beam.score);
  std::vector<Slot> kept;
  for (const std::size_t i : best_of(scores, beams_)) kept.push_back(std::move(merged[i]));
  slots_ = std::move(kept);
}

bool VectorisedBeamSearch::are_slots_full() const {
  return std::all_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.is_finished; });
}

bool VectorisedBeamSearch::can_improve() const {
  if (running_.empty()) return false;
  const std::int64_t length =
      early_stopping_ == EarlyStopping::kNever && length_penalty_ > 0.0 ? max_new_tokens_ : generated_;
  const float best =
      running_.front().score / static_cast<float>(std::pow(static_cast<double>(length), length_penalty_));
  const float lowest = std::min_element(slots_.begin(), slots_.end(), [](const Slot& a, const Slot& b) {
                         return a.beam.score < b.beam.score;
                       })->beam.score;
  return std::any_of(slots_.begin(), slots_.end(),
                     [&](const Slot& slot) { return best > (slot.is_finished ? lowest : kOut); });
}

std::vector<Sequence> VectorisedBeamSearch::sequences() const {
  std::vector<Sequence> out;
  for (std::size_t i = 0; i < std::min(returned_, slots_.size()); ++i) {
    const Slot& slot = slots_[i];
    out.push_back({slot.beam.ids, slot.beam.logprobs, static_cast<double>(slot.beam.score), slot.reason});
  }
  return out;
}

std::vector<Sequence> VectorisedBeamSearch::finished() const {
  std::vector<Sequence> out;
  for (const Slot& slot : slots_) {
    if (!slot.is_finished) continue;
    out.push_back({slot.beam.ids, slot.beam.logprobs, static_cast<double>(slot.beam.score), slot.reason});
  }
  return out;
}

}  // namespace cinescribe::language
