#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "cinescribe/core/status.h"
#include "cinescribe/core/time.h"
#include "cinescribe/http/client.h"
#include "cinescribe/speech/transcriber.h"
#include "cinescribe/speech/transcription_options.h"

namespace cinescribe::speech {

/// A server that speaks OpenAI's transcription interface: OpenAI itself, or a local one.
struct RemoteTranscriberOptions {
  /// Everything before "/audio/transcriptions".
  std::string base_url = "https://api.openai.com/v1";
  std::string model = "whisper-1";
  std::string api_key;  ///< Sent as a bearer token; empty = none. Never part of a message.
  int concurrency = 2;  ///< Requests in flight, 1..32.
  bool word_times = true;
  /// Chunks are cut at a quiet place between half of this and this length.
  Duration longest_chunk = Duration::from_seconds(600.0);
  /// No request carries a larger file; OpenAI refuses more than 25 MB.
  std::uint64_t largest_upload_bytes = 25'000'000;
  /// Servers answer only when all of a chunk is transcribed.
  http::Timeouts timeouts{.stall = std::chrono::minutes(10)};
  http::RetryPolicy retry{.max_attempts = 8};
};

/// A transcriber that sends the sound, in chunks as 16-bit WAV, to a server and puts the times of its answers back into
/// the recording's. At most `concurrency` + 1 chunks are in memory; segments come in order. Silent chunks are not sent.
/// Of the transcription options language, translate, initial_prompt, temperature and the no-speech limits are used;
/// voice activity detection, beams and fallbacks are the server's business. Failed requests are tried again as
/// `options.retry` says, Retry-After is obeyed. The sink is called by one thread at a time, not always the same.
/// `push` and `finish` answer kModel (the server refuses the key, the model or the sound), kResource (no answer, or one
/// that cannot be used), kInterrupted, or the sink's error. `language().probability` is 0: servers do not tell.
/// Errors: kUsage (options out of range, not an http(s) address, an unusable key).
Result<std::unique_ptr<Transcriber>> make_remote_transcriber(const RemoteTranscriberOptions& options,
                                                             const TranscriptionOptions& transcription,
                                                             SegmentSink sink, std::stop_token stop);

}  // namespace cinescribe::speech
