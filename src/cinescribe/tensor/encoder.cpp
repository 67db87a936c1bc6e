#include "cinescribe/tensor/encoder.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <ggml.h>

#include "cinescribe/tensor/compute_device.h"
#include "cinescribe/tensor/gelu_loops.h"

namespace cinescribe::tensor {

namespace {

/// One thread's part of the exact GELU of a tensor in one piece.
void own_gelu(ggml_tensor* out, const ggml_tensor* x, int thread, int threads, void* /*unused*/) {
  static const GeluLoop loop = gelu_loop();
  constexpr std::size_t kLine = 16;  // f32 numbers of a cache line
  const auto count = static_cast<std::size_t>(ggml_nelements(x));
  const auto parts = static_cast<std::size_t>(threads);
  const std::size_t part = (count / parts / kLine + 1) * kLine;
  const std::size_t begin = std::min(count, static_cast<std::size_t>(thread) * part);
  const std::size_t end = std::min(count, begin + part);
  loop(end - begin, static_cast<const float*>(x->data) + begin, static_cast<float*>(out->data) + begin);
}

/// [heads·head_dim, tokens, batch] -> [dim, tokens, heads, batch], a view; dim is head_dim or, padded, more.
ggml_tensor* split_heads(ggml_context* graph, ggml_tensor* x, const EncoderOptions& options, int dim) {
  ggml_tensor* heads = ggml_reshape_4d(graph, x, options.head_dim, options.heads, x->ne[1], x->ne[2]);
  if (dim > options.head_dim) heads = ggml_pad(graph, heads, dim - options.head_dim, 0, 0, 0);
  return ggml_permute(graph, heads, 0, 2, 1, 3);
}

/// Mixes values by softmax(scale · k·q). The result is [head_dim, heads, queries, batch].
ggml_tensor* plain_attention(ggml_context* graph, ggml_tensor* q, ggml_tensor* k, ggml_tensor* v, float scale,
                             ggml_tensor* mask) {
  // Matrix kernels want the right side in one piece.
  ggml_tensor* scores = ggml_mul_mat(graph, k, ggml_cont(graph, q));  // [keys, queries, heads, batch]
  ggml_prec_set_acc(scores, GGML_PREC_F32);
  scores = ggml_soft_max_ext(graph, scores, mask, scale, 0.0F);
  ggml_tensor* v_by_key = ggml_cont(graph, ggml_permute(graph, v, 1, 0, 2, 3));  // [keys, head_dim, heads, batch]
  ggml_tensor* mixed = ggml_mul_mat(graph, v_by_key, scores);                    // [head_dim, queries, heads, batch]
  return ggml_cont(graph, ggml_permute(graph, mixed, 0, 2, 1, 3));
}

ggml_tensor* fused_attention(ggml_context* graph, ggml_tensor* q, ggml_tensor* k, ggml_tensor* v, float scale,
                             const EncoderOptions& options) {
  if (options.has_f16_keys) {
    k = ggml_cast(graph, k, GGML_TYPE_F16);
    v = ggml_cast(graph, v, GGML_TYPE_F16);
  }
  ggml_tensor* mixed = ggml_flash_attn_ext(graph, q, k, v, nullptr, scale, 0.0F, 0.0F);
  if (mixed->ne[0] == options.head_dim) return mixed;
  return ggml_cont(graph, ggml_view_4d(graph, mixed, options.head_dim, mixed->ne[1], mixed->ne[2], mixed->ne[3],
                                       mixed->nb[1], mixed->nb[2], mixed->nb[3], 0));
}

/// One encoder on its way into a graph: what its layers share.
class Builder {
 public:
  Builder(ggml_context* graph, const EncoderOptions& options, const EncoderInputs& inputs)
      : graph_(graph), options_(options), inputs_(inputs) {}

