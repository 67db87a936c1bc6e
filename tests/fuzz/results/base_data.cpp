// base_data.json from anywhere: any bytes give scenes or an error.
#include "fuzz/support/memory_file.h"

#include "cinescribe/results/base_data_reader.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cinescribe;
  const fuzz::MemoryFile file(data, size);
  (void)results::read_base_data(file.path(), [](results::SceneRecord&&) { return Status(); }).ok();
  return 0;
}
