#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "cinescribe/core/status.h"
#include "cinescribe/language/generation.h"
#include "cinescribe/language/language_model.h"

namespace cinescribe::language {

struct GeneratorOptions {
  int max_sequences = 8;            ///< Sequences decoded at once (a request with n beams takes n).
  std::int64_t context_tokens = 0;  ///< Cells of the KV pool; 0 = enough for `max_sequences` of the first requests.
  int batch_tokens = 512;           ///< Rows per submission: prefill chunks, and how soon a stop is obeyed.
  KvType kv_type = KvType::kAuto;
  FlashAttention flash_attention = FlashAttention::kAuto;
  bool has_kv_cache = true;  ///< false: every step computes everything again (a measuring aid).
  Detokenize detokenize;     ///< For stop strings; requests that have some need it.
};

/// A caption to generate. `id` comes back with the outcome.
struct GenerationRequest {
  std::int64_t id = 0;
  Prompt prompt;
  GenerationOptions options;
};

/// The outcome of a request; its error costs this request only.
struct GenerationOutcome {
  std::int64_t id = 0;
  Result<Generation> generation;
};

/// Sum over a generator's life, for reports.
struct GeneratorStatistics {
  std::int64_t prefill_tokens = 0;
  std::int64_t decode_tokens = 0;
  std::int64_t steps = 0;
  double prefill_seconds = 0.0;
  double decode_seconds = 0.0;
  std::int64_t shared_prefix_tokens = 0;  ///< Not computed again.
  std::int64_t kv_bytes = 0;
};

/// Bytes on the device that a generator takes beside the weights when its pool has `tokens` cells: keys, values and
/// intermediate results (an upper estimate). 0 for a model that `LanguageModel::load` did not give.
std::uint64_t estimated_generator_bytes(const LanguageModel& model, const GeneratorOptions& options,
                                        std::int64_t tokens);

/// Decodes many requests in one batch (continuous batching): requests join when there is room, prompts are read in
/// chunks between decode steps, finished ones make room at once. Results do not depend on what else is in the batch.
///
/// One thread at a time; several generators may share a model.
class Generator {
 public:
  /// Errors: kResource (the pool does not fit into memory; the message has the number), kUsage, kModel (a sliding
  /// window below the context).
  static Result<std::unique_ptr<Generator>> create(std::shared_ptr<const LanguageModel> model,
                                                   const GeneratorOptions& options);
  virtual ~Generator() = default;
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;

  /// Pulls requests from `next` whenever there is room, until it returns nothing, and hands each outcome to `done` as
  /// soon as it is there (not in order). Both are called on this thread. Errors: kInterrupted (requests in flight are
  /// dropped), kResource, kInternal (the engine failed); errors of single requests go to `done`.
  virtual Status run(const std::function<std::optional<GenerationRequest>()>& next,
                     const std::function<void(GenerationOutcome)>& done, const std::stop_token& stop) = 0;

  [[nodiscard]] virtual const GeneratorStatistics& statistics() const = 0;

 protected:
  Generator() = default;
};

}  // namespace cinescribe::language
