// Answers of caption servers: any bytes give a whole answer or an error.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cinescribe/captions/openai_answer.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cinescribe;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(captions::is_content_filter_error(text));
  const auto answer = captions::parse_chat_answer(text);
  if (!answer.ok()) return 0;
  if (answer->prompt_tokens < 0 || answer->completion_tokens < 0 || answer->image_tokens < 0) std::abort();
  if (answer->refusal.size() > 303 || answer->refusal.find('\n') != std::string::npos) std::abort();
  return 0;
}
