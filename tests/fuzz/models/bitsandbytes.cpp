// safetensors files with 4-bit matrices: any bytes give matrices of which every element can be read, or an error.
#include "cinescribe/models/bitsandbytes.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "cinescribe/models/safetensors.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cinescribe;
  const auto file = models::parse_safetensors(std::as_bytes(std::span(data, size)));
  if (!file.ok()) return 0;
  models::FourBitMatrix::Tensors tensors;
  for (const auto& [name, view] : *file) tensors.emplace(name, &view);
  for (const auto& [name, view] : tensors) {
    if (!models::FourBitMatrix::is_four_bit(tensors, name)) continue;
    const auto matrix = models::FourBitMatrix::open(tensors, name);
    if (!matrix.ok()) continue;
    std::vector<float> values(1000);
    for (std::int64_t first = 0; first < matrix->elements(); first += 1000) {
      const auto count = std::min<std::int64_t>(1000, matrix->elements() - first);
      matrix->read(first, std::span(values).first(static_cast<std::size_t>(count)));
    }
  }
  return 0;
}
