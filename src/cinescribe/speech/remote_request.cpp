#include "cinescribe/speech/remote_request.h"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <utility>

#include <whisper.h>

#include "cinescribe/core/audio.h"
#include "cinescribe/core/log.h"
#include "cinescribe/tensor/backends.h"

namespace cinescribe::speech {

namespace {

Result<std::string> language_code(const std::string& language) {
  if (language.empty()) return std::string();
  std::string lower = language;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const int id = whisper_lang_id(lower.c_str());
  if (id >= 0) return std::string(whisper_lang_str(id));
  return Error{ErrorCode::kUsage, "unknown language '" + language + "'; write a code such as en, de or ja"};
}

Status check_key(std::string_view key) {
  const bool is_good = std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (is_good) return {};
  return Error{ErrorCode::kUsage,
               "the key for the transcription server holds spaces or characters that no key has; set "
               "CINESCRIBE_OPENAI_API_KEY anew"};
}

/// A key that travels in the clear can be read on the way.
void warn_of_open_key(const RemoteTranscriberOptions& options) {
  const std::string_view url = options.base_url;
  if (options.api_key.empty() || !url.starts_with("http://")) return;
  for (const std::string_view local : {"http://localhost", "http://127.", "http://[::1]"}) {
    if (url.starts_with(local)) return;
  }
  log(LogLevel::kWarning, http::printable_url(url) + ": the key is sent without encryption; use an https address");
}

std::string two_decimals(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

Error refusal(const http::Request& request, const http::Response& response) {
  const std::string words = remote_error_words(response.body);
  std::string message = "the transcription server " + http::printable_url(request.url) + " answered " +
                        std::to_string(response.status) + (words.empty() ? "" : " (" + words + ")");
  ErrorCode code = ErrorCode::kModel;
  if (response.status == 401 || response.status == 403) {
    message += "; check the key in CINESCRIBE_OPENAI_API_KEY or OPENAI_API_KEY";
  } else if (response.status == 404) {
    message += "; check the address and the model's name";
  } else if (response.status == 413) {
    message += "; it takes smaller files only";
  } else if (response.status == 429) {
    code = ErrorCode::kResource;
    message += "; its limit is used up: try again later, or with fewer requests at once";
  } else if (response.status >= 500 || response.status < 400) {
    code = ErrorCode::kResource;
    message += "; try again later";
  }
  return {code, message};
}

}  // namespace

TimeRange range_of(const SoundChunk& chunk) {
  const Rational tick{1, kAudioRateHz};
  const auto end = chunk.first_sample + static_cast<std::int64_t>(chunk.samples.size());
  return {Timestamp::from_ticks(chunk.first_sample, tick), Timestamp::from_ticks(end, tick)};
}

Result<http::Request> make_remote_request(const RemoteTranscriberOptions& options,
                                          const TranscriptionOptions& transcription) {
  std::string base = options.base_url;
  while (!base.empty() && base.back() == '/') base.pop_back();
  if (!base.starts_with("http://") && !base.starts_with("https://")) {
    return Error{ErrorCode::kUsage, "'" + http::printable_url(options.base_url) +
                                        "' is no address of a transcription server; write e.g. "
                                        "http://127.0.0.1:8000/v1"};
  }
  CINESCRIBE_TRY(check_key(options.api_key));
  tensor::route_engine_messages();  // whisper.cpp's table of languages reports unknown ones
  CINESCRIBE_ASSIGN(const std::string language, language_code(transcription.language));
  warn_of_open_key(options);
  http::Request request;
  request.method = "POST";
  request.url = base + (transcription.translate ? "/audio/translations" : "/audio/transcriptions");
  if (!options.api_key.empty()) request.headers.push_back({"Authorization", "Bearer " + options.api_key});
  request.form.push_back({"model", options.model, "", ""});
  request.form.push_back({"response_format", "verbose_json", "", ""});
  request.form.push_back({"temperature", two_decimals(transcription.temperature), "", ""});
  if (!transcription.translate) {
    request.form.push_back({"timestamp_granularities[]", "segment", "", ""});
    if (options.word_times) request.form.push_back({"timestamp_granularities[]", "word", "", ""});
    if (!language.empty()) request.form.push_back({"language", language, "", ""});
  }
  if (!transcription.initial_prompt.empty()) request.form.push_back({"prompt", transcription.initial_prompt, "", ""});
  request.timeouts = options.timeouts;
  request.retry = options.retry;
  request.max_response_bytes = 32U << 20U;
  return request;
}

Result<RemoteAnswer> transcribe_remotely(http::Request request, const SoundChunk& chunk, const std::stop_token& stop) {
  request.form.push_back({"file", wav_file(chunk.samples), "sound.wav", "audio/wav"});
  CINESCRIBE_ASSIGN(const http::Response response, http::send(request, stop));
  if (!response.is_success()) return refusal(request, response);
  CINESCRIBE_ASSIGN(RemoteAnswer answer, parse_remote_answer(response.body, range_of(chunk)));
  const int id = answer.language.empty() ? -1 : whisper_lang_id(answer.language.c_str());
  if (id >= 0) answer.language = whisper_lang_str(id);
  return answer;
}

}  // namespace cinescribe::speech
