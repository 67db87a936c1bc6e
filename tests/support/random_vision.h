#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "cinescribe/tensor/gguf_writer.h"
#include "cinescribe/tensor/model_card.h"
#include "cinescribe/tensor/weight_type.h"

namespace cinescribe::test {

/// One tensor of a vision.gguf (docs/model-folder.md).
struct VisionTensor {
  std::string name;
  std::vector<std::int64_t> shape;  ///< ggml's order.
  bool is_matrix = false;           ///< May be quantised.

  [[nodiscard]] std::size_t count() const {
    std::size_t n = 1;
    for (const std::int64_t d : shape) n *= static_cast<std::size_t>(d);
    return n;
  }
};

/// Names what a model folder of this card holds.
class VisionTensors {
 public:
  VisionTensors(const tensor::ModelCard& card, bool has_projector_bias) : card_(card) {
    add_tower();
    const std::int64_t features = static_cast<std::int64_t>(card.tower.feature_layers.size()) * card.tower.width;
    if (card.family == "instructblip") {
      add_qformer(features);
      linear("mm.0", card.qformer->width, card.language.width, has_projector_bias);
      return;
    }
    const std::int64_t merged = card.family == "phi3_v" ? 4 * features : features;
    linear("mm.0", merged, card.language.width, has_projector_bias);
    linear("mm.2", card.language.width, card.language.width, has_projector_bias);
    if (card.family == "llava_next") {
      array("mm.newline", {card.language.width});
    } else {
      array("mm.sub_newline", {merged});
      array("mm.global_separator", {merged});
    }
  }

  [[nodiscard]] const std::vector<VisionTensor>& list() const { return list_; }

 private:
  void array(const std::string& name, std::vector<std::int64_t> shape) {
    list_.push_back({name, std::move(shape), false});
  }
  void linear(const std::string& name, std::int64_t in, std::int64_t out, bool has_bias = true) {
    list_.push_back({name + ".weight", {in, out}, true});
    if (has_bias) array(name + ".bias", {out});
  }
  void norm(const std::string& name, std::int64_t width) {
    array(name + ".weight", {width});
    array(name + ".bias", {width});
  }
  void attention(const std::string& at, std::int64_t width, std::int64_t inner, std::int64_t source) {
    linear(at + "query", width, inner);
    linear(at + "key", source, inner);
    linear(at + "value", source, inner);
    linear(at + "output", inner, width);
  }

  void add_tower() {
    const tensor::TowerCard& t = card_.tower;
    const std::int64_t side = t.image_size_px / t.patch_size_px;
    array("v.class", {t.width});
    array("v.positions", {t.width, 1 + side * side});
    linear("v.patch", std::int64_t{3} * t.patch_size_px * t.patch_size_px, t.width, t.has_patch_bias);
    if (t.has_pre_norm) norm("v.pre_norm", t.width);
    if (t.has_post_norm) norm("v.post_norm", t.width);
    for (int i = 0; i < t.layers; ++i) {
      const std::string at = "v.layer." + std::to_string(i) + ".";
      norm(at + "norm1", t.width);
      norm(at + "norm2", t.width);
      attention(at, t.width, std::int64_t{t.heads} * t.head_dim, t.width);
      linear(at + "up", t.width, t.ffn_width);
      linear(at + "down", t.ffn_width, t.width);
    }
  }

  void add_qformer(std::int64_t features) {
    const tensor::QformerCard& q = *card_.qformer;
    array("q.queries", {q.width, q.queries});
    array("q.word_embeddings", {q.width, q.vocabulary});
    array("q.positions", {q.width, q.max_positions});
    norm("q.embed_norm", q.width);
    for (int i = 0; i < q.layers; ++i) {
      const std::string at = "q.layer." + std::to_string(i) + ".";
      attention(at, q.width, q.width, q.width);
      norm(at + "attention_norm", q.width);
      if (i % q.cross_attention_frequency == 0) {
        attention(at + "cross.", q.width, q.width, features);
        norm(at + "cross_norm", q.width);
      }
      for (const std::string part : {"", "query_"}) {
        linear(at + part + "up", q.width, q.ffn_width);
        linear(at + part + "down", q.ffn_width, q.width);
        norm(at + part + "ffn_norm", q.width);
      }
    }
  }

  const tensor::ModelCard& card_;
  std::vector<VisionTensor> list_;
};

/// Numbers in [-1, 1), the same on every machine.
class Noise {
 public:
  explicit Noise(std::uint32_t seed) : state_(seed) {}
  float next() {
    state_ = state_ * 1664525U + 1013904223U;
    return static_cast<float>(state_ >> 8) / 8388608.0F - 1.0F;
  }

 private:
  std::uint32_t state_;
};

/// Random values of a size that keeps activations near 1: matrices by their inputs, norms around one, the rest small.
inline std::vector<float> random_values(const VisionTensor& tensor, Noise& noise) {
  std::vector<float> values(tensor.count());
  const bool is_norm = tensor.name.find("norm") != std::string::npos && tensor.name.ends_with(".weight");
  const float scale = tensor.is_matrix ? 2.0F / std::sqrt(static_cast<float>(tensor.shape.front())) : 0.4F;
  for (float& v : values) v = noise.next() * scale + (is_norm ? 1.0F : 0.0F);
  return values;
}

using NamedValues = std::map<std::string, std::vector<float>, std::less<>>;

/// Writes `path` with random weights; matrices in `type`, or f16 where its blocks do not divide their rows. `kept`
/// receives the values. Returns the first error.
inline Status write_random_vision(const std::filesystem::path& path, const tensor::ModelCard& card,
                                  bool has_projector_bias, tensor::WeightType type, NamedValues* kept) {
  const VisionTensors tensors(card, has_projector_bias);
  tensor::GgufWriter writer(path);
  writer.set_text("general.architecture", "cinescribe-vision");
  writer.set_text("cinescribe.family", card.family);
  const auto type_of = [&](const VisionTensor& t) {
    if (!t.is_matrix) return tensor::WeightType::kF32;
    const bool fits = static_cast<std::size_t>(t.shape.front()) % tensor::block_length(type) == 0;
    return fits ? type : tensor::WeightType::kF16;
  };
  for (const VisionTensor& t : tensors.list()) CINESCRIBE_TRY(writer.declare(t.name, type_of(t), t.shape));
  CINESCRIBE_TRY(writer.begin());
  Noise noise(7);
  for (const VisionTensor& t : tensors.list()) {
    const std::vector<float> values = random_values(t, noise);
    const auto row = static_cast<std::size_t>(t.shape.front());
    std::vector<std::byte> bytes(tensor::row_bytes(type_of(t), row) * (values.size() / row));
    CINESCRIBE_TRY(tensor::quantise_rows(type_of(t), values, row, bytes));
    CINESCRIBE_TRY(writer.write(bytes));
    if (kept != nullptr) (*kept)[t.name] = values;
  }
  return writer.finish();
}

}  // namespace cinescribe::test
