// Journals, torn or tampered with: any bytes give a state or an error, and a line that was accepted is written back as
// it was read.
#include "cinescribe/pipeline/journal.h"

#include <cstdlib>
#include <string_view>

#include "fuzz/support/memory_file.h"

#include "cinescribe/pipeline/journal_state.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cinescribe;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view line = text.substr(0, text.find('\n'));
  if (const auto record = pipeline::parse_journal_line(line)) {
    if (pipeline::journal_line(*record) != std::string(line) + "\n") std::abort();
  }
  const fuzz::MemoryFile file(data, size);
  const auto state = pipeline::read_journal(file.path());
  if (!state.ok()) return 0;
  for (const auto& [name, stage] : state->stages) {
    pipeline::UnitCursor units(file.path(), name, &stage);
    for (auto unit = units.next(); unit.ok() && unit->has_value(); unit = units.next()) {
    }
  }
  return 0;
}
