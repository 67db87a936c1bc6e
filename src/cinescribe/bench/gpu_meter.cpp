#include "cinescribe/bench/gpu_meter.h"

#include <array>
#include <utility>
#include <vector>

#include <dlfcn.h>

namespace cinescribe::bench {

namespace {

/// NVML's stable interface, as far as it is used here. Every function returns 0 for success.
/// @source NVML API reference, "Device Queries"
using Device = void*;
struct Memory {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;
};

template <typename Function>
Function find(void* library, const char* name) {
  return reinterpret_cast<Function>(::dlsym(library, name));  // NOLINT: how dlsym is used
}

struct CloseLibrary {
  void operator()(void* library) const { ::dlclose(library); }
};

}  // namespace

struct GpuMeter::State {
  std::unique_ptr<void, CloseLibrary> library;
  int (*shutdown)() = nullptr;
  int (*driver_version)(char*, unsigned) = nullptr;
  int (*memory_info)(Device, Memory*) = nullptr;
  int (*total_energy)(Device, unsigned long long*) = nullptr;  ///< Millijoules.
  std::vector<Device> devices;
};

std::unique_ptr<GpuMeter> GpuMeter::open(const char* library_name) {
  auto state = std::make_unique<State>();
  state->library.reset(::dlopen(library_name, RTLD_NOW | RTLD_LOCAL));
  void* const library = state->library.get();
  if (library == nullptr) return nullptr;
  const auto init = find<int (*)()>(library, "nvmlInit_v2");
  const auto count_devices = find<int (*)(unsigned*)>(library, "nvmlDeviceGetCount_v2");
  const auto device_at = find<int (*)(unsigned, Device*)>(library, "nvmlDeviceGetHandleByIndex_v2");
  state->shutdown = find<int (*)()>(library, "nvmlShutdown");
  state->driver_version = find<int (*)(char*, unsigned)>(library, "nvmlSystemGetDriverVersion");
  state->memory_info = find<int (*)(Device, Memory*)>(library, "nvmlDeviceGetMemoryInfo");
  state->total_energy = find<int (*)(Device, unsigned long long*)>(library, "nvmlDeviceGetTotalEnergyConsumption");
  const bool is_whole = init && count_devices && device_at && state->shutdown && state->memory_info;
  if (!is_whole || init() != 0) return nullptr;
  std::unique_ptr<GpuMeter> meter(new GpuMeter(std::move(state)));  // from here on it is shut down at the end
  unsigned count = 0;
  if (count_devices(&count) != 0) return nullptr;
  for (unsigned i = 0; i < count; ++i) {
    Device device = nullptr;
    if (device_at(i, &device) == 0) meter->state_->devices.push_back(device);
  }
  return meter->state_->devices.empty() ? nullptr : std::move(meter);
}

GpuMeter::GpuMeter(std::unique_ptr<State> state) : state_(std::move(state)) {}

GpuMeter::~GpuMeter() { state_->shutdown(); }

std::string GpuMeter::driver() const {
  std::array<char, 96> text{};
  if (state_->driver_version == nullptr || state_->driver_version(text.data(), text.size()) != 0) return {};
  text.back() = '\0';
  return text.data();
}

std::map<std::string, std::uint64_t> GpuMeter::memory_bytes() {
  std::map<std::string, std::uint64_t> used;
  for (std::size_t i = 0; i < state_->devices.size(); ++i) {
    Memory memory{};
    if (state_->memory_info(state_->devices[i], &memory) == 0) used["CUDA" + std::to_string(i)] = memory.used;
  }
  return used;
}

std::optional<double> GpuMeter::joules() {
  if (state_->total_energy == nullptr) return std::nullopt;
  double sum = 0.0;
  bool has_any = false;
  for (const Device device : state_->devices) {
    unsigned long long millijoules = 0;
    if (state_->total_energy(device, &millijoules) != 0) continue;
    sum += static_cast<double>(millijoules) / 1e3;
    has_any = true;
  }
  return has_any ? std::optional(sum) : std::nullopt;
}

}  // namespace cinescribe::bench
