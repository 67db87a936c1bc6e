// Operators of an ONNX model file: any bytes give names that lie within them, or none.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cinescribe/ort/onnx_ops.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const auto& name : cinescribe::ort::onnx_operators(bytes)) {
    if (bytes.find(name) == std::string_view::npos) std::abort();
  }
  return 0;
}
