#include "cinescribe/tensor/graph_values.h"

#include <algorithm>
#include <array>
#include <utility>

#include <ggml-backend.h>
#include <ggml.h>

namespace cinescribe::tensor {

namespace {

ggml_tensor* new_input(ggml_context* graph, ggml_type type, std::initializer_list<std::int64_t> shape) {
  std::array<std::int64_t, GGML_MAX_DIMS> ne{1, 1, 1, 1};
  std::copy_n(shape.begin(), std::min<std::size_t>(shape.size(), ne.size()), ne.begin());
  ggml_tensor* tensor = ggml_new_tensor(graph, type, GGML_MAX_DIMS, ne.data());
  ggml_set_input(tensor);
  return tensor;
}

}  // namespace

ggml_tensor* GraphValues::floats(ggml_context* graph, std::vector<float> values,
                                 std::initializer_list<std::int64_t> shape) {
  ggml_tensor* tensor = new_input(graph, GGML_TYPE_F32, shape);
  floats_.push_back({tensor, std::move(values)});
  return tensor;
}

ggml_tensor* GraphValues::indices(ggml_context* graph, std::vector<std::int32_t> values,
                                  std::initializer_list<std::int64_t> shape) {
  ggml_tensor* tensor = new_input(graph, GGML_TYPE_I32, shape);
  indices_.push_back({tensor, std::move(values)});
  return tensor;
}

void GraphValues::tap(std::string_view name, ggml_tensor* tensor) {
  if (is_tapped_) taps_.push_back({std::string(name), tensor});
}

std::vector<ggml_tensor*> GraphValues::tapped() const {
  std::vector<ggml_tensor*> out;
  out.reserve(taps_.size());
  for (const Tap& tap : taps_) out.push_back(tap.tensor);
  return out;
}

void GraphValues::write_inputs() const {
  for (const auto& [tensor, values] : floats_) ggml_backend_tensor_set(tensor, values.data(), 0, ggml_nbytes(tensor));
  for (const auto& [tensor, values] : indices_) ggml_backend_tensor_set(tensor, values.data(), 0, ggml_nbytes(tensor));
}

void GraphValues::read_taps(
    const std::function<void(std::string_view name, std::span<const float> values)>& probe) const {
  std::vector<float> values;
  for (const Tap& tap : taps_) {
    values.resize(static_cast<std::size_t>(ggml_nelements(tap.tensor)));
    ggml_backend_tensor_get(tap.tensor, values.data(), 0, values.size() * sizeof(float));
    probe(tap.name, values);
  }
}

}  // namespace cinescribe::tensor
