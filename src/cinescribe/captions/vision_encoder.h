#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/image.h"
#include "cinescribe/core/status.h"
#include "cinescribe/tensor/model_card.h"

namespace cinescribe::captions {

/// Called with named intermediate arrays (row-major f32), for parity tests: "pixel_values" per picture [tiles, 3, size,
/// size]; "packed" per picture, at the end, its rows; the rest per chunk, [tiles, tokens or patches, width]:
/// "patch_embeds", "embeddings" (with class token and positions), "hidden_0" (before the first layer), for layer N from
/// 1 "query_N", "key_N", "value_N", "attention_N" and "hidden_N", "features" (what follows the tower gets); LLaVA
/// "projector_1" (before its activation) and "projected"; InstructBLIP "qformer_embeddings", "qformer_attention_N",
/// "qformer_cross_N", "qformer_hidden_N", "query_output" and "projected".
using VisionProbe = std::function<void(std::string_view name, std::span<const float> values)>;

struct VisionOptions {
  std::string device = "cpu";
  int threads = 0;      ///< 0 = as many as cores.
  int batch_tiles = 0;  ///< Tiles encoded in one graph. 0: one on CPUs, where more leave the caches; eight on GPUs.
  bool is_fused_attention = true;  ///< false: plain f32 attention (parity).
  bool is_low_detail = false;      ///< LLaVA: the overview tile only; Phi: one crop.
  int num_crops = 0;               ///< Phi: overrides the model's; 0 = the model's.
  VisionProbe probe;
};

/// The rows that stand for one picture in the prompt.
struct ImageRows {
  int tokens = 0;
  std::vector<float> rows;  ///< tokens × width of the language model.
};

/// The pictures of one scene, and the instruction (InstructBLIP's Q-Former reads it, the others do not).
struct VisionTask {
  std::vector<Image> images;  ///< RGB, upright.
  std::string instruction;
};

struct VisionTimings {
  double preprocess_seconds = 0.0;
  double encode_seconds = 0.0;
  int tiles = 0;
};

/// The picture half of a model folder: preprocessing, vision tower, projector (and Q-Former). One thread at a time.
class VisionEncoder {
 public:
  /// Loads `folder/vision.gguf` as `card` describes it. Errors: kModel, kResource.
  static Result<std::unique_ptr<VisionEncoder>> load(const std::filesystem::path& folder, const tensor::ModelCard& card,
                                                     const VisionOptions& options);
  virtual ~VisionEncoder() = default;
  VisionEncoder(const VisionEncoder&) = delete;
  VisionEncoder& operator=(const VisionEncoder&) = delete;

  /// Tokens that a picture of this size takes in the prompt. Errors: kInput (a size that cannot be processed).
  [[nodiscard]] virtual Result<int> image_tokens(int width_px, int height_px) const = 0;

  /// Whether `encode` can take this task; what is wrong with it is the task's own fault and costs only that one. Cheap
  /// (no pixels are touched). Errors: kInput (no picture, a size that cannot be processed, an instruction longer than
  /// the Q-Former reads, ids outside of its vocabulary).
  [[nodiscard]] virtual Status check(const VisionTask& task) const = 0;

  /// Rows of every picture of every task, in order; tiles of all tasks are encoded in common batches.
  /// Errors: kInput (a task that `check` refuses; nothing is encoded then), kResource, kInterrupted.
  virtual Result<std::vector<std::vector<ImageRows>>> encode(std::span<const VisionTask> tasks, VisionTimings& timings,
                                                             const std::stop_token& stop) = 0;

 protected:
  VisionEncoder() = default;
};

}  // namespace cinescribe::captions
