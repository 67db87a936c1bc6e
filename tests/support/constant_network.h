#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/ort/onnx_writer.h"

namespace cinescribe::test {

/// An ONNX network that answers the same whatever it sees, for tests of what comes after the network.
class ConstantNetwork {
 public:
  using Shape = std::vector<std::int64_t>;

  /// The picture input; `batch` -1 = free.
  ConstantNetwork(std::int64_t batch, std::int64_t height, std::int64_t width, std::string_view name = "images")
      : is_batch_free_(batch < 0) {
    writer_.add_input(name, Shape{batch, 3, height, width});
    if (!is_batch_free_) return;
    // Zero per picture: gives constant outputs the batch size of the input.
    const std::vector<float> nothing{0.0F};
    const std::vector<std::int64_t> one_number{-1, 1, 1};
    writer_.add_constant("nothing", Shape{}, std::span<const float>(nothing));
    writer_.add_constant("per_picture", Shape{3}, std::span<const std::int64_t>(one_number));
    writer_.add_node("ReduceMean", std::vector<std::string>{std::string(name)}, "mean",
                     std::vector<ort::OnnxAttribute>{{"axes", Shape{1, 2, 3}}, {"keepdims", std::int64_t{0}}});
    writer_.add_node("Mul", std::vector<std::string>{"mean", "nothing"}, "zero_flat");
    writer_.add_node("Reshape", std::vector<std::string>{"zero_flat", "per_picture"}, "zero");
  }

  /// An output of float32. With a free batch its shape must be (1, a, b).
  ConstantNetwork& answers(const std::string& name, Shape shape, const std::vector<float>& values) {
    writer_.add_constant(name + "_value", shape, std::span<const float>(values));
    if (is_batch_free_) {
      writer_.add_node("Add", std::vector<std::string>{"zero", name + "_value"}, name);
      shape[0] = -1;
    } else {
      writer_.add_node("Identity", std::vector<std::string>{name + "_value"}, name);
    }
    writer_.add_output(name, shape);
    return *this;
  }

  ConstantNetwork& answers(const std::string& name, const Shape& shape, const std::vector<std::int64_t>& values) {
    writer_.add_constant(name + "_value", shape, std::span<const std::int64_t>(values));
    writer_.add_node("Identity", std::vector<std::string>{name + "_value"}, name);
    writer_.add_int64_output(name, shape);
    return *this;
  }

  ConstantNetwork& also_reads_sizes() {
    writer_.add_int64_input("orig_target_sizes", Shape{1, 2});
    return *this;
  }

  ConstantNetwork& says(std::string_view key, std::string_view value) {
    writer_.add_metadata(key, value);
    return *this;
  }

  [[nodiscard]] std::string bytes() const { return writer_.finish(); }

 private:
  bool is_batch_free_;
  ort::OnnxWriter writer_;
};

}  // namespace cinescribe::test
