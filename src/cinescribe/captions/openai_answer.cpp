#include "cinescribe/captions/openai_answer.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "cinescribe/captions/frame_words.h"
#include "cinescribe/http/api_server.h"

namespace cinescribe::captions {

namespace {

using nlohmann::json;

Error malformed(const std::string& what, std::string_view body) {
  return {ErrorCode::kResource, "the caption server's answer cannot be used: " + what +
                                    "; it begins with: " + http::one_line(body.substr(0, 200))};
}

const json* member(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string text_of(const json* value) {
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

/// A count, or 0 for anything that is none.
std::int64_t count_in(const json& object, const char* key) {
  const json* value = member(object, key);
  if (value == nullptr || !value->is_number()) return 0;
  const double number = value->get<double>();
  return number >= 0.0 && number < 1e12 ? static_cast<std::int64_t>(number) : 0;
}

/// A string, or a list of parts with a "text" each.
std::string content_text(const json& content) {
  if (content.is_string()) return content.get<std::string>();
  std::string text;
  if (!content.is_array()) return text;
  for (const json& part : content) text += text_of(member(part, "text"));
  return text;
}

std::string content_refusal(const json& message) {
  std::string refusal = text_of(member(message, "refusal"));
  const json* content = member(message, "content");
  if (refusal.empty() && content != nullptr && content->is_array()) {
    for (const json& part : *content) refusal += text_of(member(part, "refusal"));
  }
  return http::one_line(refusal);
}

}  // namespace

Result<ChatAnswer> parse_chat_answer(std::string_view body) {
  const json answer = json::parse(body, nullptr, false);
  if (!answer.is_object()) return malformed("it is no JSON object", body);
  const json* choices = member(answer, "choices");
  if (choices == nullptr || !choices->is_array() || choices->empty()) return malformed("it has no choices", body);
  const json* message = member(choices->front(), "message");
  if (message == nullptr || !message->is_object()) return malformed("its first choice has no message", body);
  ChatAnswer parsed;
  const std::string finish = text_of(member(choices->front(), "finish_reason"));
  if (finish == "length") parsed.end = ChatEnd::kLength;
  if (finish == "content_filter") parsed.end = ChatEnd::kContentFilter;
  parsed.refusal = content_refusal(*message);
  const json* content = member(*message, "content");
  if (content == nullptr || (!content->is_string() && !content->is_array())) {
    // Nothing but a reason is a whole answer only when there is a reason.
    const bool has_reason = !parsed.refusal.empty() || parsed.end != ChatEnd::kStop;
    if (!has_reason) return malformed("its message has no content", body);
  } else {
    parsed.text = without_reasoning(content_text(*content));
  }
  if (const json* usage = member(answer, "usage")) {
    parsed.prompt_tokens = count_in(*usage, "prompt_tokens");
    parsed.completion_tokens = count_in(*usage, "completion_tokens");
    if (const json* details = member(*usage, "prompt_tokens_details")) {
      parsed.image_tokens = count_in(*details, "image_tokens");
    }
  }
  return parsed;
}

bool is_content_filter_error(std::string_view body) {
  const json answer = json::parse(body, nullptr, false);
  const json* error = member(answer, "error");
  if (error == nullptr) return false;
  for (const char* key : {"code", "type"}) {
    const std::string code = text_of(member(*error, key));
    if (code == "content_filter" || code == "content_policy_violation" || code == "moderation_blocked") return true;
  }
  const json* inner = member(*error, "innererror");
  return inner != nullptr && text_of(member(*inner, "code")) == "ResponsibleAIPolicyViolation";
}

}  // namespace cinescribe::captions
