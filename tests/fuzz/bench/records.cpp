// measurements.jsonl from anywhere: any bytes give a report or an error.
#include "fuzz/support/memory_file.h"

#include "cinescribe/bench/report.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cinescribe;
  const fuzz::MemoryFile file(data, size);
  const auto document = bench::make_report(file.path(), {});
  if (document.ok()) (void)(bench::to_html(*document).size() + bench::to_markdown(*document).size());
  return 0;
}
