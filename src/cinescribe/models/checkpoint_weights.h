#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/models/bitsandbytes.h"
#include "cinescribe/models/safetensors.h"
#include "cinescribe/models/weight_source.h"

namespace cinescribe::models {

/// The name of a tensor without what releases of transformers add and drop: a leading `model.`, `.model.` below
/// `language_model`, `.vision_model.` below `vision_tower`, and `language_model.` before `lm_head`.
/// @source transformers 4.57 LlavaNextForConditionalGeneration's key mapping.
std::string canonical_name(std::string_view name);

/// The weights of a Hugging Face folder: f32, f16 and bf16 as they are, 4-bit bitsandbytes matrices dequantised.
class CheckpointWeights final : public WeightSource {
 public:
  /// Errors: kModel (as `Checkpoint::open`; two tensors with one canonical name; LLM.int8 matrices, which are refused;
  /// damaged 4-bit matrices).
  static Result<std::unique_ptr<CheckpointWeights>> open(const std::filesystem::path& folder);

  [[nodiscard]] bool has(const std::string& name) const override;
  [[nodiscard]] Result<std::vector<std::int64_t>> shape(const std::string& name) const override;
  [[nodiscard]] Status read(const std::string& name, std::int64_t first, std::span<float> out) const override;
  void release(const std::string& name) const override;

  /// Canonical names of all weights; companions of 4-bit matrices are not weights.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  explicit CheckpointWeights(Checkpoint checkpoint) : checkpoint_(std::move(checkpoint)) {}
  Status index();

  Checkpoint checkpoint_;
  FourBitMatrix::Tensors tensors_;  ///< By canonical name.
  std::map<std::string, FourBitMatrix> four_bit_;
};

}  // namespace cinescribe::models
