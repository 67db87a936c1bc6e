#pragma once

#include <cstdint>
#include <span>

#include "cinescribe/core/status.h"
#include "cinescribe/models/ct2_model.h"
#include "cinescribe/tensor/whisper_layout.h"

namespace cinescribe::models {

/// A CTranslate2 Whisper model seen through the tensor names of whisper.cpp.
///
/// The query, key and value matrices, one array in CTranslate2, come apart here; int8 and int16 weights are multiplied
/// out by their scales. Thread-safe for reading. The model must outlive it.
class Ct2Whisper {
 public:
  /// Works out the shape from the arrays' dimensions. Errors: kModel (not Whisper, arrays missing or contradictory).
  static Result<Ct2Whisper> create(const Ct2Model& model);

  [[nodiscard]] const tensor::WhisperShape& shape() const { return shape_; }

  /// Checks that the arrays behind a tensor of `whisper_tensors(shape(), ...)` are there with the right dimensions.
  /// Error: kModel.
  [[nodiscard]] Status check(const tensor::WhisperTensor& tensor) const;

  /// Elements [first, first + out.size()) of the tensor as f32.
  /// Precondition: `check(tensor)` passes and the range lies within the tensor. Errors: kModel (a scale of 0 or NaN).
  Status read(const tensor::WhisperTensor& tensor, std::uint64_t first, std::span<float> out) const;

 private:
  explicit Ct2Whisper(const Ct2Model& model) : model_(&model) {}

  const Ct2Model* model_;
  tensor::WhisperShape shape_;
};

}  // namespace cinescribe::models
