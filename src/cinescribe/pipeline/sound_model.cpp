#include "cinescribe/pipeline/sound_model.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <thread>

#include "cinescribe/models/ast_import.h"
#include "cinescribe/sounds/ast_tagger.h"
#include "cinescribe/sounds/yamnet_tagger.h"
#include "cinescribe/tensor/backends.h"

namespace cinescribe::pipeline {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kSmallCheckpointBytes = 64U << 20;

std::uintmax_t weight_bytes(const fs::path& folder) {
  std::uintmax_t sum = 0;
  std::error_code ignored;
  for (const auto& item : fs::directory_iterator(folder, ignored)) {
    if (item.path().extension() == ".safetensors") sum += item.file_size(ignored);
  }
  return sum;
}

/// Kernels for processors that multiply bf16 numbers in one instruction; there it is the fastest type.
bool has_bf16_products(const std::string& cpu_variant) {
  return cpu_variant == "zen4" || cpu_variant == "cooperlake" || cpu_variant == "sapphirerapids";
}

Result<tensor::WeightType> weight_type(const std::string& name, const fs::path& folder) {
  if (name != "auto") return tensor::parse_weight_type(name);
  if (weight_bytes(folder) < kSmallCheckpointBytes) return tensor::WeightType::kF32;
  CINESCRIBE_TRY(tensor::load_backends());
  return has_bf16_products(tensor::cpu_variant()) ? tensor::WeightType::kBf16 : tensor::WeightType::kF16;
}

}  // namespace

Result<std::unique_ptr<sounds::SoundTagger>> load_sound_model(const models::LocatedModel& model,
                                                              const SoundModelOptions& options) {
  if (std::filesystem::exists(model.path / "yamnet_class_map.csv")) {
    const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    return sounds::load_yamnet(model.path, options.threads > 0 ? options.threads : cores);
  }
  if (!models::looks_like_ast(model.path) && model.path.extension() != ".gguf") {
    return Error{ErrorCode::kModel, model.path.string() +
                                        " is no sound model; expected YAMNet (model.onnx with yamnet_class_map.csv), a "
                                        "Hugging Face AST folder, or a GGUF file imported from one"};
  }
  CINESCRIBE_ASSIGN(const auto type, weight_type(options.type, model.path));
  CINESCRIBE_ASSIGN(const auto gguf, models::prepare_ast(model.path, type));
  sounds::AstOptions ast;
  ast.device = options.device;
  ast.threads = options.threads;
  // Fused attention has f32 keys on CPUs and f16 ones on GPUs, where f32 would not be exact.
  ast.is_fused_attention = type != tensor::WeightType::kF32 || options.device == "cpu";
  return sounds::load_ast(gguf, ast);
}

}  // namespace cinescribe::pipeline
