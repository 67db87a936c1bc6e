// What results are compared with: any bytes, read as each of the forms in turn, give facts or an error. Whatever was
// read can be compared with itself.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cinescribe/quality/cut_file.h"
#include "cinescribe/quality/cut_match.h"
#include "cinescribe/quality/tag_file.h"
#include "cinescribe/quality/tag_precision.h"
#include "cinescribe/quality/transcript_file.h"
#include "cinescribe/quality/word_errors.h"

namespace {

using namespace cinescribe::quality;

void must(bool holds) {
  if (!holds) std::abort();
}

void read_as(std::string_view bytes, const char* name) {
  if (const auto text = transcript_text(bytes, name); text.ok()) {
    const auto errors = word_errors(*text, *text, TextForm::kPlain);
    must(!errors.ok() || errors->words.edits() == 0);
  }
  if (const auto cuts = cuts_from(bytes, name); cuts.ok()) {
    const CutMatch match = match_cuts(*cuts, *cuts, 0);
    must(match.missed.empty() && match.invented.empty());
  }
  const auto spans = spans_from(bytes, name);
  const auto windows = windows_from(bytes, name);
  if (spans.ok()) {
    const std::array<ScoredWindow, 1> whole = {};
    (void)tag_precision(*spans, windows.ok() ? std::span<const ScoredWindow>(*windows) : whole);
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const char* name : {"f.txt", "f.srt", "f.csv", "f.json"}) read_as(bytes, name);
  return 0;
}
