#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "cinescribe/captions/captioner.h"
#include "cinescribe/core/status.h"
#include "cinescribe/http/client.h"

namespace cinescribe::captions {

/// A server that speaks OpenAI's chat interface with pictures: OpenAI itself, or llama-server, vLLM, Ollama, LM Studio.
struct OpenAiCaptionerOptions {
  std::string model;
  /// Everything before "/chat/completions".
  std::string base_url = "https://api.openai.com/v1";
  std::string api_key;               ///< Sent as a bearer token; empty = none. Never part of a message.
  int concurrency = 4;               ///< Requests in flight, 1..64.
  double requests_per_minute = 0.0;  ///< 0 = as the server lets us.
  int longest_side_px = 1024;        ///< Larger frames are made smaller before they are sent; 0 = never.
  int jpeg_quality = 90;
  bool is_probed = true;  ///< Ask about a picture with a known answer first, to notice a model that sees nothing.
  /// Servers answer only when the whole text is written; local ones may queue requests for long.
  http::Timeouts timeouts{.stall = std::chrono::minutes(10)};
  http::RetryPolicy retry{.max_attempts = 8};
};

/// MODEL or MODEL@BASE_URL, as in "qwen2.5-vl@http://127.0.0.1:8080/v1". Error: kUsage (no model, an address without
/// http:// or https://).
Result<OpenAiCaptionerOptions> parse_openai_spec(std::string_view spec);

/// What records say of it; nothing is asked.
CaptionerFacts openai_facts(const OpenAiCaptionerOptions& options);

/// A captioner that asks a server: one request per scene with its frames in order, each after its time, then the
/// prompt. Greedy requests go out with temperature 0. An option that the server does not know is left out from then on.
/// What only concerns one scene (a refusal, a content filter, a malformed answer, a context that is too small) is that
/// scene's error; a text that a content filter cut is a caption with `suspect`. The number of tokens is the server's;
/// ids and log-probabilities are not known.
/// A refused key, an unknown model, a limit that stays used up and a server that cannot be reached end the run with
/// kModel or kResource; what is done stays done.
/// Errors: kUsage (options out of range), kModel (the server refuses the key or the model; the model sees no pictures),
/// kResource (the server is not there), kInterrupted.
Result<std::unique_ptr<Captioner>> make_openai_captioner(const OpenAiCaptionerOptions& options,
                                                         const std::stop_token& stop);

}  // namespace cinescribe::captions
