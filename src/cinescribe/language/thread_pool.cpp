#include "cinescribe/language/thread_pool.h"

#include <algorithm>
#include <thread>

#include <ggml-backend.h>
#include <ggml-cpu.h>

#include "cinescribe/tensor/backends.h"

namespace cinescribe::language {

Result<std::unique_ptr<ThreadPool>> ThreadPool::start(int threads) {
  CINESCRIBE_TRY(tensor::load_backends());
  // The CPU kernels are a module that is chosen at run time, so its functions are found by name.
  ggml_backend_reg_t registry = ggml_backend_dev_backend_reg(ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU));
  const auto create = reinterpret_cast<ggml_threadpool* (*)(ggml_threadpool_params*)>(
      ggml_backend_reg_get_proc_address(registry, "ggml_threadpool_new"));
  const auto release =
      reinterpret_cast<void (*)(ggml_threadpool*)>(ggml_backend_reg_get_proc_address(registry, "ggml_threadpool_free"));
  if (create == nullptr || release == nullptr) {
    return Error{ErrorCode::kInternal, "ggml's CPU backend lacks its thread functions"};
  }
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  ggml_threadpool_params params = ggml_threadpool_params_default(threads > 0 ? std::min(threads, 512) : cores);
  params.poll = 0;  // engines share the cores: whoever waits must not spin
  ggml_threadpool* pool = create(&params);
  if (pool == nullptr) return Error{ErrorCode::kResource, "cannot start the threads of the language model"};
  return std::unique_ptr<ThreadPool>(new ThreadPool(pool, params.n_threads, release));
}

ThreadPool::~ThreadPool() { release_(pool_); }

}  // namespace cinescribe::language
