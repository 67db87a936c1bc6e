#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/captions/captioner.h"
#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/worker_messages.h"

namespace cinescribe::pipeline {

/// How captioners' processes are started and watched.
struct WorkerOptions {
  /// The program cinescribe; by default this very process's, which is right within it. Programs that use the library
  /// name an installed one of the same version.
  std::filesystem::path program = "/proc/self/exe";
  /// How long a worker may get nowhere before it is taken for hanging; 0 adapts (pipeline/watch_dog.h).
  double timeout_seconds = 0.0;
  /// Hears what happened to workers, in words: one ended and another takes its place. Any thread.
  std::function<void(const std::string&)> on_event;
};

/// A captioner in a process of its own, started and loaded here. A process that crashes, is killed or hangs costs the
/// scenes that it had: each is tried once more, alone, in a new process, so that a scene that brings it down takes no
/// other with it; what is lost twice becomes that scene's failure. The captions are those that the captioner would
/// have made in this process, since it asks for the next scene at the same moments.
///
/// Errors of starting: as of loading the captioner; kModel or kResource when its process ends, twice, before it is
/// ready. A run ends with such an error also when five processes in a row were lost without a caption.
Result<std::unique_ptr<captions::Captioner>> start_worker_captioner(const WorkerOrder& order,
                                                                    const WorkerOptions& options,
                                                                    const std::stop_token& stop);

}  // namespace cinescribe::pipeline
