// Media files: any bytes give a description with sane numbers, or an error. FFmpeg's own parsers are not instrumented;
// what is fuzzed is how we use them.
#include "cinescribe/media/probe.h"

#include <cstdlib>

#include "fuzz/support/memory_file.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cinescribe;
  const fuzz::MemoryFile file(data, size);
  const auto info = media::probe(file.path(), {.scan = true});
  if (!info.ok()) return 0;
  if (info->video.empty() && info->audio.empty()) std::abort();
  if (info->duration() < Duration()) std::abort();
  for (const auto& stream : info->video) {
    if (stream.coded_width < 0 || stream.coded_height < 0 || stream.display_width < 0) std::abort();
  }
  return 0;
}
