#pragma once

// The one place that sees llama.h; private to this room and to captions' GGUF models.
#include <memory>

#include <llama.h>

namespace cinescribe::language {

struct LlamaModelDeleter {
  void operator()(llama_model* model) const { llama_model_free(model); }
};
using LlamaModelHandle = std::unique_ptr<llama_model, LlamaModelDeleter>;

struct LlamaContextDeleter {
  void operator()(llama_context* context) const { llama_free(context); }
};
using LlamaContextHandle = std::unique_ptr<llama_context, LlamaContextDeleter>;

}  // namespace cinescribe::language
