// safetensors files: any bytes give tensors whose every byte can be read, or an error.
#include "cinescribe/models/safetensors.h"

#include <cstdint>
#include <cstdlib>
#include <span>

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cinescribe;
  const auto tensors = models::parse_safetensors(std::as_bytes(std::span(data, size)));
  if (!tensors.ok()) return 0;
  for (const auto& [name, tensor] : *tensors) {
    std::size_t count = 1;
    for (const auto extent : tensor.shape) count *= static_cast<std::size_t>(extent);
    if (tensor.elements() != count) std::abort();
    std::uint8_t sum = 0;
    for (const std::byte byte : tensor.bytes) sum ^= static_cast<std::uint8_t>(byte);
    volatile std::uint8_t kept = sum;
    (void)kept;
  }
  return 0;
}
