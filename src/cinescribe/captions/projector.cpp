#include "cinescribe/captions/projector.h"

#include "cinescribe/tensor/encoder_weights.h"

namespace cinescribe::captions {

Result<Projector> Projector::load(const tensor::WeightFile& file, std::int64_t feature_width,
                                  std::int64_t language_width, const std::string& activation) {
  Projector projector;
  if (!tensor::parse_activation(activation, projector.activation)) {
    return Error{ErrorCode::kModel, "the projector's activation '" + activation + "' is not known"};
  }
  CINESCRIBE_ASSIGN(projector.first, tensor::read_linear(file, "mm.0", feature_width, language_width));
  CINESCRIBE_ASSIGN(projector.second, tensor::read_linear(file, "mm.2", language_width, language_width));
  return projector;
}

ggml_tensor* Projector::build(ggml_context* graph, ggml_tensor* features, tensor::GraphValues& values) const {
  ggml_tensor* x = tensor::linear(graph, features, first);
  values.tap("projector_1", x);
  x = tensor::linear(graph, tensor::activate(graph, x, activation), second);
  values.tap("projected", x);
  return x;
}

}  // namespace cinescribe::captions
