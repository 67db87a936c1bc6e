#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cinescribe/core/status.h"

namespace cinescribe::captions {

/// How a server's text ended.
enum class ChatEnd { kStop, kLength, kContentFilter };

/// What a server said about one scene.
struct ChatAnswer {
  std::string text;     ///< Without reasoning; may be empty.
  std::string refusal;  ///< The model's words when it refused, one line; empty when it did not.
  ChatEnd end = ChatEnd::kStop;
  std::int64_t prompt_tokens = 0;  ///< As the server counted; 0 when it does not tell.
  std::int64_t completion_tokens = 0;
  std::int64_t image_tokens = 0;
};

/// Reads the answer of `/v1/chat/completions`. `body` is untrusted. Error: kResource (not such an answer; the message
/// has its beginning). @source OpenAI API reference, "The chat completion object"
Result<ChatAnswer> parse_chat_answer(std::string_view body);

/// Whether an error answer says that a content filter stopped the request. @source Azure OpenAI, "Content filtering"
bool is_content_filter_error(std::string_view body);

}  // namespace cinescribe::captions
