#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/language/language_model.h"
#include "cinescribe/language/llama_model.h"
#include "cinescribe/language/thread_pool.h"

namespace cinescribe::language {

/// One position that the model reads: a token, or a row of embeddings.
struct DecoderRow {
  TokenId token = -1;
  const float* embedding = nullptr;  ///< Not null: `width` numbers in place of `token`.
  std::int32_t position = 0;
  std::int32_t sequence = 0;
  bool wants_logits = false;
};

/// How tokens and embedding rows of one step reach llama.cpp, whose batches hold one kind only.
enum class MixedRows {
  kAsEmbeddings,  ///< One submission; tokens are looked up by us.
  kApart,         ///< Two submissions: the weights are read twice.
};

struct DecoderOptions {
  std::int64_t cells = 0;  ///< Of the pool of keys and values; rounded up to 256.
  int sequences = 1;       ///< Ids 0 to sequences - 1.
  int outputs = 1;         ///< Most rows with logits in a submission.
  int batch_rows = 512;    ///< Most rows in a submission.
  KvType kv_type = KvType::kAuto;
  FlashAttention flash_attention = FlashAttention::kAuto;
  MixedRows mixed_rows = MixedRows::kAsEmbeddings;
};

/// A llama.cpp context with one pool of keys and values for all its sequences. Sequences share cells by copying them
/// (metadata only). Not thread-safe.
class LlamaDecoder {
 public:
  /// Bytes that `create` takes on the device: keys, values, intermediate results.
  static std::uint64_t estimated_bytes(const LlamaModel& model, const DecoderOptions& options);
  /// Errors: kResource (memory; the message has the numbers), kUsage (options that exclude each other).
  static Result<std::unique_ptr<LlamaDecoder>> create(std::shared_ptr<const LlamaModel> model,
                                                      std::shared_ptr<ThreadPool> threads,
                                                      const DecoderOptions& options);
  LlamaDecoder(const LlamaDecoder&) = delete;
  LlamaDecoder& operator=(const LlamaDecoder&) = delete;
  ~LlamaDecoder() = default;

  enum class Outcome { kDone, kNoRoom };
  /// Computes the rows. Positions of a sequence must continue where it ends. On `kNoRoom` nothing has changed.
  /// Errors: kInterrupted (`stop`; checked during the computation on a CPU), kResource, kInternal. After an error the
  /// sequences of the rows are in no known state: `clear`.
  Result<Outcome> submit(std::span<const DecoderRow> rows, const std::stop_token& stop);
  /// Logits of row `index` of the last submission, which must have asked for them. Valid until the next one.
  [[nodiscard]] std::span<const float> logits(std::size_t index) const;

  /// Forgets positions from `first` on.
  void remove(int sequence, std::int64_t first);
  /// Makes `to` share the cells of `from` at positions [first, end).
  void share(int from, int to, std::int64_t first, std::int64_t end);
  void clear();

  [[nodiscard]] std::int64_t cells() const { return cells_; }
  /// Most rows that one submission may have.
  [[nodiscard]] std::size_t batch_rows() const;
  [[nodiscard]] std::int64_t kv_bytes() const { return kv_bytes_; }
  [[nodiscard]] bool has_long_factors() const;

 private:
  LlamaDecoder(std::shared_ptr<const LlamaModel> model, std::shared_ptr<ThreadPool> threads,
               const DecoderOptions& options);
  static bool should_stop(void* self);
  Result<Outcome> submit_kind(std::span<const DecoderRow> rows, std::span<const std::size_t> picked, bool as_tokens);
  Status keep_logits(std::span<const DecoderRow> rows, std::span<const std::size_t> picked, bool must_copy);

  std::shared_ptr<const LlamaModel> model_;
  std::shared_ptr<ThreadPool> threads_;
  MixedRows mixed_rows_;
  std::int64_t cells_ = 0;
  std::int64_t kv_bytes_ = 0;
  const std::stop_token* stop_ = nullptr;
  LlamaContextHandle context_;
  std::vector<TokenId> tokens_;
  std::vector<float> embeddings_;
  std::vector<llama_pos> positions_;
  std::vector<llama_seq_id> sequences_;
  std::vector<llama_seq_id*> sequence_pointers_;
  std::vector<std::int32_t> counts_;
  std::vector<std::int8_t> wants_;
  std::vector<std::span<const float>> logits_;  ///< Of the last submission's rows.
  std::vector<float> copied_;                   ///< Logits of the first of two submissions.
};

}  // namespace cinescribe::language
