#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "cinescribe/speech/dense_encoder.h"
#include "cinescribe/speech/dense_whisper.h"
#include "cinescribe/speech/text_cache.h"
#include "cinescribe/tensor/whisper_layout.h"

namespace cinescribe::speech {

/// One token to read.
struct TextRow {
  int token = 0;
  std::size_t position = 0;             ///< Below the model's text context.
  std::size_t slot = 0;                 ///< Of the cache, where it leaves its keys and values.
  std::size_t prompt = 0;               ///< Positions below this one are in slot 0 ...
  std::span<const std::uint8_t> path;   ///< ... the others in the slots of the path.
  TextCache* cache = nullptr;           ///< Of the window.
  const EncodedSound* sound = nullptr;  ///< Rows of the same window stand side by side.
  bool wants_logits = false;
};

/// Whisper's text side on one thread: reads tokens of many windows and texts in one step. Not thread-safe.
class DenseDecoder {
 public:
  /// `alignment_heads`: whose attention the caches keep, in this order.
  DenseDecoder(std::shared_ptr<const DenseWhisper> model, std::vector<tensor::AlignmentHead> alignment_heads);

  /// Reads the rows. `logits` gets `n_vocab` numbers for each row that wants them, in order. Rows of one text must come
  /// in order of their positions, after every earlier position of it.
  void step(std::span<const TextRow> rows, std::vector<float>& logits);

 private:
  void embed(std::span<const TextRow> rows);
  void attend_to_text(std::span<const TextRow> rows, std::size_t layer);
  void attend_to_sound(std::span<const TextRow> rows, std::size_t layer);
  void attend_to_window(std::span<const TextRow> rows, std::size_t first, std::size_t layer);
  Int8Rows normalised(const NormWeights& norm, std::size_t count);

  const std::shared_ptr<const DenseWhisper> model_;
  const DenseKernels& kernels_;
  const std::vector<tensor::AlignmentHead> alignment_heads_;
  std::vector<float> rows_;  // the residual stream
  std::vector<float> narrow_;
  std::vector<float> wide_;
  std::vector<float> scores_;
  std::vector<float> weights_;
  QuantisedRows quantised_;
  AlignedArray<std::byte> scratch_;
};

}  // namespace cinescribe::speech
