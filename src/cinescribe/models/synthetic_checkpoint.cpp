#include "cinescribe/models/synthetic_checkpoint.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "cinescribe/core/file.h"
#include "cinescribe/models/synthetic_tokenizer.h"

namespace cinescribe::models {

namespace {

using Json = nlohmann::ordered_json;

enum class Family { kLlavaVicuna, kLlavaMistral, kPhi, kInstructBlip };

/// What differs between the models.
struct Shape {
  const char* name;
  Family family;
  int width, ffn_width, layers, heads;
};

constexpr std::array<Shape, 6> kShapes = {{{"llava-v1.6-vicuna-7b", Family::kLlavaVicuna, 4096, 11008, 32, 32},
                                           {"llava-v1.6-vicuna-13b", Family::kLlavaVicuna, 5120, 13824, 40, 40},
                                           {"llava-v1.6-mistral-7b", Family::kLlavaMistral, 4096, 14336, 32, 32},
                                           {"phi-3.5-vision", Family::kPhi, 3072, 8192, 32, 32},
                                           {"instructblip-vicuna-7b", Family::kInstructBlip, 4096, 11008, 32, 32},
                                           {"instructblip-vicuna-13b", Family::kInstructBlip, 5120, 13824, 40, 40}}};

constexpr int kRows = 32064;
constexpr int kQformerRows = 30523;

Json text_config(const Shape& shape, int layers) {
  const bool is_mistral = shape.family == Family::kLlavaMistral;
  Json json = {{"model_type", is_mistral ? "mistral" : "llama"},
               {"vocab_size", kRows},
               {"hidden_size", shape.width},
               {"intermediate_size", shape.ffn_width},
               {"num_hidden_layers", layers},
               {"num_attention_heads", shape.heads},
               {"num_key_value_heads", is_mistral ? 8 : shape.heads},
               {"max_position_embeddings", is_mistral ? 32768 : 4096},
               {"rms_norm_eps", 1e-5},
               {"rope_theta", is_mistral ? 1e6 : 1e4}};
  if (is_mistral) json["sliding_window"] = nullptr;
  if (shape.family == Family::kInstructBlip) {
    json["max_position_embeddings"] = 2048;
    json["rms_norm_eps"] = 1e-6;
    json["pad_token_id"] = 32000;
  }
  return json;
}

Json clip_config() {
  return {{"model_type", "clip_vision_model"},
          {"hidden_size", 1024},
          {"intermediate_size", 4096},
          {"num_hidden_layers", 24},
          {"num_attention_heads", 16},
          {"image_size", 336},
          {"patch_size", 14}};
}

/// Factors that grow as those of the real model do; only the cost matters here.
Json rope_factors(double last) {
  constexpr int kCount = 48;
  Json factors = Json::array();
  for (int i = 0; i < kCount; ++i) factors.push_back(1.08 + (last - 1.08) * i / (kCount - 1));
  return factors;
}

Json phi_config(const Shape& shape, int layers) {
  return {
      {"model_type", "phi3_v"},
      {"vocab_size", kRows},
      {"hidden_size", shape.width},
      {"intermediate_size", shape.ffn_width},
      {"num_hidden_layers", layers},
      {"num_attention_heads", shape.heads},
      {"num_key_value_heads", shape.heads},
      {"rms_norm_eps", 1e-5},
      {"rope_theta", 10000.0},
      {"max_position_embeddings", 131072},
      {"original_max_position_embeddings", 4096},
      {"sliding_window", 262144},
      {"rope_scaling", {{"type", "su"}, {"short_factor", rope_factors(9.0)}, {"long_factor", rope_factors(64.8)}}},
      {"pad_token_id", 32000},
      {"embd_layer",
       {{"embedding_cls", "image"},
        {"projection_cls", "mlp"},
        {"use_hd_transform", true},
        {"with_learnable_separator", true},
        {"hd_transform_order", "sub_glb"}}},
      {"img_processor", {{"name", "clip_vision_model"}, {"image_dim_out", 1024}, {"vision_config", clip_config()}}}};
}

Json model_config(const Shape& shape, int layers) {
  switch (shape.family) {
    case Family::kPhi:
      return phi_config(shape, layers);
    case Family::kInstructBlip:
      return {{"model_type", "instructblip"},
              {"image_token_index", 32001},
              {"num_query_tokens", 32},
              {"text_config", text_config(shape, layers)},
              {"qformer_config", {{"vocab_size", kQformerRows}}},
              {"vision_config", {{"image_size", 224}}}};
    default:
      return {{"model_type", "llava_next"},
              {"image_token_index", 32000},
              {"text_config", text_config(shape, layers)},
              {"vision_config", clip_config()}};
  }
}

Json preprocessor_config(const Shape& shape) {
  switch (shape.family) {
    case Family::kPhi:
      return {{"num_crops", 4}};
    case Family::kInstructBlip:
      return {{"size", {{"height", 224}, {"width", 224}}}};
    default:
      return {{"size", {{"shortest_edge", 336}}}, {"crop_size", {{"height", 336}, {"width", 336}}}};
  }
}

std::vector<std::string> added_tokens(Family family) {
  if (family == Family::kInstructBlip) return {"[PAD]", "<image>"};
  if (family != Family::kPhi) return {"<image>", "<pad>"};
  std::vector<std::string> tokens = {"<|endoftext|>", "<|assistant|>"};
  const auto add_placeholders = [&tokens](int first, int last) {
    for (int i = first; i <= last; ++i) tokens.push_back("<|placeholder" + std::to_string(i) + "|>");
  };
  add_placeholders(1, 4);
  tokens.insert(tokens.end(), {"<|system|>", "<|end|>"});
  add_placeholders(5, 6);
  tokens.emplace_back("<|user|>");
  add_placeholders(7, 39);
  tokens.emplace_back("<|image|>");
  return tokens;
}

Status write_json(const std::filesystem::path& path, const Json& json) {
  return write_file_atomically(path, json.dump(2) + "\n");
}

Status write_tokenizers(const Shape& shape, const std::filesystem::path& folder) {
  const std::string start = shape.family == Family::kInstructBlip ? "</s>" : "<s>";
  CINESCRIBE_TRY(
      write_file_atomically(folder / "tokenizer.json", synthetic_llama_tokenizer(added_tokens(shape.family), start)));
  CINESCRIBE_TRY(write_json(folder / "tokenizer_config.json", {{"tokenizer_class", "LlamaTokenizer"},
                                                               {"bos_token", start},
                                                               {"eos_token", "</s>"},
                                                               {"unk_token", "<unk>"},
                                                               {"legacy", true}}));
  if (shape.family != Family::kInstructBlip) return {};
  const std::filesystem::path second = folder / "qformer_tokenizer";
  CINESCRIBE_TRY(write_file_atomically(second / "tokenizer.json", synthetic_bert_tokenizer(kQformerRows)));
  return write_json(second / "tokenizer_config.json", {{"tokenizer_class", "BertTokenizer"}, {"do_lower_case", true}});
}

}  // namespace

std::vector<std::string> synthetic_names() {
  std::vector<std::string> names;
  for (const Shape& shape : kShapes) names.emplace_back(shape.name);
  return names;
}

Status write_synthetic_checkpoint(std::string_view name, int layers, const std::filesystem::path& folder) {
  const auto shape = std::find_if(kShapes.begin(), kShapes.end(), [name](const Shape& s) { return name == s.name; });
  if (shape == kShapes.end()) {
    std::string known;
    for (const Shape& other : kShapes) known += (known.empty() ? "" : ", ") + std::string(other.name);
    return Error{ErrorCode::kModel, "the shapes of '" + std::string(name) + "' are not known here; known are " + known};
  }
  const int count = layers > 0 ? std::min(layers, shape->layers) : shape->layers;
  CINESCRIBE_TRY(write_json(folder / "config.json", model_config(*shape, count)));
  CINESCRIBE_TRY(write_json(folder / "preprocessor_config.json", preprocessor_config(*shape)));
  return write_tokenizers(*shape, folder);
}

}  // namespace cinescribe::models
