#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cinescribe::bench {

class GpuMeter;

/// What processors and NVIDIA cards say they used: RAPL (Linux' powercap) and NVML. Not thread-safe.
class EnergyMeter {
 public:
  /// `gpus` may be null and must outlive the meter. `powercap` is for tests.
  explicit EnergyMeter(GpuMeter* gpus, const std::filesystem::path& powercap = "/sys/class/powercap");

  /// "rapl", "nvml", "rapl+nvml"; empty = nobody tells.
  [[nodiscard]] std::string source() const;
  [[nodiscard]] const std::string& why_not() const { return why_not_; }

  /// Since the meter was made; nothing where nobody tells. RAPL's counters begin again about once an hour at full load,
  /// so ask more often.
  std::optional<double> joules();

 private:
  struct Counter {
    std::filesystem::path file;
    std::uint64_t range = 0;  ///< Where it begins again.
    std::uint64_t last = 0;
  };

  std::vector<Counter> counters_;
  double rapl_joules_ = 0.0;
  GpuMeter* gpus_ = nullptr;
  std::optional<double> gpu_start_;
  std::string why_not_;
};

}  // namespace cinescribe::bench
