// Times typed by people: any bytes give a time or an error; what is accepted can be written and read again.
#include <cstdlib>
#include <string_view>

#include "cinescribe/core/time.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto time = cinescribe::parse_time({reinterpret_cast<const char*>(data), size});
  if (!time.ok()) return 0;
  if (time->ns() < 0) std::abort();
  const std::string written = cinescribe::format_timecode(*time);
  const auto again = cinescribe::parse_time(written);
  if (!again.ok() || cinescribe::format_timecode(*again) != written) std::abort();
  return 0;
}
