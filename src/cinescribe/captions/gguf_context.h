#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "cinescribe/captions/gguf_model.h"
#include "cinescribe/captions/gguf_prompt.h"
#include "cinescribe/captions/mtmd_handles.h"
#include "cinescribe/core/status.h"
#include "cinescribe/language/language_model.h"

/// Keys and values of several sequences, and the steps on them; private to this room.
namespace cinescribe::captions {

struct GgufContextOptions {
  int sequences = 1;                                   ///< Ids 0..sequences-1.
  std::int64_t tokens = 0;                             ///< Room for all sequences together.
  int longest_picture = 0;                             ///< Tokens of the largest picture that will come.
  language::KvType kv_type = language::KvType::kAuto;  ///< Auto: f16, as llama.cpp's own tools.
  language::FlashAttention flash_attention = language::FlashAttention::kAuto;
};

/// A row of the next step: `token` continues sequence `sequence` at `position`.
struct GgufRow {
  text::TokenId token = 0;
  int position = 0;
  int sequence = 0;
};

/// Rows of embeddings of every picture of a prompt, in the order of `GgufPrompt::pictures`.
using PictureRows = std::vector<std::vector<float>>;

/// Encodes the pictures of several prompts, several pictures in one graph where the model can. One result per prompt;
/// an error costs every prompt of the same graph. Errors: kModel, kInterrupted.
std::vector<Result<PictureRows>> encode_pictures(const GgufModel& model, std::span<const GgufPrompt* const> prompts,
                                                 const std::stop_token& stop);

/// One context of llama.cpp, with positions and masks as libmtmd's models need them (M-RoPE, pictures that look at
/// themselves as a whole). One thread at a time.
class GgufContext {
 public:
  /// Errors: kResource (memory; the message has the number of tokens).
  static Result<std::unique_ptr<GgufContext>> create(const GgufModel& model, const GgufContextOptions& options);

  [[nodiscard]] const GgufContextOptions& options() const { return options_; }

  /// Reads a prompt into an empty sequence. `logits` gets those of its last position (`vocabulary` numbers), `position`
  /// where the sequence goes on. Errors: kResource (no room), kInterrupted, kInternal.
  Status read(const GgufPrompt& prompt, PictureRows rows, int sequence, std::vector<float>& logits, int& position,
              const std::stop_token& stop);

  /// One step of all rows; `logits` gets rows.size() × vocabulary numbers. Errors: as `read`.
  Status step(std::span<const GgufRow> rows, std::vector<float>& logits, const std::stop_token& stop);

  /// Makes `to` a copy of `from` (shared cells, no computing). `to` must be empty.
  void copy(int from, int to);
  void clear(int sequence);

 private:
  GgufContext(const GgufModel& model, const GgufContextOptions& options) : model_(model), options_(options) {}
  Status failure(int code, const char* what, const std::stop_token& stop) const;

  const GgufModel& model_;
  GgufContextOptions options_;
  std::atomic<bool> is_stopping_ = false;
  LlamaContextHandle context_;
};

}  // namespace cinescribe::captions
