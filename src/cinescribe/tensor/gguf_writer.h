#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/tensor/weight_type.h"

namespace cinescribe::tensor {

/// Writes a GGUF file tensor by tensor, so that only one needs to be in memory.
///
/// Use: set metadata, declare every tensor, `begin`, write the tensors in the order of their declaration, `finish`. The
/// file appears under its name only in `finish`. Not thread-safe.
class GgufWriter {
 public:
  explicit GgufWriter(std::filesystem::path path);
  ~GgufWriter();
  GgufWriter(const GgufWriter&) = delete;
  GgufWriter& operator=(const GgufWriter&) = delete;

  void set_text(const std::string& key, const std::string& value);
  void set_texts(const std::string& key, const std::vector<std::string>& values);
  void set_integer(const std::string& key, std::int32_t value);
  void set_integers(const std::string& key, const std::vector<std::int32_t>& values);
  /// llama.cpp wants its counts and ids as u32.
  void set_unsigned(const std::string& key, std::uint32_t value);
  void set_number(const std::string& key, double value);
  /// llama.cpp wants its numbers as f32.
  void set_float(const std::string& key, float value);
  void set_floats(const std::string& key, const std::vector<float>& values);
  void set_flag(const std::string& key, bool value);

  /// `shape` in ggml order (fastest first, at most 4). Errors: kModel (name over 63 characters, used twice, a row that
  /// the type's blocks do not divide).
  Status declare(const std::string& name, WeightType type, const std::vector<std::int64_t>& shape);
  /// Writes the header. Errors: kResource, kInterrupted (while another process writes the same file).
  Status begin(const std::stop_token& stop = {});
  /// The next declared tensor's data, already in its type. Errors: kResource, kInternal (size differs).
  Status write(std::span<const std::byte> data);
  /// A piece of the next declared tensor's data; the piece that completes it makes the following tensor the next one.
  /// Errors: kResource, kInternal (more than the tensor holds).
  Status write_piece(std::span<const std::byte> piece);
  /// Errors: kResource, kInternal (tensors missing).
  Status finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cinescribe::tensor
