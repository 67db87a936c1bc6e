#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "cinescribe/models/weight_source.h"

namespace cinescribe::models {

/// Random numbers in place of a checkpoint: norms are 1, biases 0, matrices normal with the deviation that keeps
/// activations at their size. Rows of matrices are put together from a pool of blocks that were quantised once, so that
/// a model of 7 billion weights takes about as long as writing it. The same on every run.
class RandomWeights final : public WeightSource {
 public:
  [[nodiscard]] bool has(const std::string& /*name*/) const override { return true; }
  /// kModel always: nothing here knows shapes.
  [[nodiscard]] Result<std::vector<std::int64_t>> shape(const std::string& name) const override;
  [[nodiscard]] Status read(const std::string& name, std::int64_t first, std::span<float> out) const override;
  void release(const std::string& /*name*/) const override {}
  [[nodiscard]] bool makes_stored_rows() const override { return true; }
  [[nodiscard]] Status stored_rows(const std::string& name, tensor::WeightType type, std::int64_t row_length,
                                   std::int64_t first_row, std::span<std::byte> out) const override;

 private:
  struct Pool {
    std::vector<std::byte> bytes;
    std::size_t chunk_bytes = 0;  ///< Rows are made of whole chunks.
  };
  Result<const Pool*> pool(tensor::WeightType type, std::int64_t row_length) const;

  mutable std::mutex mutex_;
  mutable std::map<std::pair<tensor::WeightType, std::int64_t>, Pool> pools_;
};

}  // namespace cinescribe::models
