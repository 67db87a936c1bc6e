#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "cinescribe/core/status.h"
#include "cinescribe/http/client.h"

/// What clients of servers with OpenAI's interface share: address, key, and the words of refusals.
namespace cinescribe::http {

/// A server whose answers cost money or computing time.
struct ApiServer {
  std::string noun = "server";  ///< For messages, e.g. "transcription server".
  std::string base_url;         ///< Everything before the method's path, e.g. "https://api.openai.com/v1".
  std::string key;              ///< Sent as a bearer token; empty = none. Never part of a message.
};

/// `$CINESCRIBE_OPENAI_API_KEY`, else `$OPENAI_API_KEY`, without surrounding space; empty when neither is set.
std::string api_key_from_environment();

/// A POST request to `path` ("/chat/completions") with the key in its headers. Warns in the log when the key would
/// travel unencrypted to another machine. A server on this machine cannot send a request on to another one. Errors:
/// kUsage (not an http(s) address, a key that no server can have given).
Result<Request> make_api_request(const ApiServer& server, std::string_view path);

/// The words of an error answer (`{"error": {"message": ...}}` or anything else), one line of at most 303 bytes.
std::string api_error_words(std::string_view body);

/// One line of printable text of at most 303 bytes, shortened at a character's border.
std::string one_line(std::string_view text);

/// The error that an answer without success stands for, with what to do: kModel (the server refuses the key, the model
/// or the data) or kResource (its limits are used up, it is overloaded or down).
Error api_refusal(std::string_view noun, const Request& request, const Response& response);

/// How long no request should be sent after this answer: until the `x-ratelimit-reset-requests` or `-tokens` time when
/// none are left of the kind. Nothing when the server says nothing or has some left. @source OpenAI, "Rate limits"
std::optional<std::chrono::milliseconds> rate_limit_pause(const Response& response);

}  // namespace cinescribe::http
