#pragma once

#include <string>
#include <vector>

struct ggml_context;
struct ggml_tensor;

namespace cinescribe::tensor {

/// Activation of a feed-forward layer. All are computed in f32 (ggml's table-based GELU is not used).
enum class Activation { kGeluErf, kGeluTanh, kQuickGelu, kRelu, kSilu };

/// Reads Hugging Face's `hidden_act`; false when the name is unknown.
bool parse_activation(const std::string& name, Activation& activation);

/// Shape and options of a transformer encoder with the norm before each sub-layer (ViT, CLIP, AST).
struct EncoderOptions {
  int width = 0;  ///< Hidden size.
  int heads = 0;
  int head_dim = 0;  ///< width / heads in every known model.
  float norm_eps = 1e-6F;
  Activation activation = Activation::kGeluErf;
  bool is_fused_attention = false;  ///< Flash attention with f16 keys and values; false = plain f32 attention.
};

/// Weights of one layer. Biases may be null. Shapes in ggml order (ne): matrices [in, out], vectors [out].
struct EncoderLayer {
  ggml_tensor* norm1_weight = nullptr;
  ggml_tensor* norm1_bias = nullptr;
  ggml_tensor* query_weight = nullptr;
  ggml_tensor* query_bias = nullptr;
  ggml_tensor* key_weight = nullptr;
  ggml_tensor* key_bias = nullptr;
  ggml_tensor* value_weight = nullptr;
  ggml_tensor* value_bias = nullptr;
  ggml_tensor* output_weight = nullptr;
  ggml_tensor* output_bias = nullptr;
  ggml_tensor* norm2_weight = nullptr;
  ggml_tensor* norm2_bias = nullptr;
  ggml_tensor* up_weight = nullptr;
  ggml_tensor* up_bias = nullptr;
  ggml_tensor* down_weight = nullptr;
  ggml_tensor* down_bias = nullptr;
};

/// Layer norm over the first dimension with weight and bias (either may be null).
ggml_tensor* layer_norm(ggml_context* graph, ggml_tensor* x, ggml_tensor* weight, ggml_tensor* bias, float eps);

/// weight · x + bias (bias may be null).
ggml_tensor* linear(ggml_context* graph, ggml_tensor* x, ggml_tensor* weight, ggml_tensor* bias);

/// Adds the layers to a graph. `x`: f32 [width, tokens, batch]; the result has the same shape. When `layer_outputs` is
/// given it receives the output of every layer (before any final norm).
ggml_tensor* build_encoder(ggml_context* graph, ggml_tensor* x, const EncoderOptions& options,
                           const std::vector<EncoderLayer>& layers, std::vector<ggml_tensor*>* layer_outputs = nullptr);

}  // namespace cinescribe::tensor
