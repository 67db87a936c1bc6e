#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cinescribe::ort {

/// A named attribute of an ONNX operator.
struct OnnxAttribute {
  std::string_view name;
  std::variant<std::int64_t, float, std::string_view, std::vector<std::int64_t>> value;
};

/// Builds an ONNX model in memory, piece by piece, for `Session::from_bytes`. Nothing is checked here: the runtime
/// checks the model when it loads it. Not thread-safe.
/// @source onnx.proto, IR version 8, operator set 17
class OnnxWriter {
 public:
  /// Declares a float32 input or output; a dimension of -1 is free and named "N".
  void add_input(std::string_view name, std::span<const std::int64_t> shape);
  void add_output(std::string_view name, std::span<const std::int64_t> shape);
  /// Declares an int64 input.
  void add_int64_input(std::string_view name, std::span<const std::int64_t> shape);
  /// Declares an int64 output.
  void add_int64_output(std::string_view name, std::span<const std::int64_t> shape);
  /// Declares a uint8 input or output.
  void add_uint8_input(std::string_view name, std::span<const std::int64_t> shape);
  void add_uint8_output(std::string_view name, std::span<const std::int64_t> shape);
  /// A constant tensor, row-major; an empty shape is a scalar.
  void add_constant(std::string_view name, std::span<const std::int64_t> shape, std::span<const float> values);
  void add_constant(std::string_view name, std::span<const std::int64_t> shape, std::span<const std::int64_t> values);
  void add_constant(std::string_view name, std::span<const std::int64_t> shape, std::span<const std::uint8_t> values);
  /// One operator. An empty input name leaves an optional input out.
  void add_node(std::string_view type, std::span<const std::string> inputs, std::string_view output,
                std::span<const OnnxAttribute> attributes = {});
  /// A metadata property, as `Session::metadata` returns it.
  void add_metadata(std::string_view key, std::string_view value);

  /// The model file's bytes.
  [[nodiscard]] std::string finish() const;

 private:
  std::string graph_;
  std::string metadata_;
};

}  // namespace cinescribe::ort
