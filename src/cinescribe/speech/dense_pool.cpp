#include "cinescribe/speech/dense_pool.h"

#include <algorithm>
#include <cstdint>
#include <stop_token>
#include <utility>

namespace cinescribe::speech {

namespace {

/// Windows that one worker decodes together. A step reads all weights of the text side once, whatever the number.
constexpr std::size_t kLargestBatch = 8;
/// Encoded windows that all workers together may keep (base: 18 MB each, large: 245 MB).
constexpr std::uint64_t kSoundBytes = std::uint64_t{640} << 20U;

std::size_t batch_for(const DenseWhisper& model, int workers) {
  const std::uint64_t per_window = std::uint64_t{2} * sizeof(std::uint16_t) * padded_positions(kFullAudioContext) *
                                   model.state() * model.text_blocks.size();
  const std::uint64_t fitting =
      kSoundBytes / std::max<std::uint64_t>(1, per_window) / static_cast<std::uint64_t>(workers);
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(fitting, 1, kLargestBatch));
}

}  // namespace

/// One thread's part.
class DensePool::Worker {
 public:
  Worker(const DenseContext& context, BoundedQueue<WindowJob>& jobs, std::size_t batch)
      : context_(context),
        jobs_(jobs),
        batch_(batch),
        encoder_(context.model),
        decoder_(context.model, context.alignment_heads) {
    no_wait_.request_stop();
  }

  void run() {
    while (admit()) step();
  }

 private:
  /// Takes windows while there is room; waits only when there is nothing else to do. False at the end.
  bool admit() {
    while (active_.size() < batch_) {
      auto job = active_.empty() ? jobs_.pop() : jobs_.pop(no_wait_.get_token());
      if (!job) break;
      EncodedSound memory;
      if (!spare_.empty()) {
        memory = std::move(spare_.back());
        spare_.pop_back();
      }
      active_.push_back(std::make_unique<DenseJob>(context_, *std::move(job), std::move(memory)));
      start(*active_.back());
      retire();
    }
    return !active_.empty();
  }

  void start(DenseJob& job) {
    if (Status status = job.start(encoder_); !status.ok()) fail(job, std::move(status));
  }

  void fail(DenseJob& job, Status status) {
    job.deliver(std::move(status));
    const auto is_it = [&](const std::unique_ptr<DenseJob>& other) { return other.get() == &job; };
    active_.erase(std::find_if(active_.begin(), active_.end(), is_it));
  }

  void step() {
    for (std::size_t i = active_.size(); i-- > 0;) {
      if (active_[i]->should_stop()) fail(*active_[i], Error{ErrorCode::kInterrupted, "the transcription was stopped"});
    }
    if (active_.empty()) return;
    rows_.clear();
    wanted_.clear();
    for (const auto& job : active_) wanted_.push_back(job->append_rows(rows_));
    decoder_.step(rows_, logits_);
    const auto n_vocab = static_cast<std::size_t>(context_.model->shape.n_vocab);
    std::size_t first = 0;
    for (std::size_t i = 0; i < active_.size(); ++i) {
      active_[i]->take(std::span(logits_).subspan(first * n_vocab, wanted_[i] * n_vocab));
      first += wanted_[i];
    }
    for (std::size_t i = active_.size(); i-- > 0;) {
      if (active_[i]->needs_start()) start(*active_[i]);
    }
    retire();
  }

  void retire() {
    for (std::size_t i = 0; i < active_.size();) {
      if (!active_[i]->is_done()) {
        ++i;
        continue;
      }
      active_[i]->deliver({});
      spare_.push_back(active_[i]->take_sound());
      active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  const DenseContext& context_;
  BoundedQueue<WindowJob>& jobs_;
  const std::size_t batch_;
  DenseEncoder encoder_;
  DenseDecoder decoder_;
  std::stop_source no_wait_;
  std::vector<std::unique_ptr<DenseJob>> active_;
  std::vector<EncodedSound> spare_;
  std::vector<TextRow> rows_;
  std::vector<std::size_t> wanted_;
  std::vector<float> logits_;
};

DensePool::DensePool(std::shared_ptr<const DenseWhisper> model, std::vector<tensor::AlignmentHead> alignment_heads,
                     int workers)
    : context_(std::move(model), std::move(alignment_heads)),
      batch_(batch_for(*context_.model, std::max(1, workers))),
      jobs_(static_cast<std::size_t>(std::max(1, workers)) * batch_) {
  for (int i = 0; i < std::max(1, workers); ++i) {
    threads_.emplace_back([this] { Worker(context_, jobs_, batch_).run(); });
  }
}

DensePool::~DensePool() {
  jobs_.close();
  for (std::thread& thread : threads_) thread.join();
}

std::string DensePool::description() const { return std::string("8 bits, ") + context_.model->kernels->name; }

}  // namespace cinescribe::speech
