#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "cinescribe/language/generation_job.h"
#include "cinescribe/language/generator.h"
#include "cinescribe/language/kv_pool.h"
#include "cinescribe/language/thread_pool.h"

namespace cinescribe::language {

/// Continuous batching over one pool, or over two for models with short and long RoPE factors.
class BatchGenerator final : public Generator {
 public:
  BatchGenerator(std::shared_ptr<const LlamaModel> model, std::shared_ptr<ThreadPool> threads,
                 const GeneratorOptions& options, MixedRows mixed_rows);

  Status run(const std::function<std::optional<GenerationRequest>()>& next,
             const std::function<void(GenerationOutcome)>& done, const std::stop_token& stop) override;
  [[nodiscard]] const GeneratorStatistics& statistics() const override { return statistics_; }

  /// Makes the pool of `context_tokens`. Errors: kResource, kUsage.
  Status open_fixed_pool();

 private:
  using Job = std::unique_ptr<GenerationJob>;
  using Done = std::function<void(GenerationOutcome)>;
  /// Sequences with the same factors.
  struct Group {
    bool is_long = false;
    std::unique_ptr<KvPool> pool;
    std::vector<Job> jobs;    ///< In the order of their arrival.
    std::deque<Job> waiting;  ///< Jobs that outgrew the short factors.
    [[nodiscard]] bool is_idle() const { return jobs.empty() && waiting.empty(); }
  };

  Status run_jobs(const std::function<std::optional<GenerationRequest>()>& next, const Done& done,
                  const std::stop_token& stop);
  void admit(const std::function<std::optional<GenerationRequest>()>& next, const Done& done);
  void admit_waiting(Group& group, const Done& done);
  /// True when the job entered, false when it has to wait. Errors are the job's own.
  Result<bool> try_enter(Group& group, Job& job);
  Status open_pool(Group& group, const GenerationJob& first);
  Status step(Group& group, const Done& done, const std::stop_token& stop);
  void share_prefixes(Group& group, std::vector<char>& waits);
  Status compute(Group& group, const std::stop_token& stop);
  Status settle(Group& group, const Done& done);
  void account(double seconds);
  void drop_all();
  [[nodiscard]] DecoderOptions decoder_options(std::int64_t cells) const;
  [[nodiscard]] bool is_idle() const;

  std::shared_ptr<const LlamaModel> model_;
  std::shared_ptr<ThreadPool> threads_;
  GeneratorOptions options_;
  MixedRows mixed_rows_;
  std::array<Group, 2> groups_;  ///< Short (or only) and long.
  Job pending_;                  ///< Pulled, but there was no room yet.
  bool is_exhausted_ = false;
  std::int64_t next_serial_ = 0;
  GenerationJob::Step step_;
  GeneratorStatistics statistics_;
};

}  // namespace cinescribe::language
