#include "cinescribe/bench/pass_meter.h"

#include <algorithm>
#include <utility>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "cinescribe/core/thread_name.h"

namespace cinescribe::bench {

namespace {

constexpr std::chrono::milliseconds kLookEvery{200};
/// Of the time that has passed: between two samples that are handed out.
constexpr double kSampleEvery = 1.0 / 250.0;

/// Memory that the pass before left behind must not count for this one.
bool begin_memory() {
#if defined(__GLIBC__)
  ::malloc_trim(0);
#endif
  return reset_peak_memory();
}

}  // namespace

PassMeter::PassMeter(GpuMeter* gpus, std::function<void(const SampleRecord&)> take)
    : gpus_(gpus), take_(std::move(take)), energy_(gpus), has_true_peaks_(begin_memory()) {
  first_ = processes_.read();
  threads_.read();
  last_ = first_;
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

PassMeter::~PassMeter() = default;

double PassMeter::seconds() const { return std::chrono::duration<double>(Clock::now() - started_).count(); }

SampleRecord PassMeter::sample() {
  last_ = processes_.read();
  threads_.read();
  (void)energy_.joules();
  SampleRecord sample;
  sample.at_seconds = seconds();
  sample.cpu_seconds = std::max(0.0, last_.cpu_seconds - first_.cpu_seconds);
  for (std::size_t i = 0; i < last_.processes.size(); ++i) {
    const ProcessUse& use = last_.processes[i];
    sample.memory_bytes[use.name] = use.resident_bytes;
    const bool is_exact = i > 0 || has_true_peaks_;
    std::uint64_t& peak = peaks_[use.name];
    peak = std::max({peak, use.resident_bytes, is_exact ? use.peak_bytes : 0});
  }
  if (gpus_ != nullptr) sample.device_bytes = gpus_->memory_bytes();
  for (const auto& [name, bytes] : sample.device_bytes) device_peaks_[name] = std::max(device_peaks_[name], bytes);
  return sample;
}

void PassMeter::watch(const std::stop_token& stop) {
  const ThreadName name("meter");
  double handed_out = -1.0;
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const SampleRecord now = sample();
    if (handed_out < 0.0 || now.at_seconds - handed_out >= now.at_seconds * kSampleEvery) {
      handed_out = now.at_seconds;
      take_(now);
    }
    wake_.wait_for(lock, stop, kLookEvery, [] { return false; });
  }
}

std::map<std::string, double> PassMeter::look() {
  const std::lock_guard lock(mutex_);
  threads_.read();
  return threads_.cpu_seconds();
}

void PassMeter::stop(PassRecord& pass) {
  thread_.request_stop();
  thread_.join();
  const SampleRecord end = sample();
  take_(end);
  pass.wall_seconds = end.at_seconds;
  pass.cpu_seconds = end.cpu_seconds;
  const double machine = last_.machine_cpu_seconds - first_.machine_cpu_seconds;
  pass.other_cpu_seconds = std::max(0.0, machine - end.cpu_seconds);
  pass.peak_memory_bytes = peaks_;
  pass.peak_device_bytes = device_peaks_;
  pass.energy_joules = energy_.joules();
}

}  // namespace cinescribe::bench
