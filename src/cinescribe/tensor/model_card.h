#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::tensor {

/// A vision tower (CLIP or EVA): a transformer encoder with the norm before each sub-layer over square patches.
struct TowerCard {
  int image_size_px = 0;
  int patch_size_px = 0;
  int width = 0;
  int heads = 0;
  int head_dim = 0;
  int ffn_width = 0;
  int layers = 0;  ///< Layers in the file, which are those that run.
  double norm_eps = 1e-5;
  std::string activation;  ///< Hugging Face's `hidden_act`.
  bool has_patch_bias = false;
  bool has_pre_norm = false;   ///< CLIP's `pre_layrnorm` before the first layer.
  bool has_post_norm = false;  ///< `post_layernorm` over all tokens after the last layer.
  /// Hidden states whose features are used, joined along the width in this order: 0 = before the first layer, n = after
  /// layer n. One element in the known models.
  std::vector<int> feature_layers;
  bool drops_class_token = false;
};

/// The querying transformer of InstructBLIP.
struct QformerCard {
  int width = 0;
  int heads = 0;
  int layers = 0;
  int ffn_width = 0;
  int queries = 0;
  int cross_attention_frequency = 0;
  int vocabulary = 0;  ///< Rows of the word embedding.
  int max_positions = 0;
  double norm_eps = 1e-12;
  std::string activation;
};

/// How pictures become pixels of the tower.
struct PixelCard {
  std::array<double, 3> mean{};
  std::array<double, 3> std{};
  double rescale_factor = 1.0 / 255.0;
  /// Pass order of Pillow's resize: "horizontal_first", or "pillow13" (vertical first where that release does so).
  std::string resize_order = "horizontal_first";
  std::vector<std::array<int, 2>> pinpoints_hw;  ///< LLaVA: canvases as (height, width), in the file's order.
  int num_crops = 0;                             ///< Phi: N of the HD transform.
  std::string hd_order;                          ///< Phi: "sub_glb" or "glb_sub".
};

/// Shape of the language model; the numbers it runs with are in language.gguf.
struct LanguageCard {
  std::string architecture;  ///< As in the GGUF: "llama" or "phi3".
  int vocabulary = 0;        ///< Rows of the token embedding.
  int width = 0;
  int layers = 0;
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;
  int ffn_width = 0;
  std::int64_t context = 0;            ///< Trained positions (`max_position_embeddings`).
  std::optional<std::int64_t> window;  ///< Sliding window when one is in force.
  std::int64_t original_context = 0;   ///< Phi: short RoPE factors up to this many tokens; 0 = one set.
};

/// Ids with a meaning of their own. -1: none.
struct TokenCard {
  int bos = -1;
  std::vector<int> eos;
  int pad = -1;
  int image = -1;           ///< Placeholder that image rows stand for; what logits processors see there.
  std::vector<int> hidden;  ///< Left out when a caption is decoded, besides the tokenizer's own special tokens.
};

/// Defaults of `generate`, as the checkpoint's files set them; absent = Hugging Face's own default.
struct GenerationCard {
  std::optional<bool> do_sample;
  std::optional<double> temperature, top_p, repetition_penalty, length_penalty;
  std::optional<int> top_k, num_beams, max_length, max_new_tokens, min_length, no_repeat_ngram_size;
};

/// `model.json`: what a model folder holds (docs/model-folder.md). Its numbers describe files that are checked against
/// them when they are loaded.
struct ModelCard {
  std::string family;  ///< "llava_next", "phi3_v" or "instructblip".
  std::string name;
  std::string source;         ///< Where the checkpoint came from.
  std::string licence;        ///< SPDX expression or the licence's name; empty = unknown.
  bool is_synthetic = false;  ///< Random weights, for measuring only.
  std::string type;           ///< Of the language model's matrices, e.g. "q4_k_m".
  std::string vision_type;
  std::string prompt_template;  ///< "vicuna", "mistral", "phi3" or "plain".
  TowerCard tower;
  std::string projector_activation = "gelu";  ///< LLaVA's `projector_hidden_act`; always "gelu" for the others.
  std::optional<QformerCard> qformer;
  PixelCard pixels;
  LanguageCard language;
  TokenCard tokens;
  GenerationCard generation;
  std::map<std::string, std::string> sha256;  ///< File name inside the folder -> checksum.
};

/// Reads `folder/model.json`; every number is checked for its range. Errors: kModel, naming key and value.
Result<ModelCard> read_model_card(const std::filesystem::path& folder);
/// The same from text, for tests and fuzzing.
Result<ModelCard> parse_model_card(const std::string& json);

/// The text of `model.json`.
std::string model_card_json(const ModelCard& card);

}  // namespace cinescribe::tensor
