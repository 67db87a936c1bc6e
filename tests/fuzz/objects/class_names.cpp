// Class names from a model's metadata: any bytes give names or none.
#include "cinescribe/objects/class_names.h"

#include <cstdint>
#include <string_view>

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cinescribe::objects::parse_names({reinterpret_cast<const char*>(data), size});
  return 0;
}