  ggml_tensor* layer(ggml_tensor* x, const EncoderLayer& layer) {
    ++number_;
    x = sub_layer(x, layer.attention_norm,
                  [&](ggml_tensor* y) { return attention(y, y, layer.attention, inputs_.key_mask, true); });
    tell("attention", x);
    if (options_.lead_rows == 0) {
      x = sub_layer(x, layer.ffn_norm, [&](ggml_tensor* y) { return feed_forward(y, layer.ffn); });
    } else {
      ggml_tensor* lead = rows(x, 0, options_.lead_rows);
      if (layer.cross.query.weight != nullptr) {
        lead = sub_layer(lead, layer.cross_norm,
                         [&](ggml_tensor* y) { return attention(y, inputs_.context, layer.cross, nullptr, false); });
        tell("cross", lead);
      }
      lead = sub_layer(lead, layer.lead_ffn_norm, [&](ggml_tensor* y) { return feed_forward(y, layer.lead_ffn); });
      const std::int64_t others = x->ne[1] - options_.lead_rows;
      if (others > 0) {
        ggml_tensor* tail = rows(x, options_.lead_rows, others);
        tail = sub_layer(tail, layer.ffn_norm, [&](ggml_tensor* y) { return feed_forward(y, layer.ffn); });
        lead = ggml_concat(graph_, lead, tail, 1);
      }
      x = lead;
    }
    tell("hidden", x);
    return x;
  }

 private:
  template <typename Function>
  ggml_tensor* sub_layer(ggml_tensor* x, const Affine& norm, const Function& function) {
    if (options_.norm_place == NormPlace::kBefore) {
      return ggml_add(graph_, x, function(layer_norm(graph_, x, norm, options_.norm_eps)));
    }
    return layer_norm(graph_, ggml_add(graph_, x, function(x)), norm, options_.norm_eps);
  }

  ggml_tensor* feed_forward(ggml_tensor* x, const FeedForwardWeights& ffn) {
    return linear(graph_, activate(graph_, linear(graph_, x, ffn.up), options_.activation, options_.is_on_cpu),
                  ffn.down);
  }

  /// Rows [first, first + count) of every sequence, in one piece.
  ggml_tensor* rows(ggml_tensor* x, std::int64_t first, std::int64_t count) {
    return ggml_cont(graph_, ggml_view_3d(graph_, x, x->ne[0], count, x->ne[2], x->nb[1], x->nb[2],
                                          static_cast<std::size_t>(first) * x->nb[1]));
  }

  ggml_tensor* attention(ggml_tensor* x, ggml_tensor* source, const AttentionWeights& weights, ggml_tensor* mask,
                         bool is_told) {
    ggml_tensor* q = linear(graph_, x, weights.query);
    ggml_tensor* k = linear(graph_, source, weights.key);
    ggml_tensor* v = linear(graph_, source, weights.value);
    if (is_told) {
      tell("query", q);
      tell("key", k);
      tell("value", v);
    }
    const bool is_fused = options_.attention == AttentionKind::kFused && mask == nullptr;
    const int dim = is_fused ? std::max(options_.head_dim, options_.padded_head_dim) : options_.head_dim;
    q = split_heads(graph_, q, options_, dim);
    k = split_heads(graph_, k, options_, dim);
    v = split_heads(graph_, v, options_, dim);
    const float scale = 1.0F / std::sqrt(static_cast<float>(options_.head_dim));
    ggml_tensor* mixed =
        is_fused ? fused_attention(graph_, q, k, v, scale, options_) : plain_attention(graph_, q, k, v, scale, mask);
    mixed = ggml_reshape_3d(graph_, mixed, static_cast<std::int64_t>(options_.head_dim) * options_.heads, x->ne[1],
                            x->ne[2]);
    return linear(graph_, mixed, weights.output);
  }

  void tell(const char* what, ggml_tensor* tensor) const {
    if (inputs_.tap) inputs_.tap(std::string(what) + "_" + std::to_string(number_), tensor);
  }

