#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/tensor/mapped_file.h"

namespace cinescribe::models {

/// Element types of a safetensors file.
enum class ElementType { kF64, kF32, kF16, kBf16, kI64, kI32, kI16, kI8, kU8, kBool };

/// Bytes of one element.
std::size_t element_bytes(ElementType type);

/// A tensor inside a mapped file: row-major, outermost dimension first; the bytes live as long as the file's owner and
/// have no particular alignment.
struct TensorView {
  ElementType type = ElementType::kF32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;

  [[nodiscard]] std::size_t elements() const { return bytes.size() / element_bytes(type); }
};

/// Reads the header of a safetensors file held in memory. Everything is checked: lengths, types, shapes against byte
/// counts, ranges inside the file and no two overlapping. Errors: kModel.
/// @source The safetensors format description (8-byte length, JSON header, data).
Result<std::map<std::string, TensorView>> parse_safetensors(std::span<const std::byte> file);

/// File names of the shards that an index (`model.safetensors.index.json`) names, each a plain name. Errors: kModel.
Result<std::set<std::string>> shard_names(const std::filesystem::path& index);

/// The tensors of a Hugging Face folder: `model.safetensors`, or the shards that `model.safetensors.index.json` names.
/// Files are mapped, not read. Immutable; thread-safe to read.
class Checkpoint {
 public:
  /// Errors: kModel (no safetensors file, a missing shard, damaged headers, a tensor in two shards).
  static Result<Checkpoint> open(const std::filesystem::path& folder);

  [[nodiscard]] const std::map<std::string, TensorView>& tensors() const { return tensors_; }
  [[nodiscard]] const TensorView* find(const std::string& name) const;
  /// Converts a floating-point tensor of exactly this shape to f32. Errors: kModel (missing, other shape or type).
  [[nodiscard]] Result<std::vector<float>> floats(const std::string& name,
                                                  const std::vector<std::int64_t>& shape) const;

 private:
  std::vector<tensor::MappedFile> files_;
  std::map<std::string, TensorView> tensors_;
};

}  // namespace cinescribe::models
