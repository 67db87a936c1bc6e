#pragma once

// Private to the room: owners of libmtmd's C objects.

#include <memory>

#include <mtmd.h>

#include "cinescribe/language/llama_handles.h"

namespace cinescribe::captions {

struct MtmdContextDeleter {
  void operator()(mtmd_context* p) const { mtmd_free(p); }
};
struct MtmdBitmapDeleter {
  void operator()(mtmd_bitmap* p) const { mtmd_bitmap_free(p); }
};
struct MtmdChunksDeleter {
  void operator()(mtmd_input_chunks* p) const { mtmd_input_chunks_free(p); }
};
struct MtmdBatchDeleter {
  void operator()(mtmd_batch* p) const { mtmd_batch_free(p); }
};

using language::LlamaContextHandle;
using language::LlamaModelHandle;
using MtmdContextHandle = std::unique_ptr<mtmd_context, MtmdContextDeleter>;
using MtmdBitmapHandle = std::unique_ptr<mtmd_bitmap, MtmdBitmapDeleter>;
using MtmdChunksHandle = std::unique_ptr<mtmd_input_chunks, MtmdChunksDeleter>;
using MtmdBatchHandle = std::unique_ptr<mtmd_batch, MtmdBatchDeleter>;

}  // namespace cinescribe::captions
