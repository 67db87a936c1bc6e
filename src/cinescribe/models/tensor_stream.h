#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/models/import_type.h"
#include "cinescribe/models/wanted_tensor.h"
#include "cinescribe/models/weight_source.h"
#include "cinescribe/tensor/gguf_writer.h"

namespace cinescribe::models {

/// Called now and then from the importing thread: bytes written so far, and in all.
using ImportProgress = std::function<void(std::uint64_t done_bytes, std::uint64_t total_bytes)>;

/// How tensors are written.
struct StreamOptions {
  int threads = 1;
  std::stop_token stop;
  std::function<void(std::uint64_t)> on_bytes;  ///< Hears how many more bytes are written; may be empty.
};

/// Bytes of a tensor once it is stored as `type`.
std::uint64_t stored_bytes(const WantedTensor& tensor, tensor::WeightType type);

/// Checks that the source has every tensor in the shape that the architecture expects. Errors: kModel, naming the first
/// that differs.
Status check_sources(const std::vector<WantedTensor>& tensors, const WeightSource& source);

/// Writes one tensor to a writer whose next declared tensor it is: pieces of a few MiB are read, converted on several
/// threads and written, so that memory does not grow with the tensor. Errors: kModel (numbers that are none, or that
/// `type` cannot hold), kResource (disk), kInterrupted.
Status stream_tensor(const WantedTensor& tensor, tensor::WeightType type, const WeightSource& source,
                     tensor::GgufWriter& writer, const StreamOptions& options);

}  // namespace cinescribe::models
