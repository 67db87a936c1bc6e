#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct ggml_context;
struct ggml_tensor;

namespace cinescribe::tensor {

/// Inputs of one graph with their values, and intermediate tensors that somebody wants to see: what
/// `ComputeDevice::run` needs besides the operations. Used for one run.
class GraphValues {
 public:
  /// `is_tapped`: `tap` keeps what it is told (else it does nothing).
  explicit GraphValues(bool is_tapped) : is_tapped_(is_tapped) {}

  /// A new input of this shape (ggml order) with these values. Precondition: their number fits the shape.
  ggml_tensor* floats(ggml_context* graph, std::vector<float> values, std::initializer_list<std::int64_t> shape);
  ggml_tensor* indices(ggml_context* graph, std::vector<std::int32_t> values,
                       std::initializer_list<std::int64_t> shape);

  /// Remembers an f32 tensor in one piece under a name, as a further output of the graph.
  void tap(std::string_view name, ggml_tensor* tensor);

  [[nodiscard]] bool is_tapped() const { return is_tapped_; }
  [[nodiscard]] std::vector<ggml_tensor*> tapped() const;

  /// For `fill`: writes the inputs' values.
  void write_inputs() const;
  /// For `read`: hands over what was tapped, in order.
  void read_taps(const std::function<void(std::string_view name, std::span<const float> values)>& probe) const;

 private:
  struct Floats {
    ggml_tensor* tensor;
    std::vector<float> values;
  };
  struct Indices {
    ggml_tensor* tensor;
    std::vector<std::int32_t> values;
  };
  struct Tap {
    std::string name;
    ggml_tensor* tensor;
  };
  bool is_tapped_;
  std::vector<Floats> floats_;
  std::vector<Indices> indices_;
  std::vector<Tap> taps_;
};

}  // namespace cinescribe::tensor
