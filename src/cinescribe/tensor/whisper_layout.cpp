#include "cinescribe/tensor/whisper_layout.h"

#include <utility>

namespace cinescribe::tensor {

namespace {

Error wrong(const std::string& what, int value, const std::string& expected) {
  return {ErrorCode::kModel, what + " is " + std::to_string(value) + ", expected " + expected};
}

struct Bound {
  const char* name;
  int value;
  int lowest;
  int highest;
};

/// Builds the list of tensors; every function adds in file order.
class Layout {
 public:
  Layout(const WhisperShape& shape, WeightType weights) : shape_(shape), weights_(weights) {}

  std::vector<WhisperTensor> build() {
    const auto state = shape_.n_audio_state;
    const auto kernel = weights_ == WeightType::kF32 ? WeightType::kF32 : WeightType::kF16;
    add("encoder.positional_embedding", WeightType::kF32, {state, shape_.n_audio_ctx});
    add("encoder.conv1.weight", kernel, {3, shape_.n_mels, state});
    add("encoder.conv1.bias", WeightType::kF32, {1, state});
    add("encoder.conv2.weight", kernel, {3, state, state});
    add("encoder.conv2.bias", WeightType::kF32, {1, state});
    for (int i = 0; i < shape_.n_audio_layer; ++i) {
      const std::string block = "encoder.blocks." + std::to_string(i) + ".";
      attention(block + "attn", state);
      feed_forward(block, state);
    }
    norm("encoder.ln_post", state);
    const auto text_state = shape_.n_text_state;
    add("decoder.positional_embedding", WeightType::kF32, {text_state, shape_.n_text_ctx});
    add("decoder.token_embedding.weight", weights_, {text_state, shape_.n_vocab});
    for (int i = 0; i < shape_.n_text_layer; ++i) {
      const std::string block = "decoder.blocks." + std::to_string(i) + ".";
      attention(block + "attn", text_state);
      attention(block + "cross_attn", text_state);
      feed_forward(block, text_state);
    }
    norm("decoder.ln", text_state);
    return std::move(tensors_);
  }

 private:
  void add(std::string name, WeightType type, std::vector<std::int64_t> ne) {
    WhisperTensor tensor;
    tensor.name = std::move(name);
    tensor.type = type;
    tensor.n_dims = static_cast<int>(ne.size());
    for (std::size_t i = 0; i < ne.size(); ++i) tensor.ne[i] = ne[i];
    tensors_.push_back(std::move(tensor));
  }

  void norm(const std::string& name, int state) {
    add(name + ".weight", WeightType::kF32, {state});
    add(name + ".bias", WeightType::kF32, {state});
  }

  void linear(const std::string& name, int inputs, int outputs, bool has_bias = true) {
    add(name + ".weight", weights_, {inputs, outputs});
    if (has_bias) add(name + ".bias", WeightType::kF32, {outputs});
  }

  void attention(const std::string& name, int state) {
    linear(name + ".query", state, state);
    linear(name + ".key", state, state, false);
    linear(name + ".value", state, state);
    linear(name + ".out", state, state);
    norm(name + "_ln", state);
  }

  void feed_forward(const std::string& block, int state) {
    linear(block + "mlp.0", state, 4 * state);
    linear(block + "mlp.2", 4 * state, state);
    norm(block + "mlp_ln", state);
  }

