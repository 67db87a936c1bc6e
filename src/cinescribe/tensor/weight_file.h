#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/tensor/compute_device.h"

namespace cinescribe::tensor {

/// A GGUF file of ours (encoders, projectors): its metadata, and its tensors in a device's memory.
///
/// The file is foreign until checked: sizes, offsets, types and shapes are verified before ggml uses them. Immutable
/// and thread-safe once loaded; the device must outlive it.
class WeightFile {
 public:
  /// Errors: kModel, naming the file and what is wrong with it; kResource when memory does not suffice.
  static Result<std::unique_ptr<WeightFile>> load(const std::filesystem::path& path, const ComputeDevice& device);
  ~WeightFile();
  WeightFile(const WeightFile&) = delete;
  WeightFile& operator=(const WeightFile&) = delete;

  /// Metadata; kModel when the key is missing, of another type, or outside [low, high].
  [[nodiscard]] Result<std::int64_t> integer(const std::string& key, std::int64_t low, std::int64_t high) const;
  [[nodiscard]] Result<double> number(const std::string& key) const;
  [[nodiscard]] Result<std::string> text(const std::string& key) const;
  [[nodiscard]] Result<std::vector<std::string>> texts(const std::string& key) const;

  [[nodiscard]] bool has(const std::string& name) const;

  /// The left side of a matrix product, [in, out] with `in` the fastest dimension, in any weight type that products
  /// take. Errors: kModel.
  [[nodiscard]] Result<ggml_tensor*> matrix(const std::string& name, std::int64_t in, std::int64_t out) const;

  /// Numbers in f32 with exactly this shape (ggml order: fastest dimension first). Errors: kModel.
  [[nodiscard]] Result<ggml_tensor*> array(const std::string& name, std::initializer_list<std::int64_t> shape) const;

  /// The same, brought to the host.
  [[nodiscard]] Result<std::vector<float>> values(const std::string& name,
                                                  std::initializer_list<std::int64_t> shape) const;

 private:
  struct State;
  explicit WeightFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cinescribe::tensor
