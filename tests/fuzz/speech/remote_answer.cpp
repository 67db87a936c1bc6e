// Answers of transcription servers: any bytes give segments within their chunk and in order, or an error.
#include "cinescribe/speech/remote_answer.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cinescribe/http/api_server.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cinescribe;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (http::api_error_words(text).size() > 303) std::abort();
  const TimeRange chunk{Timestamp::from_seconds(600.0), Timestamp::from_seconds(1200.0)};
  const auto answer = speech::parse_remote_answer(text, chunk);
  if (!answer.ok()) return 0;
  Timestamp last = chunk.start;
  for (const speech::Segment& segment : answer->segments) {
    if (segment.range.start < last || segment.range.end < segment.range.start || segment.range.end > chunk.end)
      std::abort();
    if (segment.text.empty()) std::abort();
    last = segment.range.start;
    for (const speech::Word& word : segment.words) {
      if (word.text.empty() || word.range.start < chunk.start || word.range.end > chunk.end) std::abort();
    }
  }
  return 0;
}
