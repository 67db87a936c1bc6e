#include "cinescribe/speech/decoder_pool.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "cinescribe/core/audio.h"

namespace cinescribe::speech {

namespace {

/// The spoken language. Ten seconds nearly always tell, in a third of the time.
Result<Language> find_language(WhisperDecoder& decoder, const WindowJob& job) {
  constexpr std::size_t kFirstLook = 10 * kAudioRateHz;
  constexpr double kSure = 0.8;
  const std::span<const float> all(job.window->samples);
  CINESCRIBE_ASSIGN(Language found,
                    decoder.detect_language(all.first(std::min(kFirstLook, all.size())), job.should_stop));
  if (found.probability < kSure && all.size() > kFirstLook) {
    CINESCRIBE_ASSIGN(found, decoder.detect_language(all, job.should_stop));
  }
  return found;
}

Result<DecodedWindow> decode(WhisperDecoder& decoder, const WindowJob& job) {
  std::string language = job.language;
  if (language.empty()) {
    CINESCRIBE_ASSIGN(const Language found, find_language(decoder, job));
    job.on_language(found);
    language = found.code;
  }
  return decoder.decode(job.window->samples, language, *job.options, job.should_stop);
}

}  // namespace

DecoderPool::DecoderPool(std::shared_ptr<const WhisperModel> model, int workers)
    : model_(std::move(model)), jobs_(static_cast<std::size_t>(std::max(1, workers)) * 4) {
  for (int i = 0; i < std::max(1, workers); ++i) threads_.emplace_back([this] { work(); });
}

DecoderPool::~DecoderPool() {
  jobs_.close();
  for (std::thread& thread : threads_) thread.join();
}

void DecoderPool::work() {
  std::unique_ptr<WhisperDecoder> decoder;
  while (std::optional<WindowJob> job = jobs_.pop()) {
    if (!decoder) {
      auto made = WhisperDecoder::create(model_);
      if (!made.ok()) {
        job->on_done(made.error());
        continue;
      }
      decoder = *std::move(made);
    }
    job->on_done(decode(*decoder, *job));
    if (!decoder->is_usable()) decoder.reset();
  }
}

}  // namespace cinescribe::speech
