#include "cinescribe/captions/openai_client.h"

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "cinescribe/captions/frame_words.h"
#include "cinescribe/core/log.h"
#include "cinescribe/http/api_server.h"
#include "cinescribe/image/jpeg.h"
#include "cinescribe/image/resize_opencv.h"

namespace cinescribe::captions {

namespace {

using nlohmann::json;

constexpr std::string_view kNoun = "caption server";
/// Room for a caption when the caller sets no limit.
constexpr int kDefaultNewTokens = 512;
/// Options of ours that a server may not know. A refused max_tokens is sent as max_completion_tokens, as newer models
/// of OpenAI want it.
constexpr std::array<const char*, 8> kOptional = {
    "max_completion_tokens", "max_tokens", "temperature", "top_p", "top_k", "seed", "repetition_penalty", "min_tokens"};

std::string base64(std::string_view bytes) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8U | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) text.push_back(k <= count ? kLetters[group >> (18U - 6U * k) & 63U] : '=');
  }
  return text;
}

json content_of(const std::vector<ChatPart>& parts) {
  json content = json::array();
  for (const ChatPart& part : parts) {
    if (part.jpeg.empty()) {
      content.push_back({{"type", "text"}, {"text", part.text}});
    } else {
      content.push_back(
          {{"type", "image_url"}, {"image_url", {{"url", "data:image/jpeg;base64," + base64(part.jpeg)}}}});
    }
  }
  return content;
}

Status check_generation(const language::GenerationOptions& generation) {
  const char* what = nullptr;
  if (generation.num_beams > 1) what = "beam search";
  if (generation.num_return_sequences > 1) what = "several sequences for a scene";
  if (generation.no_repeat_ngram_size > 0) what = "no_repeat_ngram_size";
  if (generation.max_length && !generation.max_new_tokens) what = "max_length (use max_new_tokens)";
  if (generation.min_length > 0) what = "min_length (use min_new_tokens)";
  if (what == nullptr) return {};
  return Error{ErrorCode::kUsage, std::string("a caption server has no ") + what};
}

json body_of(const OpenAiCaptionerOptions& options, const std::vector<ChatPart>& parts,
             const language::GenerationOptions& generation, const std::set<std::string>& left_out) {
  json body = {{"model", options.model},
               {"messages", json::array({{{"role", "user"}, {"content", content_of(parts)}}})},
               {"max_tokens", generation.max_new_tokens.value_or(kDefaultNewTokens)},
               {"temperature", generation.do_sample ? generation.temperature : 0.0}};
  if (generation.do_sample) {
    body["top_p"] = generation.top_p;
    body["top_k"] = generation.top_k;
    body["seed"] = generation.seed & 0x7fffffffU;
  }
  if (generation.repetition_penalty != 1.0) body["repetition_penalty"] = generation.repetition_penalty;
  if (generation.min_new_tokens > 0) body["min_tokens"] = generation.min_new_tokens;
  if (!generation.stop_strings.empty()) body["stop"] = generation.stop_strings;
  if (left_out.contains("max_tokens")) body["max_completion_tokens"] = body["max_tokens"];
  for (const std::string& name : left_out) body.erase(name);
  return body;
}

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// Whether `text` has `name` as a word of its own ("max_tokens" is no part of "max_tokens_total").
bool names(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const bool is_begin = at == 0 || !is_word(text[at - 1]);
    const std::size_t end = at + name.size();
    if (is_begin && (end == text.size() || !is_word(text[end]))) return true;
  }
  return false;
}

std::string refused_parameter(std::string_view body) {
  const json answer = json::parse(body, nullptr, false);
  if (!answer.is_object() || !answer.contains("error") || !answer["error"].is_object()) return {};
  const json& error = answer["error"];
  return error.contains("param") && error["param"].is_string() ? error["param"].get<std::string>() : std::string();
}

Image fitting(const Image& frame, int longest_side_px) {
  const int longest = std::max(frame.width, frame.height);
  if (longest_side_px <= 0 || longest <= longest_side_px) return frame;
  const auto scaled = [&](int side) {
    return std::max(1, static_cast<int>((static_cast<std::int64_t>(side) * longest_side_px + longest / 2) / longest));
  };
  return image::resize_opencv_area(frame, scaled(frame.width), scaled(frame.height));
}