  ggml_context* graph_;
  const EncoderOptions& options_;
  const EncoderInputs& inputs_;
  int number_ = 0;
};

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

void fit_to_device(EncoderOptions& options, const ComputeDevice& device, bool wants_fused_attention) {
  constexpr int kCpuLanes = 16;                                              // f32 numbers of an AVX-512 register
  constexpr std::array<int, 7> kGpuSizes = {40, 64, 80, 96, 112, 128, 256};  // head sizes of ggml-cuda's kernels
  options.is_on_cpu = device.is_cpu();
  if (!wants_fused_attention) return;
  options.attention = AttentionKind::kFused;
  options.has_f16_keys = !device.is_cpu();
  if (device.is_cpu()) {
    options.padded_head_dim = (options.head_dim + kCpuLanes - 1) / kCpuLanes * kCpuLanes;
    return;
  }
  const auto* const size = std::lower_bound(kGpuSizes.begin(), kGpuSizes.end(), options.head_dim);
  if (size == kGpuSizes.end()) {
    options.attention = AttentionKind::kPlain;
  } else {
    options.padded_head_dim = *size;
  }
}

ggml_tensor* activate(ggml_context* graph, ggml_tensor* x, Activation activation, bool is_on_cpu) {
  switch (activation) {
    case Activation::kGeluErf:
      return is_on_cpu && ggml_is_contiguous(x) ? ggml_map_custom1(graph, x, own_gelu, GGML_N_TASKS_MAX, nullptr)
                                                : ggml_gelu_erf(graph, x);
    case Activation::kGeluTanh: {
      // 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), spelled out: ggml_gelu goes through an f16 table.
      ggml_tensor* cube = ggml_mul(graph, ggml_sqr(graph, x), x);
      ggml_tensor* inner = ggml_add(graph, x, ggml_scale(graph, cube, 0.044715F));
      ggml_tensor* t = ggml_tanh(graph, ggml_scale(graph, inner, 0.7978845608028654F));
      return ggml_scale(graph, ggml_add(graph, x, ggml_mul(graph, x, t)), 0.5F);
    }
    case Activation::kQuickGelu:
      // x·sigmoid(1.702 x) = silu(1.702 x) / 1.702; of the two, ggml has SIMD code for silu only.
      return ggml_scale(graph, ggml_silu(graph, ggml_scale(graph, x, 1.702F)), 1.0F / 1.702F);
    case Activation::kRelu:
      return ggml_relu(graph, x);
    case Activation::kSilu:
      return ggml_silu(graph, x);
  }
  return x;
}

ggml_tensor* layer_norm(ggml_context* graph, ggml_tensor* x, const Affine& norm, float eps) {
  ggml_tensor* y = ggml_norm(graph, x, eps);
  if (norm.weight != nullptr) y = ggml_mul(graph, y, norm.weight);
  if (norm.bias != nullptr) y = ggml_add(graph, y, norm.bias);
  return y;
}

ggml_tensor* linear(ggml_context* graph, ggml_tensor* x, const Affine& weights) {
  // All sequences as one matrix: one large product instead of one per sequence.
  const bool is_batch = x->ne[2] > 1 && ggml_is_contiguous(x);
  ggml_tensor* flat = is_batch ? ggml_reshape_2d(graph, x, x->ne[0], x->ne[1] * x->ne[2]) : x;
  ggml_tensor* y = ggml_mul_mat(graph, weights.weight, flat);
  if (weights.bias != nullptr) y = ggml_add(graph, y, weights.bias);
  return is_batch ? ggml_reshape_3d(graph, y, y->ne[0], x->ne[1], x->ne[2]) : y;
}

std::vector<ggml_tensor*> build_encoder(ggml_context* graph, ggml_tensor* x, const EncoderOptions& options,
                                        const std::vector<EncoderLayer>& layers, const EncoderInputs& inputs) {
  Builder builder(graph, options, inputs);
  std::vector<ggml_tensor*> outputs;
  outputs.reserve(layers.size());
  for (const EncoderLayer& layer : layers) {
    x = builder.layer(x, layer);
    outputs.push_back(x);
  }
  return outputs;
}

std::size_t encoder_nodes(std::size_t layers) {
  constexpr std::size_t kLayerNodes = 160;
  return layers * kLayerNodes;
}

}  // namespace cinescribe::tensor
