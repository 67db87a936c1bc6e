// MOT text: any bytes give rows or an error that names the line.
#include <cstdint>
#include <string_view>

#include "cinescribe/objects/mot_file.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)cinescribe::objects::parse_mot({reinterpret_cast<const char*>(data), size}, "fuzzed").ok();
  return 0;
}
