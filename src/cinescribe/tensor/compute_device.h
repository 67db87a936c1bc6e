#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"

struct ggml_backend;
struct ggml_backend_buffer_type;
struct ggml_cgraph;
struct ggml_context;
struct ggml_tensor;

namespace cinescribe::tensor {

/// A device that runs ggml graphs: a backend, its threads and the memory of intermediate results.
///
/// Threads of the CPU device wait without spinning. Not thread-safe: one computation at a time.
class ComputeDevice {
 public:
  /// `name`: "cpu" or a ggml device name such as "CUDA0" ("cuda:0" is accepted). `threads` 0 = as many as cores.
  /// Errors: kResource (no such device; the message lists those there are).
  static Result<std::unique_ptr<ComputeDevice>> open(const std::string& name, int threads);
  ~ComputeDevice();
  ComputeDevice(const ComputeDevice&) = delete;
  ComputeDevice& operator=(const ComputeDevice&) = delete;

  [[nodiscard]] ggml_backend* backend() const;
  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] bool is_cpu() const;

  /// Kinds of memory that rearrange a matrix for the device's fastest products (interleaved rows, AMX tiles), best
  /// first; none on GPUs. Which matrices they take is `takes_product`'s to say.
  [[nodiscard]] std::vector<ggml_backend_buffer_type*> product_memory() const;
  /// The first of these that takes `matrix`, or null where it multiplies as it is.
  [[nodiscard]] ggml_backend_buffer_type* memory_of_product(ggml_tensor* matrix) const;
  /// Whether the left side of products with f32 may lie in this kind of memory. `matrix` has no memory yet.
  [[nodiscard]] bool takes_product(ggml_backend_buffer_type* memory, ggml_tensor* matrix) const;

  /// Builds and runs one graph. `build` receives a context for tensors without data and returns the outputs (also
  /// marking inputs with ggml_set_input); `fill` then writes the inputs, `read` reads the outputs.
  /// Errors: kResource when memory does not suffice, kInternal when the backend fails.
  Status run(std::size_t max_nodes, const std::function<std::vector<ggml_tensor*>(ggml_context*)>& build,
             const std::function<void()>& fill, const std::function<void()>& read);

 private:
  struct State;
  explicit ComputeDevice(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cinescribe::tensor
