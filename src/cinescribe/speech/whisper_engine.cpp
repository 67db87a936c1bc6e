#include "cinescribe/speech/whisper_engine.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "cinescribe/core/log.h"
#include "cinescribe/speech/decoder_pool.h"
#include "cinescribe/speech/dense_pool.h"
#include "cinescribe/speech/whisper_transcriber.h"
#include "cinescribe/tensor/whisper_file.h"

namespace cinescribe::speech {

namespace {

constexpr int kMostBeams = 8;  // WHISPER_MAX_DECODERS

Result<std::string> language_code(const std::string& language, bool is_multilingual) {
  if (language.empty()) return std::string(is_multilingual ? "" : "en");
  std::string lower = language;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const int id = whisper_lang_id(lower.c_str());
  if (id < 0) {
    return Error{ErrorCode::kUsage, "unknown language '" + language + "'; write a code such as en, de or ja"};
  }
  std::string code = whisper_lang_str(id);
  if (!is_multilingual && code != "en") {
    return Error{ErrorCode::kUsage, "this model knows English only; for '" + language + "' use a multilingual one"};
  }
  return code;
}

Status check(const TranscriptionOptions& options, bool is_multilingual) {
  if (options.beam_size < 1 || options.beam_size > kMostBeams || options.best_of < 1 || options.best_of > kMostBeams) {
    return Error{ErrorCode::kUsage, "beam size and best-of go from 1 to " + std::to_string(kMostBeams)};
  }
  const bool is_in_range =
      options.temperature >= 0.0 && options.temperature <= 1.0 &&
      (options.temperature_step == 0.0 || (options.temperature_step >= 0.05 && options.temperature_step <= 1.0));
  if (!is_in_range) {
    return Error{ErrorCode::kUsage, "the temperature goes from 0 to 1, its step from 0.05 to 1 (or is 0)"};
  }
  if (options.translate && !is_multilingual) {
    return Error{ErrorCode::kUsage, "this model knows English only and cannot translate; use a multilingual one"};
  }
  if (options.initial_prompt.find('\0') != std::string::npos) {
    return Error{ErrorCode::kUsage, "the initial prompt contains a zero byte"};
  }
  return {};
}

class PooledEngine final : public WhisperEngine {
 public:
  PooledEngine(std::shared_ptr<WindowDecoders> decoders, std::filesystem::path vad_model)
      : decoders_(std::move(decoders)), vad_model_(std::move(vad_model)) {}

  Result<std::unique_ptr<Transcriber>> make_window_transcriber(const TranscriptionOptions& options, WindowSink sink,
                                                               const TranscribedPart& done,
                                                               std::stop_token stop) override {
    CINESCRIBE_TRY(check(options, is_multilingual()));
    TranscriptionOptions chosen = options;
    CINESCRIBE_ASSIGN(chosen.language, language_code(options.language, is_multilingual()));
    std::unique_ptr<VoiceActivity> voice;
    if (options.use_vad) {
      CINESCRIBE_ASSIGN(const auto network, voice_network());
      voice = network->make_stream();
    }
    return std::unique_ptr<Transcriber>(std::make_unique<WhisperTranscriber>(
        decoders_, std::move(voice), std::move(chosen), std::move(sink), std::move(stop), done));
  }

  [[nodiscard]] bool is_multilingual() const override { return decoders_->is_multilingual(); }
  [[nodiscard]] WordTimes word_times() const override { return decoders_->word_times(); }
  [[nodiscard]] std::string description() const override { return decoders_->description(); }

 private:
  Result<std::shared_ptr<SileroVad>> voice_network() {
    const std::lock_guard lock(mutex_);
    if (!vad_) {
      CINESCRIBE_ASSIGN(vad_, SileroVad::open(vad_model_));
    }
    return vad_;
  }

  const std::shared_ptr<WindowDecoders> decoders_;
  const std::filesystem::path vad_model_;
  std::mutex mutex_;
  std::shared_ptr<SileroVad> vad_;
};

/// The kernels to use, or null for whisper.cpp.
Result<const DenseKernels*> choose_kernels(const WhisperEngineOptions& options, const tensor::WhisperShape& shape) {
  using Choice = Result<const DenseKernels*>;
  if (options.runner == WhisperRunner::kWhisperCpp) return Choice(nullptr);
  const bool is_cpu = options.device.empty() || options.device == "cpu";
  // Guessing word times from tokens and loudness is whisper.cpp's own art.
  const bool has_times =
      options.word_times == WordTimes::kOff ||
      (options.word_times == WordTimes::kExact && !usable_heads(options.alignment_heads, shape).empty());
  const bool wants_eight_bits = options.runner == WhisperRunner::kEightBit;
  if (!is_cpu || !has_times || !fits_dense_kernels(shape)) {
    if (!wants_eight_bits) return Choice(nullptr);
    return Error{ErrorCode::kUsage,
                 "the eight-bit runner needs the CPU, attention heads of 64, and exact word times or none"};
  }
  const DenseKernels* fastest = fastest_dense_kernels();
  return Choice(fastest == nullptr && wants_eight_bits ? &portable_dense_kernels() : fastest);
}

Result<std::shared_ptr<WindowDecoders>> make_decoders(const WhisperEngineOptions& options, int workers) {
  CINESCRIBE_ASSIGN(const tensor::WhisperHeader header, tensor::validate_whisper_file(options.model));
  CINESCRIBE_ASSIGN(const DenseKernels* kernels, choose_kernels(options, header.shape));
  if (kernels != nullptr) {
    CINESCRIBE_ASSIGN(auto model, load_dense_whisper(options.model, *kernels, workers));
    std::vector<tensor::AlignmentHead> heads;
    if (options.word_times == WordTimes::kExact) heads = usable_heads(options.alignment_heads, header.shape);
    return std::shared_ptr<WindowDecoders>(std::make_shared<DensePool>(std::move(model), std::move(heads), workers));
  }
  CINESCRIBE_ASSIGN(auto model, WhisperModel::load(options));
  const int states = model->is_on_gpu() ? 1 : workers;  // states of one card only take turns
  return std::shared_ptr<WindowDecoders>(std::make_shared<DecoderPool>(std::move(model), states));
}

}  // namespace

std::string whisper_on_this_processor() {
  const DenseKernels* kernels = fastest_dense_kernels();
  return kernels == nullptr ? std::string("whisper.cpp") : std::string("8 bits, ") + kernels->name;
}

Result<std::unique_ptr<Transcriber>> WhisperEngine::make_transcriber(const TranscriptionOptions& options,
                                                                     SegmentSink sink, std::stop_token stop) {
  return make_window_transcriber(
      options,
      [sink = std::move(sink)](SpokenWindow&& window) -> Status {
        for (Segment& segment : window.segments) CINESCRIBE_TRY(sink(std::move(segment)));
        return {};
      },
      {}, std::move(stop));
}

Result<std::shared_ptr<WhisperEngine>> WhisperEngine::load(const WhisperEngineOptions& options) {
  const int workers =
      std::max(1, options.threads > 0 ? options.threads : static_cast<int>(std::thread::hardware_concurrency()));
  CINESCRIBE_ASSIGN(auto decoders, make_decoders(options, workers));
  log(LogLevel::kDebug, "speech: " + decoders->description());
  return std::shared_ptr<WhisperEngine>(std::make_shared<PooledEngine>(std::move(decoders), options.vad_model));
}

}  // namespace cinescribe::speech
