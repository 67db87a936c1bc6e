#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "cinescribe/core/bounded_queue.h"
#include "cinescribe/speech/whisper_decoder.h"
#include "cinescribe/speech/window_decoders.h"

namespace cinescribe::speech {

/// A fixed number of threads, each with a decoder of whisper.cpp over the shared weights, made when first needed.
class DecoderPool final : public WindowDecoders {
 public:
  DecoderPool(std::shared_ptr<const WhisperModel> model, int workers);
  DecoderPool(const DecoderPool&) = delete;
  DecoderPool& operator=(const DecoderPool&) = delete;
  ~DecoderPool() override;

  void submit(WindowJob job) override { jobs_.push(std::move(job)); }
  [[nodiscard]] int capacity() const override { return static_cast<int>(threads_.size()); }
  [[nodiscard]] bool is_multilingual() const override { return model_->is_multilingual(); }
  [[nodiscard]] WordTimes word_times() const override { return model_->word_times(); }
  [[nodiscard]] std::string description() const override { return "whisper.cpp"; }

 private:
  void work();

  std::shared_ptr<const WhisperModel> model_;
  BoundedQueue<WindowJob> jobs_;
  std::vector<std::thread> threads_;
};

}  // namespace cinescribe::speech
