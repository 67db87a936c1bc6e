#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::tensor {

enum class DeviceKind { kCpu, kGpu, kIntegratedGpu, kAccelerator };

/// A device that ggml can compute on.
struct Device {
  DeviceKind kind = DeviceKind::kCpu;
  std::string name;         ///< As ggml spells it, e.g. "CPU", "CUDA0".
  std::string description;  ///< E.g. the processor's or the card's name.
  std::uint64_t memory_free_bytes = 0;
  std::uint64_t memory_total_bytes = 0;  ///< 0 when the device does not say.
};

/// Loads ggml's CPU and GPU kernels from the folder in which libggml itself lies, and routes the messages of ggml,
/// whisper.cpp and llama.cpp to core/log.h. Call it before any other use of these libraries; the first call does the
/// work, later ones return its outcome. Thread-safe. Errors: kResource, naming the folder that was searched.
Status load_backends();

/// Only routes the messages, for uses of these libraries that compute nothing. Thread-safe.
void route_engine_messages();

/// The devices found by `load_backends()`, in ggml's order; empty when that failed. Thread-safe.
std::vector<Device> devices();

/// ggml's spelling of a device: "cuda:0", "CUDA0" and "cuda0" are the same. Errors: kResource (no such device; the
/// message lists those there are).
Result<std::string> device_name(const std::string& name);

/// The CPU kernels that were chosen for this machine, e.g. "haswell" (from libggml-cpu-haswell.so); empty before
/// `load_backends()` or when ggml has its CPU kernels built in. Thread-safe.
std::string cpu_variant();

/// The folder of the loaded libggml. Errors: kInternal.
Result<std::filesystem::path> engines_folder();

}  // namespace cinescribe::tensor
