#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "cinescribe/core/bounded_queue.h"
#include "cinescribe/speech/dense_job.h"
#include "cinescribe/speech/window_decoders.h"

namespace cinescribe::speech {

/// Workers that run a `DenseWhisper`, one thread each. A worker encodes windows one by one and decodes up to a batch of
/// them together: windows join and leave between two steps.
class DensePool final : public WindowDecoders {
 public:
  DensePool(std::shared_ptr<const DenseWhisper> model, std::vector<tensor::AlignmentHead> alignment_heads, int workers);
  DensePool(const DensePool&) = delete;
  DensePool& operator=(const DensePool&) = delete;
  ~DensePool() override;

  void submit(WindowJob job) override { jobs_.push(std::move(job)); }
  [[nodiscard]] int capacity() const override { return static_cast<int>(batch_ * threads_.size()); }
  [[nodiscard]] bool is_multilingual() const override { return context_.rules.ids().languages > 0; }
  [[nodiscard]] WordTimes word_times() const override {
    return context_.alignment_heads.empty() ? WordTimes::kOff : WordTimes::kExact;
  }
  [[nodiscard]] std::string description() const override;

 private:
  class Worker;

  const DenseContext context_;
  const std::size_t batch_;
  BoundedQueue<WindowJob> jobs_;
  std::vector<std::thread> threads_;
};

}  // namespace cinescribe::speech
