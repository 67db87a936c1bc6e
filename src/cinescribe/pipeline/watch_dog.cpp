#include "cinescribe/pipeline/watch_dog.h"

#include <algorithm>
#include <cmath>

namespace cinescribe::pipeline {

namespace {

constexpr double kSilence = 60.0;
constexpr double kStuck = 600.0;
constexpr double kPatience = 20.0;
/// More than the reports themselves use in the time that a worker may be stuck.
constexpr double kCpuStep = 0.25;

std::string seconds_text(double seconds) { return std::to_string(static_cast<long long>(std::lround(seconds))) + " s"; }

}  // namespace

void WatchDog::start(bool is_loading) {
  is_loading_ = is_loading;
  silent_seconds_ = stuck_seconds_ = 0.0;
  steps_ = 0;
  cpu_seconds_ = 0.0;
}

void WatchDog::heard(std::uint64_t steps, double cpu_seconds) {
  silent_seconds_ = 0.0;
  const bool has_worked = is_loading_ && cpu_seconds >= cpu_seconds_ + kCpuStep;
  if (steps == steps_ && !has_worked) return;
  steps_ = steps;
  cpu_seconds_ = cpu_seconds;
  moved();
}

void WatchDog::moved() {
  longest_step_seconds_ = std::max(longest_step_seconds_, stuck_seconds_);
  silent_seconds_ = stuck_seconds_ = 0.0;
}

void WatchDog::waited(double seconds) {
  silent_seconds_ += seconds;
  stuck_seconds_ += seconds;
}

double WatchDog::silence_limit() const {
  return timeout_seconds_ > 0.0 ? std::min(kSilence, timeout_seconds_) : kSilence;
}

double WatchDog::step_limit() const {
  return timeout_seconds_ > 0.0 ? timeout_seconds_ : std::max(kStuck, kPatience * longest_step_seconds_);
}

std::string WatchDog::verdict() const {
  if (silent_seconds_ >= silence_limit()) return "gave no sign of life for " + seconds_text(silent_seconds_);
  if (stuck_seconds_ >= step_limit()) return "got nowhere for " + seconds_text(stuck_seconds_);
  return {};
}

}  // namespace cinescribe::pipeline
