#pragma once

#include <cstdint>
#include <string>

namespace cinescribe::pipeline {

/// Judges from a worker's signs of life whether it hangs. Time counts only while somebody listens: a stopped or busy
/// main process accuses nobody.
///
/// Two things are wrong: that it says nothing at all (a worker reports four times a second, whatever it computes), and
/// that it reports but gets nowhere. It gets somewhere when a step of its computation is done or it says something of
/// substance; while a model is loaded, when it used the processor. How long it may get nowhere adapts: as given, or ten
/// minutes, or twenty times the longest that it ever took, whichever is more. Not thread-safe.
class WatchDog {
 public:
  /// `timeout_seconds` 0: adapts by itself.
  explicit WatchDog(double timeout_seconds) : timeout_seconds_(timeout_seconds) {}

  /// A new worker, or a new task for it.
  void start(bool is_loading);
  /// It reported: steps done and processor time used since it began.
  void heard(std::uint64_t steps, double cpu_seconds);
  /// It said something of substance.
  void moved();
  /// So long nothing came, though we listened.
  void waited(double seconds);
  /// What is wrong, for a message ("says nothing for 30 s"); empty while all is well.
  [[nodiscard]] std::string verdict() const;

 private:
  [[nodiscard]] double silence_limit() const;
  [[nodiscard]] double step_limit() const;

  const double timeout_seconds_;
  bool is_loading_ = true;
  double silent_seconds_ = 0.0;
  double stuck_seconds_ = 0.0;
  double longest_step_seconds_ = 0.0;
  std::uint64_t steps_ = 0;
  double cpu_seconds_ = 0.0;
};

}  // namespace cinescribe::pipeline
