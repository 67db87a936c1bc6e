#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "cinescribe/language/generator.h"
#include "cinescribe/language/kv_pool.h"
#include "cinescribe/language/prompt_rows.h"
#include "cinescribe/language/search.h"

namespace cinescribe::language {

/// A running request: its search, and its sequences in a pool of keys and values.
///
/// The prompt is read once into the first sequence and shared with the others. From then on every row of the search is
/// a lane: a sequence that holds the prompt and the row's tokens. When beams change places, sequences change owners and
/// cells change sequences; nothing is copied.
class GenerationJob {
 public:
  /// A row of a step, and whom it belongs to.
  struct StepRow {
    GenerationJob* job = nullptr;
    std::size_t lane = 0;
    bool is_prefill = false;
  };
  struct Step {
    std::vector<DecoderRow> rows;
    std::vector<StepRow> owners;  ///< One per row.
  };

  /// Errors: kUsage (options or prompt), kModel (longer than the model's sliding window).
  static Result<std::unique_ptr<GenerationJob>> create(GenerationRequest request, const LlamaModel& model,
                                                       const GeneratorOptions& options, std::int64_t serial);

  [[nodiscard]] std::int64_t id() const { return id_; }
  [[nodiscard]] std::int64_t serial() const { return serial_; }
  [[nodiscard]] const PromptRows& prompt() const { return prompt_; }
  [[nodiscard]] int rows() const { return rows_; }
  [[nodiscard]] bool is_finished() const { return is_started_ && search_->next_rows().empty(); }
  /// Whether the next step reads sequences that need the long RoPE factors.
  [[nodiscard]] bool needs_long_factors() const;
  /// Cells that the job may come to need in a pool with its present factors.
  [[nodiscard]] std::int64_t cells_needed() const;

  /// Takes room in a pool; false when there is not enough.
  bool enter(KvPool& pool);
  /// Gives its room back. What was read is forgotten; tokens stay.
  void leave();

  /// The prompt start that other jobs may share, and the sequence that holds it.
  [[nodiscard]] std::int64_t shareable() const;
  [[nodiscard]] int first_sequence() const { return lanes_.front().sequence; }
  /// Whether only the prompt is being read, so far up to here.
  [[nodiscard]] bool is_reading_prompt() const { return is_reading_prompt_; }
  [[nodiscard]] std::int64_t prompt_read() const { return lanes_.front().filled; }
  /// Uses positions up to `end` that `sequence` holds instead of reading them. Returns how many are saved.
  std::int64_t adopt(int sequence, std::int64_t end);
  /// Positions that this job's prompt and another's have in common; remembered per job.
  std::int64_t common_prefix(const GenerationJob& other);

  /// Adds the newest position of every lane that lacks only this one.
  void add_newest_rows(Step& step, std::size_t most);
  /// Adds missing positions until the step has `most` rows.
  void add_missing_rows(Step& step, std::size_t most);
  /// Row `index` of the step, belonging to `lane`, was computed; its logits if it asked for them.
  void row_was_read(std::size_t lane, std::span<const float> logits);
  /// After a step: when all lanes have their logits, the search goes on. Errors: kInternal.
  Status finish_step();

  GenerationTimings timings;
  [[nodiscard]] Generation outcome() const { return {search_->sequences(), timings}; }

 private:
  struct Lane {
    int sequence = -1;
    std::vector<TokenId> path;      ///< Generated tokens.
    std::int64_t filled = 0;        ///< Positions in the pool.
    std::span<const float> logits;  ///< Of the newest position, once read.
    std::vector<float> kept;        ///< Where they are kept while other lanes are still read.
  };
  struct Spare {
    int sequence = -1;
    bool has_prompt = false;
  };
  GenerationJob(PromptRows prompt, std::unique_ptr<Search> search, std::int64_t id, std::int64_t serial)
      : id_(id), serial_(serial), prompt_(std::move(prompt)), search_(std::move(search)) {}

  [[nodiscard]] std::int64_t length(const Lane& lane) const {
    return prompt_.size() + static_cast<std::int64_t>(lane.path.size());
  }
  /// Where a lane must have read to before the search can go on.
  [[nodiscard]] std::int64_t goal(std::size_t lane) const;
  void add_row(Step& step, std::size_t lane, std::int64_t position);
  Status advance();
  void relink(std::span<const NextRow> next);
  void fork_prompt();

  std::int64_t id_;
  std::int64_t serial_;
  PromptRows prompt_;
  std::unique_ptr<Search> search_;
  int rows_ = 1;
  std::int64_t max_new_tokens_ = 0;
  std::int64_t original_context_ = 0;
  bool has_kv_cache_ = true;
  bool is_started_ = false;        ///< The search has seen the prompt's logits.
  bool is_reading_prompt_ = true;  ///< Only the first lane reads; the others will share.
  KvPool* pool_ = nullptr;
  std::int64_t promised_cells_ = 0;
  std::vector<int> sequences_;  ///< All that were taken.
  std::vector<Lane> lanes_;
  std::vector<Spare> spares_;
  std::map<std::int64_t, std::int64_t> prefixes_;  ///< By the other job's serial number.
};

}  // namespace cinescribe::language
