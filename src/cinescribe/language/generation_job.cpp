#include "cinescribe/language/generation_job.h"

#include <algorithm>
#include <utility>

namespace cinescribe::language {

Result<std::unique_ptr<GenerationJob>> GenerationJob::create(GenerationRequest request, const LlamaModel& model,
                                                             const GeneratorOptions& options, std::int64_t serial) {
  CINESCRIBE_ASSIGN(PromptRows prompt,
                    PromptRows::create(std::move(request.prompt), model.width(), model.vocabulary()));
  CINESCRIBE_ASSIGN(std::unique_ptr<Search> search,
                    Search::create(request.options, prompt.ids(), model.vocabulary(), options.detokenize));
  CINESCRIBE_ASSIGN(const std::int64_t max_new_tokens, max_new_tokens_of(request.options, prompt.size()));
  const int rows = rows_of(request.options);
  if (rows > options.max_sequences) {
    return Error{ErrorCode::kUsage, "cannot generate: " + std::to_string(rows) +
                                        " beams or draws at once, but the generator decodes " +
                                        std::to_string(options.max_sequences) + " sequences; raise its limit"};
  }
  const std::int64_t longest = prompt.size() + max_new_tokens;
  if (model.window() > 0 && longest > model.window()) {
    return Error{ErrorCode::kModel, "the prompt (" + std::to_string(prompt.size()) + " positions) and " +
                                        std::to_string(max_new_tokens) + " new tokens exceed the sliding window of " +
                                        std::to_string(model.window()) + " that " + model.name() +
                                        " asks for, and llama.cpp would ignore it; use fewer frames or tokens"};
  }
  std::unique_ptr<GenerationJob> job(new GenerationJob(std::move(prompt), std::move(search), request.id, serial));
  job->rows_ = rows;
  job->max_new_tokens_ = max_new_tokens;
  job->original_context_ = model.original_context();
  job->has_kv_cache_ = options.has_kv_cache;
  job->lanes_.resize(1);
  return job;
}

bool GenerationJob::needs_long_factors() const {
  return original_context_ > 0 && length(lanes_.front()) > original_context_;
}

std::int64_t GenerationJob::cells_needed() const {
  std::int64_t most_new = max_new_tokens_;
  if (original_context_ > 0 && !needs_long_factors()) {
    most_new = std::min(most_new, original_context_ - prompt_.size() + 1);
  }
  const std::int64_t prompts = has_kv_cache_ ? 1 : rows_;
  return prompts * prompt_.size() + rows_ * most_new;
}

bool GenerationJob::enter(KvPool& pool) {
  const std::int64_t cells = cells_needed();
  if (!pool.take(cells, rows_, sequences_)) return false;
  pool_ = &pool;
  promised_cells_ = cells;
  spares_.clear();
  for (std::size_t i = 0; i < sequences_.size(); ++i) {
    if (i < lanes_.size()) {
      lanes_[i].sequence = sequences_[i];
      lanes_[i].filled = 0;
    } else {
      spares_.push_back({sequences_[i], false});
    }
  }
  is_reading_prompt_ = has_kv_cache_ || !is_started_;
  return true;
}

void GenerationJob::leave() {
  if (pool_ == nullptr) return;
  pool_->give_back(promised_cells_, sequences_);
  sequences_.clear();
  spares_.clear();
  pool_ = nullptr;
}

std::int64_t GenerationJob::shareable() const {
  return has_kv_cache_ ? std::min(lanes_.front().filled, prompt_.size()) : 0;
}

std::int64_t GenerationJob::adopt(int sequence, std::int64_t end) {
  Lane& lane = lanes_.front();
  // The last position of a prompt is always read: its logits are needed.
  end = std::min(end, is_started_ ? prompt_.size() : prompt_.size() - 1);
  if (!is_reading_prompt_ || end <= lane.filled) return 0;
  pool_->decoder().share(sequence, lane.sequence, lane.filled, end);
  const std::int64_t saved = end - lane.filled;
  lane.filled = end;
  if (lane.filled == prompt_.size()) fork_prompt();
  return saved;
}

std::int64_t GenerationJob::common_prefix(const GenerationJob& other) {
  const auto [entry, is_new] = prefixes_.try_emplace(other.serial_, 0);
  if (is_new) entry->second = prompt_.common_prefix(other.prompt_);
  return entry->second;
}

std::int64_t GenerationJob::goal(std::size_t lane) const {
  if (is_reading_prompt_) return lane == 0 ? prompt_.size() : 0;
  return length(lanes_[lane]);
}

void GenerationJob::add_newest_rows(Step& step, std::size_t most) {
  if (is_reading_prompt_) return;
  for (std::size_t i = 0; i < lanes_.size() && step.rows.size() < most; ++i) {
    if (lanes_[i].filled + 1 == goal(i)) add_row(step, i, lanes_[i].filled);
  }
}

void GenerationJob::add_missing_rows(Step& step, std::size_t most) {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!is_reading_prompt_ && lanes_[i].filled + 1 == goal(i)) continue;  // among the newest, or no room for it
    for (std::int64_t at = lanes_[i].filled; at < goal(i) && step.rows.size() < most; ++at) add_row(step, i, at);
  }
}

