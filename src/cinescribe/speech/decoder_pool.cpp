#include "cinescribe/speech/decoder_pool.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace cinescribe::speech {

DecoderPool::DecoderPool(std::shared_ptr<const WhisperModel> model, int workers)
    : model_(std::move(model)), tasks_(static_cast<std::size_t>(std::max(1, workers)) * 4) {
  for (int i = 0; i < std::max(1, workers); ++i) threads_.emplace_back([this] { work(); });
}

DecoderPool::~DecoderPool() {
  tasks_.close();
  for (std::thread& thread : threads_) thread.join();
}

void DecoderPool::work() {
  std::unique_ptr<WhisperDecoder> decoder;
  while (std::optional<DecoderTask> task = tasks_.pop()) {
    if (!decoder) {
      auto made = WhisperDecoder::create(model_);
      if (!made.ok()) {
        (*task)(made.error());
        continue;
      }
      decoder = *std::move(made);
    }
    (*task)(decoder.get());
    if (!decoder->is_usable()) decoder.reset();
  }
}

}  // namespace cinescribe::speech
