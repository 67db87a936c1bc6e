#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/wire.h"

namespace cinescribe::pipeline {

/// The descriptor at which a worker finds its end of the wire.
inline constexpr int kWorkerFd = 3;

/// How a process ended.
struct ProcessEnd {
  bool is_signal = false;
  int number = 0;  ///< Of the signal, or the exit code.
};

/// A process of ours that works for us over a wire. It runs in a process group of its own (a Ctrl-C in the terminal is
/// ours to handle), with nothing of our open files but the wire; what it and its libraries print is read and the last
/// of it kept. It ends with this object: first its wire closes, and after two seconds it is killed. If this process
/// dies, the system kills it, too. Thread-safe.
class WorkerProcess {
 public:
  /// Starts `program` with these arguments. Errors: kResource.
  static Result<std::unique_ptr<WorkerProcess>> start(const std::filesystem::path& program,
                                                      const std::vector<std::string>& arguments);
  virtual ~WorkerProcess() = default;
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  [[nodiscard]] virtual Wire& wire() = 0;
  [[nodiscard]] virtual long pid() const = 0;
  /// Kills it at once; nothing when it has ended.
  virtual void kill() = 0;
  /// Waits for its end, at most so long.
  virtual std::optional<ProcessEnd> wait(std::chrono::milliseconds timeout) = 0;
  /// The last line that it printed, for a message; may be empty.
  virtual std::string last_words() = 0;

 protected:
  WorkerProcess() = default;
};

}  // namespace cinescribe::pipeline