/// Errors that every other request would meet as well.
bool concerns_all(int status) { return status == 401 || status == 403 || status == 404 || status == 429; }

}  // namespace

Result<std::vector<ChatPart>> chat_parts(const CaptionRequest& request, const OpenAiCaptionerOptions& options) {
  CINESCRIBE_TRY(check_request(request));
  if (request.is_raw_prompt) {
    return Error{ErrorCode::kUsage, "a caption server makes its own prompt; a raw prompt is for local models"};
  }
  std::vector<ChatPart> parts;
  for (std::size_t i = 0; i < request.frames.size(); ++i) {
    std::string label = frame_label(request, i);
    if (!label.empty()) parts.push_back({std::move(label), ""});
    CINESCRIBE_ASSIGN(std::string jpeg,
                      image::encode_jpeg(fitting(request.frames[i], options.longest_side_px), options.jpeg_quality));
    parts.push_back({"", std::move(jpeg)});
  }
  parts.push_back({request.prompt, ""});
  return parts;
}

Result<std::unique_ptr<OpenAiClient>> OpenAiClient::create(const OpenAiCaptionerOptions& options) {
  CINESCRIBE_ASSIGN(
      http::Request request,
      http::make_api_request({std::string(kNoun), options.base_url, options.api_key}, "/chat/completions"));
  request.headers.push_back({"Content-Type", "application/json"});
  request.timeouts = options.timeouts;
  request.retry = options.retry;
  request.max_response_bytes = 8U << 20U;
  return std::unique_ptr<OpenAiClient>(new OpenAiClient(options, std::move(request)));
}

std::set<std::string> OpenAiClient::left_out() const {
  const std::lock_guard lock(mutex_);
  return left_out_;
}

bool OpenAiClient::adapt(std::string_view error_body, const std::string& sent) {
  const std::string param = refused_parameter(error_body);
  const std::string words = http::api_error_words(error_body);
  for (const char* name : kOptional) {
    const bool was_sent = names(sent, "\"" + std::string(name) + "\"");
    const bool is_named = param.empty() ? names(words, name) : param == name;
    if (!was_sent || !is_named) continue;
    const std::lock_guard lock(mutex_);
    if (left_out_.insert(name).second) {
      log(LogLevel::kInfo, "the caption server does not take " + std::string(name) + "; going on without it");
    }
    return true;
  }
  return false;
}

ChatOutcome OpenAiClient::ask(const std::vector<ChatPart>& parts, const language::GenerationOptions& generation,
                              int most_attempts, const std::stop_token& stop) {
  if (const Status status = check_generation(generation); !status.ok()) return {{}, ChatFailure{status.error(), true}};
  http::Request request = request_;
  request.gate = &gate_;
  request.retry.max_attempts = std::min(request.retry.max_attempts, most_attempts);
  for (std::size_t round = 0; round <= kOptional.size(); ++round) {
    const std::set<std::string> without = left_out();
    json body = body_of(options_, parts, generation, without);
    request.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
    const auto response = http::send(request, stop);
    if (!response.ok()) return {{}, ChatFailure{response.error(), true}};
    if (const auto pause = http::rate_limit_pause(*response)) {
      gate_.hold(std::min(*pause, options_.retry.longest_retry_after));
    }
    if (response->is_success()) {
      auto answer = parse_chat_answer(response->body);
      if (!answer.ok()) return {{}, ChatFailure{answer.error(), false}};
      return {std::move(*answer), std::nullopt};
    }
    body.erase("messages");  // only names of options matter
    const bool may_be_option = response->status == 400 || response->status == 422;
    if (may_be_option && adapt(response->body, body.dump())) continue;
    Error error = http::api_refusal(kNoun, request, *response);
    if (may_be_option && is_content_filter_error(response->body)) {
      error = {ErrorCode::kModel,
               "the caption server's content filter stopped the request: " + http::api_error_words(response->body)};
    }
    return {{}, ChatFailure{std::move(error), concerns_all(response->status)}};
  }
  return {{}, ChatFailure{{ErrorCode::kModel, "the caption server refuses every form of the request"}, true}};
}

}  // namespace cinescribe::captions
