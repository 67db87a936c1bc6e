#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/speech/dense_kernels.h"
#include "cinescribe/speech/dense_weights.h"
#include "cinescribe/tensor/whisper_file.h"

namespace cinescribe::speech {

struct NormWeights {
  std::vector<float> gain;
  std::vector<float> bias;
};

/// Weights of one transformer block. Queries are scaled by log2(e) / sqrt(64), so that attention weights are powers
/// of two.
struct DenseBlock {
  NormWeights attention_norm;
  Int8Matrix qkv;  ///< Queries, keys and values, one below the other.
  Int8Matrix attention_out;
  NormWeights mlp_norm;
  Int8Matrix mlp_up;
  Int8Matrix mlp_down;
  // The text side only.
  NormWeights cross_norm;
  Int8Matrix cross_query;
  Int8Matrix cross_key_value;  ///< Keys and values; they read the encoded sound.
  Int8Matrix cross_out;
};

/// A Whisper model in eight bits for `DenseKernels`: matrices with a scale per output, convolutions in bfloat16.
struct DenseWhisper {
  const DenseKernels* kernels = nullptr;
  tensor::WhisperShape shape;
  std::vector<float> mel_filters;  ///< n_mels rows of 201.
  std::vector<std::string> vocabulary;

  Bf16Matrix conv1;  ///< Depth: three frames of mel bands, one after the other.
  Bf16Matrix conv2;
  std::vector<float> sound_positions;  ///< 1500 rows.
  std::vector<DenseBlock> sound_blocks;
  NormWeights sound_norm;

  Int8Matrix embedding;  ///< Token embedding, also the last layer.
  std::vector<float> text_positions;
  std::vector<DenseBlock> text_blocks;
  NormWeights text_norm;

  [[nodiscard]] std::size_t state() const { return static_cast<std::size_t>(shape.n_audio_state); }
  [[nodiscard]] std::size_t sound_heads() const { return static_cast<std::size_t>(shape.n_audio_head); }
  [[nodiscard]] std::size_t text_heads() const { return static_cast<std::size_t>(shape.n_text_head); }
};

/// True when models of this shape can be run by `DenseKernels` (heads of 64, as all published ones).
bool fits_dense_kernels(const tensor::WhisperShape& shape);

/// Reads a whisper.cpp model file of any weight type and packs it, on `threads` threads.
/// Errors: kModel (missing or damaged file, another head size), kInput.
Result<std::shared_ptr<const DenseWhisper>> load_dense_whisper(const std::filesystem::path& path,
                                                               const DenseKernels& kernels, int threads);

}  // namespace cinescribe::speech
