#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "cinescribe/tensor/weight_type.h"

namespace cinescribe::tensor {

/// The hyper-parameters of a Whisper model, in the order of the ggml file.
struct WhisperShape {
  int n_vocab = 0;
  int n_audio_ctx = 0;
  int n_audio_state = 0;
  int n_audio_head = 0;
  int n_audio_layer = 0;
  int n_text_ctx = 0;
  int n_text_state = 0;
  int n_text_head = 0;
  int n_text_layer = 0;
  int n_mels = 0;

  friend bool operator==(const WhisperShape&, const WhisperShape&) = default;
};

/// 51864 tokens are English-only, 51865 and 51866 multilingual.
inline bool is_multilingual(const WhisperShape& shape) { return shape.n_vocab >= 51865; }

/// Ranges and relations that whisper.cpp relies on without checking. Error: kModel, naming the number that is wrong.
Status check_whisper_shape(const WhisperShape& shape);

/// A tensor as the file must hold it.
struct WhisperTensor {
  std::string name;  ///< E.g. "encoder.blocks.0.attn.query.weight".
  WeightType type = WeightType::kF32;
  int n_dims = 1;
  std::array<std::int64_t, 4> ne = {1, 1, 1, 1};  ///< ggml order: ne[0] is the row length.

  [[nodiscard]] std::int64_t elements() const { return ne[0] * ne[1] * ne[2] * ne[3]; }
  [[nodiscard]] std::int64_t rows() const { return ne[1] * ne[2] * ne[3]; }
  [[nodiscard]] std::uint64_t bytes() const;
};

/// Every tensor of a model of this shape whose matrices are of type `weights`, in the order in which we write them
/// (base: 245 tensors). Biases, norms and positions are f32; both convolution kernels are f16 unless `weights` is f32.
/// Precondition: `check_whisper_shape` passes.
std::vector<WhisperTensor> whisper_tensors(const WhisperShape& shape, WeightType weights);

/// The attention heads of the decoder that follow the sound, for word times: layer and head, both from 0.
struct AlignmentHead {
  int layer = 0;
  int head = 0;
  friend bool operator==(const AlignmentHead&, const AlignmentHead&) = default;
};

/// The published alignment heads of OpenAI's checkpoint of this shape (large v1 and v2 look alike: v2's); empty for
/// shapes that OpenAI did not publish.
/// @source openai/whisper, `_ALIGNMENT_HEADS`
std::vector<AlignmentHead> known_alignment_heads(const WhisperShape& shape);

}  // namespace cinescribe::tensor
