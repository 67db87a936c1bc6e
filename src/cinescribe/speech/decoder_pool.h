#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "cinescribe/core/bounded_queue.h"
#include "cinescribe/core/status.h"
#include "cinescribe/speech/whisper_decoder.h"

namespace cinescribe::speech {

/// Work for one decoder. It gets the worker's decoder, or the reason why there is none; it is called exactly once.
using DecoderTask = std::function<void(Result<WhisperDecoder*>)>;

/// A fixed number of threads, each with a decoder of its own over the shared weights, made when first needed.
class DecoderPool {
 public:
  DecoderPool(std::shared_ptr<const WhisperModel> model, int workers);
  DecoderPool(const DecoderPool&) = delete;
  DecoderPool& operator=(const DecoderPool&) = delete;
  /// Finishes what was submitted.
  ~DecoderPool();

  [[nodiscard]] int workers() const { return static_cast<int>(threads_.size()); }
  /// Waits while the queue is full. Thread-safe.
  void submit(DecoderTask task) { tasks_.push(std::move(task)); }

 private:
  void work();

  std::shared_ptr<const WhisperModel> model_;
  BoundedQueue<DecoderTask> tasks_;
  std::vector<std::thread> threads_;
};

}  // namespace cinescribe::speech
