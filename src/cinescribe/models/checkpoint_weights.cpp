#include "cinescribe/models/checkpoint_weights.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "cinescribe/tensor/mapped_file.h"
#include "cinescribe/tensor/weight_type.h"

namespace cinescribe::models {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kRenamed = {
    {{"language_model.model.", "language_model."},
     {"language_model.lm_head.", "lm_head."},
     {"vision_tower.vision_model.", "vision_tower."},
     {"language_model.language_model.", "language_model."}}};

/// Parts of a 4-bit matrix beside its codes.
bool is_companion(const std::string& name) {
  static constexpr std::array<std::string_view, 4> kEnds = {".weight.absmax", ".weight.quant_map",
                                                            ".weight.nested_absmax", ".weight.nested_quant_map"};
  return name.find(".weight.quant_state.") != std::string::npos ||
         std::any_of(kEnds.begin(), kEnds.end(), [&name](std::string_view end) { return name.ends_with(end); });
}

Error missing(const std::string& name) { return {ErrorCode::kModel, "the checkpoint lacks the tensor '" + name + "'"}; }

}  // namespace

std::string canonical_name(std::string_view name) {
  std::string out(name);
  if (out.starts_with("model.")) out.erase(0, 6);
  for (const auto& [from, to] : kRenamed) {
    if (out.starts_with(from)) return std::string(to) + out.substr(from.size());
  }
  return out;
}

Result<std::unique_ptr<CheckpointWeights>> CheckpointWeights::open(const std::filesystem::path& folder) {
  CINESCRIBE_ASSIGN(Checkpoint checkpoint, Checkpoint::open(folder));
  std::unique_ptr<CheckpointWeights> weights(new CheckpointWeights(std::move(checkpoint)));
  const Status indexed = weights->index();
  if (!indexed.ok()) return indexed.error().with_context(folder.string());
  return weights;
}

Status CheckpointWeights::index() {
  for (const auto& [name, view] : checkpoint_.tensors()) {
    if (name.ends_with(".SCB")) {
      return Error{ErrorCode::kModel, "its weights are 8-bit (bitsandbytes LLM.int8, '" + name +
                                          "'), which cannot be imported; use the checkpoint it was made from"};
    }
    if (!tensors_.emplace(canonical_name(name), &view).second) {
      return Error{ErrorCode::kModel, "the tensor '" + name + "' is there under two names"};
    }
  }
  for (const auto& [name, view] : tensors_) {
    if (is_companion(name) || !FourBitMatrix::is_four_bit(tensors_, name)) continue;
    CINESCRIBE_ASSIGN(auto matrix, FourBitMatrix::open(tensors_, name));
    four_bit_.emplace(name, std::move(matrix));
  }
  return {};
}

bool CheckpointWeights::has(const std::string& name) const { return tensors_.count(name) != 0; }

Result<std::vector<std::int64_t>> CheckpointWeights::shape(const std::string& name) const {
  if (const auto matrix = four_bit_.find(name); matrix != four_bit_.end()) return matrix->second.shape();
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) return missing(name);
  return found->second->shape;
}

Status CheckpointWeights::read(const std::string& name, std::int64_t first, std::span<float> out) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) return missing(name);
  const TensorView& view = *found->second;
  const auto matrix = four_bit_.find(name);
  const auto elements =
      matrix != four_bit_.end() ? static_cast<std::size_t>(matrix->second.elements()) : view.elements();
  const auto begin = static_cast<std::size_t>(first);
  if (first < 0 || begin > elements || out.size() > elements - begin) {
    return Error{ErrorCode::kModel, "the tensor '" + name + "' is shorter than its configuration says"};
  }
  if (matrix != four_bit_.end()) {
    matrix->second.read(first, out);
    return {};
  }
  const auto bytes = view.bytes.subspan(begin * element_bytes(view.type), out.size() * element_bytes(view.type));
  switch (view.type) {
    case ElementType::kF32:
      if (!out.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
      return {};
    case ElementType::kF16:
      tensor::half_to_float(bytes, out);
      return {};
    case ElementType::kBf16:
      tensor::bfloat_to_float(bytes, out);
      return {};
    default:
      return Error{ErrorCode::kModel,
                   "the tensor '" + name + "' does not hold floating-point numbers (f32, f16 or bf16)"};
  }
}

void CheckpointWeights::release(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found != tensors_.end()) tensor::MappedFile::release(found->second->bytes);
}

std::vector<std::string> CheckpointWeights::names() const {
  std::vector<std::string> names;
  for (const auto& [name, view] : tensors_) {
    if (!is_companion(name)) names.push_back(name);
  }
  return names;
}

}  // namespace cinescribe::models
