#include <array>
#include <vector>

#include "cinescribe/captions/captioner_advice.h"

namespace cinescribe::captions {

namespace {

// Multiplications of a vision transformer: 2 x parameters x patches, and 4 x layers x patches^2 x width for attention.
// SmolVLM2 cuts such a frame into 4 x 3 tiles and an overview; Qwen3-VL takes it in its own size (32 px a token); Gemma
// squeezes it to 896 x 896.
std::vector<CaptionerShape> gguf_pairs() {
  return {
      {"smolvlm2-500m", "q8_0", "q8_0", 0.36e9, 0.55e9, 0.44e9, 41e3, 31e3, 832, 128, 2800, 430},
      {"smolvlm2-2.2b", "q4_k_m", "q8_0", 1.71e9, 1.70e9, 1.11e9, 197e3, 49e3, 1053, 162, 8400, 1300},
      {"qwen3-vl-2b", "q4_k_m", "q8_0", 1.72e9, 1.55e9, 1.11e9, 115e3, 57e3, 209, 128, 540, 330},
      {"qwen3-vl-4b", "q4_k_m", "q8_0", 4.02e9, 2.95e9, 2.50e9, 147e3, 147e3, 209, 128, 540, 330},
      {"gemma-3-4b", "q4_k_m", "q8_0", 3.88e9, 3.34e9, 2.49e9, 139e3, 70e3, 256, 256, 5400, 5400},
      {"qwen3-vl-8b", "q4_k_m", "q8_0", 8.19e9, 5.78e9, 5.03e9, 147e3, 147e3, 209, 128, 960, 600},
  };
}

struct Decoder {
  int width, ffn_width, layers, heads, kv_heads;
};

constexpr double kVocabulary = 32064.0;

double embedding_parameters(const Decoder& d) { return kVocabulary * d.width; }

/// What every token is multiplied with: the layers and the output, not the embedding, which is only looked up.
double working_parameters(const Decoder& d) {
  const double width = d.width;
  const double kv_share = static_cast<double>(d.kv_heads) / d.heads;
  const double attention = width * width * (2.0 + 2.0 * kv_share);
  return d.layers * (attention + 3.0 * width * d.ffn_width) + embedding_parameters(d);
}

double kv_bytes(const Decoder& d) {
  constexpr double kBytes = 2.0;  // f16, keys and values
  return 2.0 * kBytes * d.layers * d.width * d.kv_heads / d.heads;
}

/// CLIP ViT-L/14 at 336 px: a tile of 576 patches and a class token through 23 layers.
constexpr double kClipParameters = 0.303e9;
constexpr double kClipTileGflop = 2.0 * 0.290e9 * 577 / 1e9 + 4.0 * 23 * 577 * 577 * 1024 / 1e9;
/// EVA ViT-g/14 at 224 px: 257 tokens through 39 layers, and the Q-Former's 12 layers over 32 queries.
constexpr double kEvaParameters = 0.986e9 + 0.187e9;
constexpr double kEvaGflop = 2.0 * 0.986e9 * 257 / 1e9 + 4.0 * 39 * 257 * 257 * 1408 / 1e9 + 32.0;

struct Eyes {
  double parameters, tokens, tokens_low, gflop, gflop_low;
  bool is_one_picture;
};

// A frame of 597 x 336: LLaVA makes two tiles and an overview of it (24 x 42 of the tiles' patches are picture, each
// row ends with a mark), Phi four tiles and an overview (144 tokens each, and marks); low detail keeps one tile.
constexpr Eyes kLlavaEyes = {kClipParameters + 21e6, 576 + 24 * 43, 576, 3 * kClipTileGflop, kClipTileGflop, false};
constexpr Eyes kPhiEyes = {kClipParameters + 22e6, 757, 313, 5 * kClipTileGflop, 2 * kClipTileGflop, false};
constexpr Eyes kBlipEyes = {kEvaParameters, 32, 32, kEvaGflop, kEvaGflop, true};

struct FolderModel {
  const char* name;
  Decoder decoder;
  Eyes eyes;
};

constexpr std::array kFolderModels = {FolderModel{"llava-v1.6-vicuna-7b", {4096, 11008, 32, 32, 32}, kLlavaEyes},
                                      FolderModel{"llava-v1.6-vicuna-13b", {5120, 13824, 40, 40, 40}, kLlavaEyes},
                                      FolderModel{"llava-v1.6-mistral-7b", {4096, 14336, 32, 32, 8}, kLlavaEyes},
                                      FolderModel{"phi-3.5-vision", {3072, 8192, 32, 32, 32}, kPhiEyes},
                                      FolderModel{"instructblip-vicuna-7b", {4096, 11008, 32, 32, 32}, kBlipEyes},
                                      FolderModel{"instructblip-vicuna-13b", {5120, 13824, 40, 40, 40}, kBlipEyes}};

struct TypeBits {
  const char* name;
  double bits;  ///< Of a weight; of a mixture over all its matrices.
};
constexpr std::array kTypes = {TypeBits{"f16", 16.0}, TypeBits{"q8_0", 8.5}, TypeBits{"q6_k", 6.5625},
                               TypeBits{"q4_k_m", 4.85}};

CaptionerShape shape_of(const FolderModel& model, const TypeBits& type) {
  constexpr double kVisionBytes = 2.0;  // f16
  CaptionerShape shape;
  shape.name = model.name;
  shape.type = type.name;
  shape.vision_type = "f16";
  shape.parameters = working_parameters(model.decoder);
  shape.language_bytes = shape.parameters * type.bits / 8.0;
  shape.weight_bytes = shape.language_bytes + embedding_parameters(model.decoder) * type.bits / 8.0 +
                       model.eyes.parameters * kVisionBytes;
  shape.kv_bytes_per_token = kv_bytes(model.decoder);
  shape.attention_width = static_cast<double>(model.decoder.layers) * model.decoder.width;
  shape.frame_tokens = model.eyes.tokens;
  shape.frame_tokens_low = model.eyes.tokens_low;
  shape.frame_gflop = model.eyes.gflop;
  shape.frame_gflop_low = model.eyes.gflop_low;
  shape.is_one_picture = model.eyes.is_one_picture;
  return shape;
}

std::vector<CaptionerShape> all_captioners() {
  std::vector<CaptionerShape> shapes = gguf_pairs();
  for (const FolderModel& model : kFolderModels) {
    for (const TypeBits& type : kTypes) shapes.push_back(shape_of(model, type));
  }
  return shapes;
}

}  // namespace

std::span<const CaptionerShape> known_captioners() {
  static const std::vector<CaptionerShape> shapes = all_captioners();
  return shapes;
}

}  // namespace cinescribe::captions
