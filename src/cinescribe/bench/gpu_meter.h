#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace cinescribe::bench {

/// NVIDIA's cards as NVML tells of them; libnvidia-ml is opened at run time where it is there. Not thread-safe.
class GpuMeter {
 public:
  /// Nothing where there is no library or no card. `library` is for tests.
  static std::unique_ptr<GpuMeter> open(const char* library = "libnvidia-ml.so.1");
  ~GpuMeter();
  GpuMeter(const GpuMeter&) = delete;
  GpuMeter& operator=(const GpuMeter&) = delete;

  [[nodiscard]] std::string driver() const;
  /// "CUDA0" -> bytes in use, of whatever program.
  std::map<std::string, std::uint64_t> memory_bytes();
  /// Of all cards since their driver was loaded; nothing for cards that do not tell.
  std::optional<double> joules();

 private:
  struct State;
  explicit GpuMeter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cinescribe::bench
