#pragma once

#include <memory>
#include <string>

#include "cinescribe/pipeline/stage.h"
#include "cinescribe/speech/transcription_options.h"

namespace cinescribe::pipeline {

struct SpeechStageOptions {
  std::string model = "whisper-base";    ///< Catalogue name, folder or file.
  std::string vad_model = "silero-vad";  ///< Likewise; not used when `transcription.use_vad` is off.
  speech::WordTimes word_times = speech::WordTimes::kExact;
  speech::TranscriptionOptions transcription;
  std::string device = "cpu";
  int threads = 0;
};

/// The stage "speech": units are windows of at most 30 s with their segments, in time order (unit_resume.h). The models
/// are looked up by `models()`, and loaded (converted where needed) once, by the first run; all videos share them.
std::unique_ptr<Stage> make_speech_stage(const SpeechStageOptions& options);

}  // namespace cinescribe::pipeline
