// vlm_captions.json from anywhere: any bytes give captions or an error.
#include "fuzz/support/memory_file.h"

#include "cinescribe/results/caption_reader.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cinescribe;
  const fuzz::MemoryFile file(data, size);
  (void)results::read_captions(file.path(), [](results::CaptionRecord&&) { return Status(); }).ok();
  return 0;
}
