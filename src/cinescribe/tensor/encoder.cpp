#include "cinescribe/tensor/encoder.h"

#include <cmath>

#include <ggml.h>

namespace cinescribe::tensor {

namespace {

ggml_tensor* activate(ggml_context* graph, ggml_tensor* x, Activation activation) {
  switch (activation) {
    case Activation::kGeluErf:
      return ggml_gelu_erf(graph, x);
    case Activation::kGeluTanh: {
      // 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), spelled out: ggml_gelu goes through an f16 table.
      ggml_tensor* cube = ggml_mul(graph, ggml_sqr(graph, x), x);
      ggml_tensor* inner = ggml_add(graph, x, ggml_scale(graph, cube, 0.044715F));
      ggml_tensor* t = ggml_tanh(graph, ggml_scale(graph, inner, 0.7978845608028654F));
      return ggml_scale(graph, ggml_add(graph, x, ggml_mul(graph, x, t)), 0.5F);
    }
    case Activation::kQuickGelu:
      return ggml_mul(graph, x, ggml_sigmoid(graph, ggml_scale(graph, x, 1.702F)));
    case Activation::kRelu:
      return ggml_relu(graph, x);
    case Activation::kSilu:
      return ggml_silu(graph, x);
  }
  return x;
}

/// [width, tokens, batch] -> [head_dim, tokens, heads, batch], a view.
ggml_tensor* split_heads(ggml_context* graph, ggml_tensor* x, const EncoderOptions& options) {
  ggml_tensor* heads = ggml_reshape_4d(graph, x, options.head_dim, options.heads, x->ne[1], x->ne[2]);
  return ggml_permute(graph, heads, 0, 2, 1, 3);
}

ggml_tensor* attention(ggml_context* graph, ggml_tensor* x, const EncoderOptions& options, const EncoderLayer& layer) {
  const std::int64_t tokens = x->ne[1];
  const std::int64_t batch = x->ne[2];
  const float scale = 1.0F / std::sqrt(static_cast<float>(options.head_dim));
  ggml_tensor* q = split_heads(graph, linear(graph, x, layer.query_weight, layer.query_bias), options);
  ggml_tensor* k = split_heads(graph, linear(graph, x, layer.key_weight, layer.key_bias), options);
  ggml_tensor* v = split_heads(graph, linear(graph, x, layer.value_weight, layer.value_bias), options);
  ggml_tensor* mixed = nullptr;
  if (options.is_fused_attention) {
    mixed = ggml_flash_attn_ext(graph, q, ggml_cast(graph, k, GGML_TYPE_F16), ggml_cast(graph, v, GGML_TYPE_F16),
                                nullptr, scale, 0.0F, 0.0F);  // [head_dim, heads, tokens, batch]
  } else {
    ggml_tensor* scores =
        ggml_mul_mat(graph, ggml_cont(graph, k), ggml_cont(graph, q));  // [keys, queries, heads, batch]
    ggml_prec_set_acc(scores, GGML_PREC_F32);
    scores = ggml_soft_max_ext(graph, scores, nullptr, scale, 0.0F);
    ggml_tensor* v_by_key = ggml_cont(graph, ggml_permute(graph, v, 1, 0, 2, 3));  // [tokens, head_dim, heads, batch]
    mixed = ggml_mul_mat(graph, v_by_key, scores);                                 // [head_dim, tokens, heads, batch]
    mixed = ggml_cont(graph, ggml_permute(graph, mixed, 0, 2, 1, 3));              // [head_dim, heads, tokens, batch]
  }
  mixed = ggml_reshape_3d(graph, mixed, static_cast<std::int64_t>(options.head_dim) * options.heads, tokens, batch);
  return linear(graph, mixed, layer.output_weight, layer.output_bias);
}

}  // namespace

bool parse_activation(const std::string& name, Activation& activation) {
  if (name == "gelu") {
    activation = Activation::kGeluErf;
  } else if (name == "gelu_new" || name == "gelu_pytorch_tanh" || name == "gelu_fast") {
    activation = Activation::kGeluTanh;
  } else if (name == "quick_gelu") {
    activation = Activation::kQuickGelu;
  } else if (name == "relu") {
    activation = Activation::kRelu;
  } else if (name == "silu" || name == "swish") {
    activation = Activation::kSilu;
  } else {
    return false;
  }
  return true;
}

ggml_tensor* layer_norm(ggml_context* graph, ggml_tensor* x, ggml_tensor* weight, ggml_tensor* bias, float eps) {
  ggml_tensor* y = ggml_norm(graph, x, eps);
  if (weight != nullptr) y = ggml_mul(graph, y, weight);
  if (bias != nullptr) y = ggml_add(graph, y, bias);
  return y;
}

ggml_tensor* linear(ggml_context* graph, ggml_tensor* x, ggml_tensor* weight, ggml_tensor* bias) {
  ggml_tensor* y = ggml_mul_mat(graph, weight, x);
  return bias == nullptr ? y : ggml_add(graph, y, bias);
}

ggml_tensor* build_encoder(ggml_context* graph, ggml_tensor* x, const EncoderOptions& options,
                           const std::vector<EncoderLayer>& layers, std::vector<ggml_tensor*>* layer_outputs) {
  for (const EncoderLayer& layer : layers) {
    ggml_tensor* normed = layer_norm(graph, x, layer.norm1_weight, layer.norm1_bias, options.norm_eps);
    x = ggml_add(graph, x, attention(graph, normed, options, layer));
    normed = layer_norm(graph, x, layer.norm2_weight, layer.norm2_bias, options.norm_eps);
    ggml_tensor* up = activate(graph, linear(graph, normed, layer.up_weight, layer.up_bias), options.activation);
    x = ggml_add(graph, x, linear(graph, up, layer.down_weight, layer.down_bias));
    if (layer_outputs != nullptr) layer_outputs->push_back(x);
  }
  return x;
}

}  // namespace cinescribe::tensor
