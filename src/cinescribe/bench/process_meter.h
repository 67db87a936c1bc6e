#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cinescribe::bench {

struct ProcessUse {
  std::string
      name;  ///< "cinescribe" for this process, "worker 1", … for those it started, in the order of their birth.
  std::uint64_t resident_bytes = 0;
  std::uint64_t peak_bytes = 0;  ///< Most resident memory since its start, or since `reset_peak_memory`.
};

struct MachineUse {
  std::vector<ProcessUse> processes;  ///< This one first, then those below it that live.
  double cpu_seconds = 0.0;           ///< Of this process and all below it, dead ones that were waited for included.
  /// Of everything on the machine, what a hypervisor gave to others included; 0 where the system does not tell.
  double machine_cpu_seconds = 0.0;
};

/// Reads what Linux tells about this process, those below it, and the machine. Not thread-safe.
class ProcessMeter {
 public:
  MachineUse read();

 private:
  std::map<int, std::string> names_;  ///< Of processes below this one.
};

/// Lets `peak_bytes` of this process begin again. False where the system does not allow it.
bool reset_peak_memory();

/// Processor time by the names of this process's threads, also of threads that end between two readings (but for what
/// they computed since the last). Not thread-safe.
class ThreadMeter {
 public:
  /// Adds what every thread computed since the last call to the name that it has now.
  void read();
  [[nodiscard]] const std::map<std::string, double>& cpu_seconds() const { return cpu_seconds_; }

 private:
  std::map<int, double> last_;  ///< Thread -> its processor time at the last reading.
  std::map<std::string, double> cpu_seconds_;
  bool has_begun_ = false;
};

}  // namespace cinescribe::bench
