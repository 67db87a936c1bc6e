#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cinescribe::models {

/// What a matrix does in a language model: mixtures of types treat some of them better than others.
enum class TensorRole {
  kOther,
  kTokenEmbedding,
  kOutput,
  kAttentionValue,  ///< Also a fused q, k and v.
  kFfnDown,
};

/// A tensor of the output, and where its numbers come from.
struct WantedTensor {
  std::string name;                        ///< In the GGUF file.
  std::vector<std::int64_t> shape;         ///< ggml's order, fastest dimension first; one or two extents.
  std::string source;                      ///< Canonical name in the checkpoint; empty: `values`.
  std::vector<std::int64_t> source_shape;  ///< What the architecture expects there; extents of 1 do not count.
  std::int64_t first_element = 0;          ///< Of the source: where this tensor's part of a fused one begins.
  /// Not 0: rows of q and k, reordered within each head of this many (row 2i from i, row 2i+1 from i + half).
  std::int64_t permuted_head_dim = 0;
  bool is_matrix = false;  ///< May be quantised; everything else stays f32.
  TensorRole role = TensorRole::kOther;
  int layer = 0;
  std::vector<float> values;  ///< Numbers that come from a configuration.
};

}  // namespace cinescribe::models
