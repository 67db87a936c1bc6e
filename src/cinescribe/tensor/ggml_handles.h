#pragma once

// Private to the room and to captions' probe of the machine: owners of ggml's C objects.

#include <memory>

#include <ggml-alloc.h>
#include <ggml-backend.h>
#include <ggml.h>
#include <gguf.h>

namespace cinescribe::tensor {

struct GgmlContextDeleter {
  void operator()(ggml_context* p) const { ggml_free(p); }
};
struct GgufDeleter {
  void operator()(gguf_context* p) const { gguf_free(p); }
};
struct BackendDeleter {
  void operator()(ggml_backend* p) const { ggml_backend_free(p); }
};
struct BackendBufferDeleter {
  void operator()(ggml_backend_buffer* p) const { ggml_backend_buffer_free(p); }
};
struct SchedDeleter {
  void operator()(ggml_backend_sched* p) const { ggml_backend_sched_free(p); }
};

using GgmlContext = std::unique_ptr<ggml_context, GgmlContextDeleter>;
using GgufContext = std::unique_ptr<gguf_context, GgufDeleter>;
using Backend = std::unique_ptr<ggml_backend, BackendDeleter>;
using BackendBuffer = std::unique_ptr<ggml_backend_buffer, BackendBufferDeleter>;
using Sched = std::unique_ptr<ggml_backend_sched, SchedDeleter>;

}  // namespace cinescribe::tensor
