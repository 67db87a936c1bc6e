#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::tensor {

/// Types of GGUF metadata; the values are those in the file.
enum class GgufType : std::uint32_t {
  kUint8 = 0,
  kInt8,
  kUint16,
  kInt16,
  kUint32,
  kInt32,
  kFloat32,
  kBool,
  kText,
  kArray,
  kUint64,
  kInt64,
  kFloat64,
};

/// "u32", "text" ...
const char* gguf_type_name(GgufType type);

/// A list in the metadata. Its values are only walked over, not read.
struct GgufArray {
  GgufType type = GgufType::kUint8;
  std::uint64_t count = 0;
};

/// One value of the metadata; unsigned types and bool are widened to u64, signed ones to i64, f32 to double.
struct GgufValue {
  GgufType type = GgufType::kUint8;
  std::variant<std::uint64_t, std::int64_t, double, std::string, GgufArray> value;
};

/// A tensor as the header declares it.
struct GgufTensor {
  std::string name;
  std::int32_t type = 0;            ///< ggml's type id, known to the ggml that we run with.
  std::vector<std::int64_t> shape;  ///< ggml order, 1 to 4 dimensions, all above 0.
  std::uint64_t first_byte = 0;     ///< In the file.
  std::uint64_t bytes = 0;

  [[nodiscard]] std::int64_t elements() const;
};

/// The header of a GGUF file, read by ourselves: nothing of a foreign file reaches ggml before it has passed here.
///
/// Checked: version, every count and length against the file's size, known types, names and keys once only, rows that
/// fit the type's blocks, alignment, and that every tensor lies inside of the file.
class GgufHeader {
 public:
  /// `bytes`: the whole file; `name` stands for it in messages. Errors: kModel (what was found, where).
  static Result<GgufHeader> read(std::span<const std::byte> bytes, std::string_view name);

  [[nodiscard]] const std::map<std::string, GgufValue, std::less<>>& metadata() const { return metadata_; }
  /// In the file's order.
  [[nodiscard]] const std::vector<GgufTensor>& tensors() const { return tensors_; }
  /// Nothing when there is no such key.
  [[nodiscard]] const GgufValue* find(std::string_view key) const;
  /// Nothing when there is no such tensor.
  [[nodiscard]] const GgufTensor* tensor(std::string_view name) const;

 private:
  friend class GgufHeaderReader;
  std::map<std::string, GgufValue, std::less<>> metadata_;
  std::vector<GgufTensor> tensors_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
};

}  // namespace cinescribe::tensor
