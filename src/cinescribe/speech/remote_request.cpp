#include "cinescribe/speech/remote_request.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <whisper.h>

#include "cinescribe/core/audio.h"
#include "cinescribe/http/api_server.h"
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

std::string two_decimals(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

}  // namespace

TimeRange range_of(const SoundChunk& chunk) {
  const Rational tick{1, kAudioRateHz};
  const auto end = chunk.first_sample + static_cast<std::int64_t>(chunk.samples.size());
  return {Timestamp::from_ticks(chunk.first_sample, tick), Timestamp::from_ticks(end, tick)};
}

Result<http::Request> make_remote_request(const RemoteTranscriberOptions& options,
                                          const TranscriptionOptions& transcription) {
  const http::ApiServer server{"transcription server", options.base_url, options.api_key};
  CINESCRIBE_ASSIGN(
      http::Request request,
      http::make_api_request(server, transcription.translate ? "/audio/translations" : "/audio/transcriptions"));
  tensor::route_engine_messages();  // whisper.cpp's table of languages reports unknown ones
  CINESCRIBE_ASSIGN(const std::string language, language_code(transcription.language));
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
  if (!response.is_success()) return http::api_refusal("transcription server", request, response);
  CINESCRIBE_ASSIGN(RemoteAnswer answer, parse_remote_answer(response.body, range_of(chunk)));
  const int id = answer.language.empty() ? -1 : whisper_lang_id(answer.language.c_str());
  if (id >= 0) answer.language = whisper_lang_str(id);
  return answer;
}

}  // namespace cinescribe::speech
