#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/tensor/compute_device.h"
#include "cinescribe/tensor/encoder.h"
#include "cinescribe/tensor/graph_values.h"
#include "cinescribe/tensor/model_card.h"
#include "cinescribe/tensor/weight_file.h"
#include "cinescribe/text/tokenizer.h"

namespace cinescribe::captions {

/// InstructBLIP's querying transformer: learned queries that read a picture's features and an instruction. The weight
/// file must outlive it. Attention is always plain, as in the reference.
///
/// @source transformers 4.57.1, InstructBlipQFormerModel
class Qformer {
 public:
  /// Reads the `q.*` tensors; `feature_width`: of the rows that cross-attention reads. Errors: kModel.
  static Result<Qformer> load(const tensor::WeightFile& file, const tensor::QformerCard& card,
                              std::int64_t feature_width, const tensor::ComputeDevice& device);

  [[nodiscard]] int queries() const { return card_.queries; }
  [[nodiscard]] int width() const { return card_.width; }
  [[nodiscard]] std::size_t graph_nodes() const;

  /// Errors: kInput (none, more than there are positions, an id outside of the vocabulary).
  [[nodiscard]] Status check(std::span<const text::TokenId> instruction) const;

  /// Adds it to a graph. `features`: f32 [feature width, tokens, batch]; one checked instruction per picture of the
  /// batch. The result is f32 [width, queries, batch]. Taps "qformer_embeddings", "qformer_" + what
  /// `tensor::EncoderInputs::tap` hears, and "query_output".
  ggml_tensor* build(ggml_context* graph, ggml_tensor* features,
                     std::span<const std::vector<text::TokenId>* const> instructions,
                     tensor::GraphValues& values) const;

 private:
  Qformer() = default;

  ggml_tensor* embed(ggml_context* graph, std::span<const std::vector<text::TokenId>* const> instructions,
                     std::size_t text_rows, tensor::GraphValues& values) const;

  tensor::QformerCard card_;
  tensor::EncoderOptions encoder_;
  ggml_tensor* queries_ = nullptr;
  ggml_tensor* words_ = nullptr;
  ggml_tensor* positions_ = nullptr;
  tensor::Affine embed_norm_;
  std::vector<tensor::EncoderLayer> layers_;
};

}  // namespace cinescribe::captions
