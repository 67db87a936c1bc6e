#pragma once

#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/captions/captioner.h"
#include "cinescribe/captions/openai_answer.h"
#include "cinescribe/captions/openai_captioner.h"
#include "cinescribe/core/status.h"
#include "cinescribe/http/client.h"
#include "cinescribe/http/request_gate.h"

/// Chat requests with pictures; private to this room.
namespace cinescribe::captions {

/// A piece of a message: words, or a picture (`jpeg` not empty).
struct ChatPart {
  std::string text;
  std::string jpeg;
};

/// The pieces of a scene: each frame after its label, then the prompt. Errors: kUsage, kInternal.
Result<std::vector<ChatPart>> chat_parts(const CaptionRequest& request, const OpenAiCaptionerOptions& options);

/// A failed request, and whether every other one would fail like it.
struct ChatFailure {
  Error error;
  bool ends_run = false;
};

/// An answer, or why there is none.
struct ChatOutcome {
  ChatAnswer answer;
  std::optional<ChatFailure> failure;
};

/// Asks one server. Thread-safe.
class OpenAiClient {
 public:
  /// Errors: kUsage.
  static Result<std::unique_ptr<OpenAiClient>> create(const OpenAiCaptionerOptions& options);

  /// Sends a message and waits for its answer; `most_attempts` caps the policy's number of tries.
  ChatOutcome ask(const std::vector<ChatPart>& parts, const language::GenerationOptions& generation, int most_attempts,
                  const std::stop_token& stop);

 private:
  explicit OpenAiClient(const OpenAiCaptionerOptions& options, http::Request request)
      : options_(options), request_(std::move(request)), gate_(options.requests_per_minute) {}

  std::set<std::string> left_out() const;
  /// Leaves out the option that the error answer names; false when it names none of ours.
  bool adapt(std::string_view error_body, const std::string& sent);

  const OpenAiCaptionerOptions options_;
  const http::Request request_;
  http::RequestGate gate_;
  mutable std::mutex mutex_;
  std::set<std::string> left_out_;  ///< Options that this server does not know.
};

/// Shows the server a picture of a number and asks for it. Errors: kModel (the model does not see it), and those of a
/// request.
Status probe_sight(OpenAiClient& client, const OpenAiCaptionerOptions& options, const std::stop_token& stop);

}  // namespace cinescribe::captions
