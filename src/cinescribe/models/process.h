#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::models {

/// A program to run: found in PATH, started without a shell.
struct ProcessRequest {
  std::vector<std::string> arguments;                            ///< The program first.
  std::filesystem::path folder;                                  ///< Where it runs; empty = here.
  std::vector<std::pair<std::string, std::string>> environment;  ///< Set besides what we have ourselves.
  std::function<void()> on_tick;                                 ///< Called a few times a second while it runs.
};

struct ProcessResult {
  int exit_code = 0;         ///< 128 + n when a signal n ended it.
  std::string output;        ///< First 64 KiB of stdout.
  std::string error_output;  ///< Last 64 KiB of stderr.
};

/// Runs a program to its end. A stop request ends it and everything it started. Errors: kResource (it cannot be
/// started), kInterrupted. Thread-safe.
Result<ProcessResult> run_process(const ProcessRequest& request, const std::stop_token& stop);

/// Path of a program in PATH, or "" when it is not there.
std::string find_program(const std::string& name);

}  // namespace cinescribe::models
