#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/text/tokenizer.h"

namespace cinescribe::language {

using text::TokenId;

/// Hugging Face's `early_stopping`.
enum class EarlyStopping { kNo, kYes, kNever };

/// Options of one generation; names, meaning and defaults are those of Hugging Face `generate` (4.57).
struct GenerationOptions {
  std::optional<int> max_new_tokens;  ///< Wins over `max_length`.
  std::optional<int> max_length;      ///< Counts the prompt, image tokens included. Neither given: 20 new tokens.
  int min_new_tokens = 0;
  int min_length = 0;  ///< Counts the prompt, image tokens included.
  int num_beams = 1;
  int num_return_sequences = 1;  ///< At most `num_beams` (beam search); independent draws (sampling); 1 (greedy).
  double length_penalty = 1.0;
  EarlyStopping early_stopping = EarlyStopping::kNo;
  double repetition_penalty = 1.0;
  int no_repeat_ngram_size = 0;
  bool do_sample = false;
  double temperature = 1.0;
  double top_p = 1.0;
  int top_k = 50;  ///< 0 = off.
  std::uint64_t seed = 0;
  std::vector<TokenId> eos_ids;
  TokenId pad_id = -1;
  std::vector<std::string> stop_strings;  ///< Generation ends when the newest token completes one of these.
};

/// A piece of a prompt: token ids, or rows of embeddings that stand in their place; exactly one is not empty.
struct PromptPiece {
  std::vector<TokenId> tokens;
  std::vector<float> rows;  ///< n × width, row-major.
};

/// What a language model reads.
struct Prompt {
  std::vector<PromptPiece> pieces;
  /// One id per position, image positions included: what logits processors see and lengths count.
  std::vector<TokenId> ids;
};

enum class FinishReason { kEos, kLength, kStopString };
/// "eos", "length" or "stop_string".
const char* finish_reason_name(FinishReason reason);

/// Text of generated ids, for stop strings.
using Detokenize = std::function<std::string(std::span<const TokenId>)>;

/// Ranges and combinations that `generate` refuses, too. Errors: kUsage, naming the option.
Status check_generation_options(const GenerationOptions& options);
/// Tokens that a prompt of this length may be followed by. Errors: kUsage (`max_length` leaves no room).
Result<std::int64_t> max_new_tokens_of(const GenerationOptions& options, std::int64_t prompt_length);
/// Sequences that are decoded at once for one prompt.
int rows_of(const GenerationOptions& options);

/// One generated sequence, without the prompt; the end token is included when it was generated.
struct Sequence {
  std::vector<TokenId> ids;
  std::vector<float> logprobs;  ///< Of each id under the model's softmax (before processors), natural logarithm.
  std::optional<double> score;  ///< Beam search's `sequences_scores`.
  FinishReason finish = FinishReason::kEos;
};

/// Seconds spent for one request; shared steps are divided by the rows they held.
struct GenerationTimings {
  double prefill_seconds = 0.0;
  double decode_seconds = 0.0;
  int steps = 0;
};

/// The outcome of one request: `num_return_sequences` sequences, best first.
struct Generation {
  std::vector<Sequence> sequences;
  GenerationTimings timings;
};

}  // namespace cinescribe::language
