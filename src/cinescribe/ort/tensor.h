#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cinescribe::ort {

enum class ElementType { kFloat, kInt64, kInt32, kUint8, kOther };

/// What a model declares about one of its inputs or outputs.
struct TensorInfo {
  std::string name;
  ElementType type = ElementType::kOther;
  std::vector<std::int64_t> shape;  ///< -1 where the size is free.
};

/// A named input of one run. Borrows the elements, which must live until `Session::run` returns; row-major.
struct Input {
  std::string_view name;
  std::vector<std::int64_t> shape;  ///< Empty = scalar. Its product must equal the number of elements.
  std::variant<std::span<const float>, std::span<const std::int64_t>, std::span<const std::int32_t>,
               std::span<const std::uint8_t>>
      data;
};

/// An owned result of one run, row-major.
struct Tensor {
  std::vector<std::int64_t> shape;
  std::variant<std::vector<float>, std::vector<std::int64_t>, std::vector<std::int32_t>, std::vector<std::uint8_t>>
      data;

  /// The elements, empty when the tensor holds another type.
  template <typename T>
  [[nodiscard]] std::span<const T> view() const {
    const auto* values = std::get_if<std::vector<T>>(&data);
    return values == nullptr ? std::span<const T>() : std::span<const T>(*values);
  }
};

}  // namespace cinescribe::ort
