#pragma once

#include <string>

namespace cinescribe {

/// Gives the calling thread a name while it lives, then its old one back. Threads that are started meanwhile inherit
/// it, so that the time of an engine's own threads can be told by who made them (`top -H`, `cinescribe bench`).
class ThreadName {
 public:
  /// The system keeps the first 15 bytes.
  explicit ThreadName(const std::string& name);
  ThreadName(const ThreadName&) = delete;
  ThreadName& operator=(const ThreadName&) = delete;
  ~ThreadName();

 private:
  std::string before_;
};

}  // namespace cinescribe
