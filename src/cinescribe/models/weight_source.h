#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/tensor/weight_type.h"

namespace cinescribe::models {

/// Weights by name: a checkpoint, or something that stands in for one. Immutable; thread-safe to read.
///
/// Names are canonical: without a leading `model.`, `language_model.X` for the language model below a vision-language
/// one, `vision_tower.X` without `vision_model.` (see `canonical_name`).
class WeightSource {
 public:
  virtual ~WeightSource() = default;
  WeightSource(const WeightSource&) = delete;
  WeightSource& operator=(const WeightSource&) = delete;

  [[nodiscard]] virtual bool has(const std::string& name) const = 0;
  /// Extents as the architecture sees them, outermost first. Errors: kModel (not there).
  [[nodiscard]] virtual Result<std::vector<std::int64_t>> shape(const std::string& name) const = 0;
  /// Elements [first, first + out.size()) in row-major order. Errors: kModel (not there, beyond its end, not
  /// floating-point).
  [[nodiscard]] virtual Status read(const std::string& name, std::int64_t first, std::span<float> out) const = 0;
  /// The caller is done with this tensor: its pages may leave memory.
  virtual void release(const std::string& name) const = 0;

  /// A source may make up stored rows directly instead of numbers to be quantised; false = it does not.
  [[nodiscard]] virtual bool makes_stored_rows() const { return false; }
  /// Fills `out` with whole rows of the matrix `name` in `type`, from `first_row`. Precondition: makes_stored_rows().
  [[nodiscard]] virtual Status stored_rows(const std::string& /*name*/, tensor::WeightType /*type*/,
                                           std::int64_t /*row_length*/, std::int64_t /*first_row*/,
                                           std::span<std::byte> /*out*/) const {
    return Error{ErrorCode::kInternal, "this source of weights makes no stored rows"};
  }

 protected:
  WeightSource() = default;
};

}  // namespace cinescribe::models
