#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "cinescribe/bench/energy_meter.h"
#include "cinescribe/bench/gpu_meter.h"
#include "cinescribe/bench/process_meter.h"
#include "cinescribe/bench/raw_record.h"

namespace cinescribe::bench {

/// Watches processor time, memory and energy from its making until `stop`. A thread of its own looks five times a
/// second, which costs about a thousandth of a core; samples are handed out at a rate that falls with the length of the
/// pass, so that a day of measuring stays a small file.
class PassMeter {
 public:
  /// `take` is called on the meter's thread. `gpus` may be null.
  PassMeter(GpuMeter* gpus, std::function<void(const SampleRecord&)> take);
  ~PassMeter();
  PassMeter(const PassMeter&) = delete;
  PassMeter& operator=(const PassMeter&) = delete;

  /// Since the meter was made.
  [[nodiscard]] double seconds() const;

  /// Looks now, because a thread is about to end or to get another name, and gives the processor time of this process's
  /// threads by their names until now. Thread-safe.
  std::map<std::string, double> look();

  /// Ends the watch and fills in what was measured: times, memory, energy. Call once.
  void stop(PassRecord& pass);

  /// After `stop`: processor time of this process's threads by their names.
  [[nodiscard]] const std::map<std::string, double>& cpu_by_thread() const { return threads_.cpu_seconds(); }

 private:
  using Clock = std::chrono::steady_clock;

  void watch(const std::stop_token& stop);
  SampleRecord sample();

  const Clock::time_point started_ = Clock::now();
  GpuMeter* const gpus_;
  const std::function<void(const SampleRecord&)> take_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  ProcessMeter processes_;
  ThreadMeter threads_;
  EnergyMeter energy_;
  MachineUse first_;
  MachineUse last_;
  std::map<std::string, std::uint64_t> peaks_;
  std::map<std::string, std::uint64_t> device_peaks_;
  bool has_true_peaks_ = false;  ///< Of this process: its peak began again with the pass.
  std::jthread thread_;          ///< Last: it uses the others.
};

}  // namespace cinescribe::bench
