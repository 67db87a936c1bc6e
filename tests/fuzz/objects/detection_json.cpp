// Detections as JSON: any bytes give frames in time order or an error.
#include "cinescribe/objects/detection_json.h"

#include <cstdint>
#include <string_view>

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)cinescribe::objects::parse_detection_json({reinterpret_cast<const char*>(data), size}, "fuzzed", 25.0).ok();
  return 0;
}