void GenerationJob::add_row(Step& step, std::size_t lane, std::int64_t position) {
  const Lane& from = lanes_[lane];
  const std::int64_t generated = position - prompt_.size();
  DecoderRow row = generated < 0 ? prompt_.at(position)
                                 : DecoderRow{from.path[static_cast<std::size_t>(generated)], nullptr,
                                              static_cast<std::int32_t>(position), 0, false};
  row.sequence = from.sequence;
  row.wants_logits = position + 1 == length(from) && (!is_started_ || !is_reading_prompt_);
  step.rows.push_back(row);
  step.owners.push_back({this, lane, generated < 0 && (has_kv_cache_ || !is_started_)});
}

void GenerationJob::row_was_read(std::size_t lane, std::span<const float> logits) {
  ++lanes_[lane].filled;
  if (!logits.empty()) lanes_[lane].logits = logits;
}

Status GenerationJob::finish_step() {
  if (is_reading_prompt_) {
    if (lanes_.front().filled < prompt_.size()) return {};
    if (!is_started_) return advance();
    fork_prompt();  // read again, for the long factors: the lanes' own tokens follow
    return {};
  }
  const bool is_complete = std::none_of(lanes_.begin(), lanes_.end(), [](const Lane& l) { return l.logits.empty(); });
  if (is_complete) return advance();
  for (Lane& lane : lanes_) {  // the next submission overwrites them
    if (lane.logits.empty() || !lane.kept.empty()) continue;
    lane.kept.assign(lane.logits.begin(), lane.logits.end());
    lane.logits = lane.kept;
  }
  return {};
}

Status GenerationJob::advance() {
  std::vector<std::span<const float>> logits;
  for (const Lane& lane : lanes_) logits.push_back(lane.logits);
  CINESCRIBE_TRY(search_->advance(logits));
  is_started_ = true;
  is_reading_prompt_ = false;
  if (!search_->next_rows().empty()) relink(search_->next_rows());
  return {};
}

// The first child of a lane keeps its sequence. Every further child takes a sequence that nobody needs any more, which
// is enough: there are never more rows than sequences.
void GenerationJob::relink(std::span<const NextRow> next) {
  LlamaDecoder& decoder = pool_->decoder();
  std::vector<char> is_continued(lanes_.size(), 0);
  std::vector<Lane> fresh(next.size());
  std::vector<std::size_t> orphans;
  for (std::size_t i = 0; i < next.size(); ++i) {
    const auto parent = static_cast<std::size_t>(next[i].parent);
    fresh[i].path = lanes_[parent].path;
    fresh[i].path.push_back(next[i].token);
    fresh[i].filled = lanes_[parent].filled;
    if (is_continued[parent] == 0) {
      is_continued[parent] = 1;
      fresh[i].sequence = lanes_[parent].sequence;
    } else {
      orphans.push_back(i);
    }
  }
  for (std::size_t parent = 0; parent < lanes_.size(); ++parent) {
    if (is_continued[parent] != 0) continue;
    decoder.remove(lanes_[parent].sequence, has_kv_cache_ ? prompt_.size() : 0);
    spares_.push_back({lanes_[parent].sequence, has_kv_cache_});
  }
  for (const std::size_t i : orphans) {
    const Spare spare = spares_.back();
    spares_.pop_back();
    fresh[i].sequence = spare.sequence;
    const Lane& parent = lanes_[static_cast<std::size_t>(next[i].parent)];
    if (has_kv_cache_) {
      decoder.share(parent.sequence, spare.sequence, spare.has_prompt ? prompt_.size() : 0, parent.filled);
    }
  }
  lanes_ = std::move(fresh);
  if (has_kv_cache_) return;
  for (Lane& lane : lanes_) {  // everything is read again
    decoder.remove(lane.sequence, 0);
    lane.filled = 0;
  }
}

void GenerationJob::fork_prompt() {
  for (std::size_t i = 1; i < lanes_.size(); ++i) {
    pool_->decoder().share(lanes_.front().sequence, lanes_[i].sequence, 0, prompt_.size());
    lanes_[i].filled = prompt_.size();
  }
  is_reading_prompt_ = false;
}

}  // namespace cinescribe::language
