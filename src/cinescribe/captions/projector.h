#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "cinescribe/core/status.h"
#include "cinescribe/tensor/encoder.h"
#include "cinescribe/tensor/graph_values.h"
#include "cinescribe/tensor/weight_file.h"

namespace cinescribe::captions {

/// The two-layer network that turns features into rows of the language model (`mm.0`, activation, `mm.2`).
struct Projector {
  tensor::Affine first;
  tensor::Affine second;
  tensor::Activation activation = tensor::Activation::kGeluErf;

  /// Errors: kModel (shapes that do not fit, an unknown activation).
  static Result<Projector> load(const tensor::WeightFile& file, std::int64_t feature_width, std::int64_t language_width,
                                const std::string& activation);

  /// [feature width, rows] -> [language width, rows]. Taps "projector_1" (before the activation) and "projected".
  ggml_tensor* build(ggml_context* graph, ggml_tensor* features, tensor::GraphValues& values) const;

  static constexpr std::size_t kGraphNodes = 32;
};

}  // namespace cinescribe::captions
