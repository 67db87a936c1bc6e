#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

struct ggml_context;
struct ggml_tensor;

namespace cinescribe::tensor {

class ComputeDevice;

/// Activation of a feed-forward layer. All are computed in f32 (ggml's table-based GELU is not used).
enum class Activation { kGeluErf, kGeluTanh, kQuickGelu, kRelu, kSilu };

/// Reads Hugging Face's `hidden_act`; false when the name is unknown.
bool parse_activation(const std::string& name, Activation& activation);

/// Where a sub-layer's norm stands: x + f(norm(x)) (ViT, CLIP, EVA, AST), or norm(x + f(x)) (BERT, Q-Former).
enum class NormPlace { kBefore, kAfter };

/// How attention is computed: scores as a matrix in f32, or one fused kernel ("flash attention").
enum class AttentionKind { kPlain, kFused };

/// Shape and options of a transformer encoder.
struct EncoderOptions {
  int width = 0;     ///< Hidden size.
  int heads = 0;     ///< Of self-attention and cross-attention.
  int head_dim = 0;  ///< width / heads in every known model.
  float norm_eps = 1e-6F;
  Activation activation = Activation::kGeluErf;
  NormPlace norm_place = NormPlace::kBefore;
  /// Rows at the start of every sequence (the Q-Former's queries) that read the context and have a feed-forward layer
  /// of their own; 0 = all rows are alike.
  int lead_rows = 0;
  AttentionKind attention = AttentionKind::kPlain;
  /// Fused attention only: heads are padded with zeros to this many numbers (0 = as they are); the scale stays that of
  /// `head_dim`. See `fit_to_device`.
  int padded_head_dim = 0;
  bool has_f16_keys = false;  ///< Fused attention only: keys and values are rounded to f16, as GPU kernels want them.
  bool is_on_cpu = false;     ///< Loops of our own may be part of the graph.
};

/// Fits the options to `device`: on CPUs loops of our own where ggml's are slow, and, if wanted, fused attention as the
/// device's kernels like it: on CPUs with f32 keys and values and heads padded to a multiple of 16 (others take a slow
/// path), on GPUs with f16 ones and padded to the next size that has a kernel. Heads too large for any kernel stay
/// plain.
void fit_to_device(EncoderOptions& options, const ComputeDevice& device, bool wants_fused_attention);

/// A matrix with a bias, or a norm's weight and bias. Either part may be null. Shapes in ggml order: matrices [in,
/// out], vectors [out].
struct Affine {
  ggml_tensor* weight = nullptr;
  ggml_tensor* bias = nullptr;
};

struct AttentionWeights {
  Affine query;
  Affine key;
  Affine value;
  Affine output;
};

struct FeedForwardWeights {
  Affine up;
  Affine down;
};

/// Weights of one layer. The second half is used with `lead_rows` only.
struct EncoderLayer {
  Affine attention_norm;
  AttentionWeights attention;
  Affine ffn_norm;
  FeedForwardWeights ffn;

  Affine cross_norm;
  AttentionWeights cross;  ///< No query weight: this layer does not read the context.
  Affine lead_ffn_norm;
  FeedForwardWeights lead_ffn;
};

/// Told about intermediate tensors while a graph is built, to mark and later read them.
using GraphTap = std::function<void(std::string_view name, ggml_tensor* tensor)>;

/// What the layers read besides the sequence itself; all may be empty.
struct EncoderInputs {
  ggml_tensor* context = nullptr;   ///< f32 [context width, context tokens, batch], for cross-attention.
  ggml_tensor* key_mask = nullptr;  ///< f32 [tokens, tokens, 1, batch], added to the scores: 0, or -inf for padding.
  /// Hears "query_N", "key_N", "value_N" (after their biases), "attention_N", "cross_N" (after sum and norm, where that
  /// comes after) and "hidden_N" for layer N, counted from 1.
  GraphTap tap;
};

/// Layer norm over the first dimension.
ggml_tensor* layer_norm(ggml_context* graph, ggml_tensor* x, const Affine& norm, float eps);

/// weight · x + bias.
ggml_tensor* linear(ggml_context* graph, ggml_tensor* x, const Affine& weights);

/// The activation of every element. `is_on_cpu`: the graph runs on a CPU, so a loop of our own may take part in it.
ggml_tensor* activate(ggml_context* graph, ggml_tensor* x, Activation activation, bool is_on_cpu = false);

/// Adds the layers to a graph and returns the output of each (before any final norm). `x`: f32 [width, tokens, batch];
/// the outputs have the same shape. Attention with a key mask is always plain.
std::vector<ggml_tensor*> build_encoder(ggml_context* graph, ggml_tensor* x, const EncoderOptions& options,
                                        const std::vector<EncoderLayer>& layers, const EncoderInputs& inputs = {});

/// Upper bound of the graph nodes that `layers` layers take.
std::size_t encoder_nodes(std::size_t layers);

}  // namespace cinescribe::tensor
