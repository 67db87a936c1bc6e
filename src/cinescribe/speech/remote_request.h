#pragma once

#include <stop_token>
#include <string>

#include "cinescribe/core/status.h"
#include "cinescribe/core/time.h"
#include "cinescribe/http/client.h"
#include "cinescribe/speech/remote_answer.h"
#include "cinescribe/speech/remote_transcriber.h"
#include "cinescribe/speech/sound_chunks.h"

/// One chunk, one request; private to this room.
namespace cinescribe::speech {

/// Where in the recording the chunk lies.
TimeRange range_of(const SoundChunk& chunk);

/// The form that asks for a chunk's transcript, without the sound. Errors: kUsage, as `make_remote_transcriber`.
Result<http::Request> make_remote_request(const RemoteTranscriberOptions& options,
                                          const TranscriptionOptions& transcription);

/// Sends `request` with the chunk's sound and reads the answer. Errors: kModel, kResource, kInterrupted.
Result<RemoteAnswer> transcribe_remotely(http::Request request, const SoundChunk& chunk, const std::stop_token& stop);

}  // namespace cinescribe::speech
