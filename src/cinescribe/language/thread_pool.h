#pragma once

#include <memory>

#include "cinescribe/core/status.h"

struct ggml_threadpool;

namespace cinescribe::language {

/// Threads that compute on the CPU for one engine and sleep between its steps. One computation at a time.
class ThreadPool {
 public:
  /// `threads` 0 = as many as cores. Errors: kResource, kInternal.
  static Result<std::unique_ptr<ThreadPool>> start(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  [[nodiscard]] ggml_threadpool* get() const { return pool_; }
  [[nodiscard]] int threads() const { return threads_; }

 private:
  ThreadPool(ggml_threadpool* pool, int threads, void (*release)(ggml_threadpool*))
      : pool_(pool), threads_(threads), release_(release) {}

  ggml_threadpool* pool_;
  int threads_;
  void (*release_)(ggml_threadpool*);
};

}  // namespace cinescribe::language