  const WhisperShape& shape_;
  WeightType weights_;
  std::vector<WhisperTensor> tensors_;
};

struct KnownHeads {
  int n_text_layer;
  int n_audio_layer;
  int n_text_state;
  int n_vocab;
  std::vector<AlignmentHead> heads;
};

const std::vector<KnownHeads>& published_heads() {
  static const std::vector<KnownHeads> known = {
      {4, 4, 384, 51864, {{1, 0}, {2, 0}, {2, 5}, {3, 0}, {3, 1}, {3, 2}, {3, 3}, {3, 4}}},
      {4, 4, 384, 51865, {{2, 2}, {3, 0}, {3, 2}, {3, 3}, {3, 4}, {3, 5}}},
      {6, 6, 512, 51864, {{3, 3}, {4, 7}, {5, 1}, {5, 5}, {5, 7}}},
      {6, 6, 512, 51865, {{3, 1}, {4, 2}, {4, 3}, {4, 7}, {5, 1}, {5, 2}, {5, 4}, {5, 6}}},
      {12,
       12,
       768,
       51864,
       {{6, 6},
        {7, 0},
        {7, 3},
        {7, 8},
        {8, 2},
        {8, 5},
        {8, 7},
        {9, 0},
        {9, 4},
        {9, 8},
        {9, 10},
        {10, 0},
        {10, 1},
        {10, 2},
        {10, 3},
        {10, 6},
        {10, 11},
        {11, 2},
        {11, 4}}},
      {12, 12, 768, 51865, {{5, 3}, {5, 9}, {8, 0}, {8, 4}, {8, 7}, {8, 8}, {9, 0}, {9, 7}, {9, 9}, {10, 5}}},
      {24,
       24,
       1024,
       51864,
       {{11, 4},
        {14, 1},
        {14, 12},
        {14, 14},
        {15, 4},
        {16, 0},
        {16, 4},
        {16, 9},
        {17, 12},
        {17, 14},
        {18, 7},
        {18, 10},
        {18, 15},
        {20, 0},
        {20, 3},
        {20, 9},
        {20, 14},
        {21, 12}}},
      {24, 24, 1024, 51865, {{13, 15}, {15, 4}, {15, 15}, {16, 1}, {20, 0}, {23, 4}}},
      {32, 32, 1280, 51865, {{10, 12}, {13, 17}, {16, 11}, {16, 12}, {16, 13}, {17, 15}, {17, 16}, {18, 4},
                             {18, 11}, {18, 19}, {19, 11}, {21, 2},  {21, 3},  {22, 3},  {22, 9},  {22, 12},
                             {23, 5},  {23, 7},  {23, 13}, {25, 5},  {26, 1},  {26, 12}, {27, 15}}},
      {32,
       32,
       1280,
       51866,
       {{7, 0}, {10, 17}, {12, 18}, {13, 12}, {16, 1}, {17, 14}, {19, 11}, {21, 4}, {24, 1}, {25, 6}}},
      {4, 32, 1280, 51866, {{2, 4}, {2, 11}, {3, 3}, {3, 6}, {3, 11}, {3, 14}}},
  };
  return known;
}

}  // namespace

Status check_whisper_shape(const WhisperShape& shape) {
  // Token ids of languages and timestamps follow from the count; whisper.cpp indexes with them unchecked.
  if (shape.n_vocab < 51864 || shape.n_vocab > 51866) {
    return wrong("the vocabulary size", shape.n_vocab, "51864, 51865 or 51866");
  }
  if (shape.n_audio_ctx != 1500) return wrong("the audio context", shape.n_audio_ctx, "1500");
  if (shape.n_mels != 80 && shape.n_mels != 128) return wrong("the number of mel bands", shape.n_mels, "80 or 128");
  const Bound bounds[] = {{"the audio state size", shape.n_audio_state, 4, 4096},
                          {"the number of audio heads", shape.n_audio_head, 1, 128},
                          {"the number of audio layers", shape.n_audio_layer, 1, 128},
                          {"the text context", shape.n_text_ctx, 448, 448},
                          {"the text state size", shape.n_text_state, 4, 4096},
                          {"the number of text heads", shape.n_text_head, 1, 128},
                          {"the number of text layers", shape.n_text_layer, 1, 128}};
  for (const Bound& bound : bounds) {
    if (bound.value < bound.lowest || bound.value > bound.highest) {
      return wrong(bound.name, bound.value, std::to_string(bound.lowest) + " to " + std::to_string(bound.highest));
    }
  }
  if (shape.n_text_state != shape.n_audio_state) {
    return wrong("the text state size", shape.n_text_state,
                 "the audio state size " + std::to_string(shape.n_audio_state));
  }
  if (shape.n_audio_state % shape.n_audio_head != 0) {
    return wrong("the audio state size", shape.n_audio_state,
                 "a multiple of its " + std::to_string(shape.n_audio_head) + " heads");
  }
  if (shape.n_text_state % shape.n_text_head != 0) {
    return wrong("the text state size", shape.n_text_state,
                 "a multiple of its " + std::to_string(shape.n_text_head) + " heads");
  }
  return {};
}

std::uint64_t WhisperTensor::bytes() const {
  return static_cast<std::uint64_t>(rows()) * row_bytes(type, static_cast<std::size_t>(ne[0]));
}

std::vector<WhisperTensor> whisper_tensors(const WhisperShape& shape, WeightType weights) {
  return Layout(shape, weights).build();
}

std::vector<AlignmentHead> known_alignment_heads(const WhisperShape& shape) {
  for (const KnownHeads& known : published_heads()) {
    if (known.n_text_layer == shape.n_text_layer && known.n_audio_layer == shape.n_audio_layer &&
        known.n_text_state == shape.n_text_state && known.n_vocab == shape.n_vocab) {
      return known.heads;
    }
  }
  return {};
}

}  // namespace cinescribe::tensor
