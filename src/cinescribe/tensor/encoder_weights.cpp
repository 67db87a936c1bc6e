#include "cinescribe/tensor/encoder_weights.h"

namespace cinescribe::tensor {

Result<Affine> read_linear(const WeightFile& file, const std::string& name, std::int64_t in, std::int64_t out) {
  Affine linear;
  CINESCRIBE_ASSIGN(linear.weight, file.matrix(name + ".weight", in, out));
  if (file.has(name + ".bias")) {
    CINESCRIBE_ASSIGN(linear.bias, file.array(name + ".bias", {out}));
  }
  return linear;
}

Result<Affine> read_norm(const WeightFile& file, const std::string& name, std::int64_t width) {
  Affine norm;
  CINESCRIBE_ASSIGN(norm.weight, file.array(name + ".weight", {width}));
  CINESCRIBE_ASSIGN(norm.bias, file.array(name + ".bias", {width}));
  return norm;
}

Result<AttentionWeights> read_attention(const WeightFile& file, const std::string& prefix,
                                        const EncoderOptions& options, std::int64_t source_width) {
  const std::int64_t inner = static_cast<std::int64_t>(options.heads) * options.head_dim;
  AttentionWeights attention;
  CINESCRIBE_ASSIGN(attention.query, read_linear(file, prefix + "query", options.width, inner));
  CINESCRIBE_ASSIGN(attention.key, read_linear(file, prefix + "key", source_width, inner));
  CINESCRIBE_ASSIGN(attention.value, read_linear(file, prefix + "value", source_width, inner));
  CINESCRIBE_ASSIGN(attention.output, read_linear(file, prefix + "output", inner, options.width));
  return attention;
}

Result<FeedForwardWeights> read_feed_forward(const WeightFile& file, const std::string& up, const std::string& down,
                                             std::int64_t width, std::int64_t ffn_width) {
  FeedForwardWeights ffn;
  CINESCRIBE_ASSIGN(ffn.up, read_linear(file, up, width, ffn_width));
  CINESCRIBE_ASSIGN(ffn.down, read_linear(file, down, ffn_width, width));
  return ffn;
}

Result<std::vector<EncoderLayer>> read_encoder_layers(const WeightFile& file, const std::string& prefix,
                                                      std::int64_t count, const EncoderOptions& options,
                                                      std::int64_t ffn_width) {
  std::vector<EncoderLayer> layers;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string at = prefix + std::to_string(i) + ".";
    EncoderLayer& layer = layers.emplace_back();
    CINESCRIBE_ASSIGN(layer.attention_norm, read_norm(file, at + "norm1", options.width));
    CINESCRIBE_ASSIGN(layer.attention, read_attention(file, at, options, options.width));
    CINESCRIBE_ASSIGN(layer.ffn_norm, read_norm(file, at + "norm2", options.width));
    CINESCRIBE_ASSIGN(layer.ffn, read_feed_forward(file, at + "up", at + "down", options.width, ffn_width));
  }
  return layers;
}

}  // namespace cinescribe::tensor
