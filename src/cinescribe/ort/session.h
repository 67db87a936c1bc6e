#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/ort/tensor.h"

/// ONNX Runtime behind a small surface. The runtime is a shared library that is loaded on first use: programs that run
/// no ONNX model do not need it.
namespace cinescribe::ort {

struct SessionOptions {
  /// Threads for one run, the caller's included (1 = no threads of its own). Waiting threads sleep, they never spin.
  int threads = 1;
  /// "cpu", "cuda" or "cuda:N". Parts of a model that the device cannot run stay on the CPU.
  std::string device = "cpu";
};

/// Version of the runtime, e.g. "1.29.0". Error: kResource when the library cannot be loaded (message says where it was
/// looked for; `CINESCRIBE_ONNXRUNTIME` may name another file).
Result<std::string> runtime_version();

/// Execution providers compiled into the runtime, as it spells them (e.g. "CPUExecutionProvider").
Result<std::vector<std::string>> runtime_providers();

/// One loaded model. Thread-safe: several threads may run at once.
class Session {
 public:
  /// Loads a model file. Errors: kModel (missing, no ONNX model, unsupported operator), kResource (runtime or device
  /// not there, no memory), kUsage (unknown device).
  static Result<std::unique_ptr<Session>> open(const std::filesystem::path& model, const SessionOptions& options = {});
  /// Loads a model from its file's bytes (weights inside); `name` stands for it in messages. Errors as `open`.
  static Result<std::unique_ptr<Session>> from_bytes(std::string_view model, const std::string& name,
                                                     const SessionOptions& options = {});
  virtual ~Session() = default;

  [[nodiscard]] virtual const std::vector<TensorInfo>& inputs() const = 0;
  [[nodiscard]] virtual const std::vector<TensorInfo>& outputs() const = 0;
  /// Custom metadata of the model file (for example Ultralytics' "names" and "stride").
  [[nodiscard]] virtual const std::map<std::string, std::string>& metadata() const = 0;

  /// Runs the model and returns the outputs named in `output_names`, in that order. Names, element types and fixed
  /// dimensions are checked first. Errors: kUsage (input unknown, missing, of another type or shape), kModel (the run
  /// failed, or an output has a type that is not supported here), kInterrupted.
  virtual Result<std::vector<Tensor>> run(std::span<const Input> inputs, std::span<const std::string> output_names,
                                          const std::stop_token& stop = {}) = 0;
};

}  // namespace cinescribe::ort
