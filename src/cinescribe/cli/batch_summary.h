#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cinescribe/cli/progress.h"
#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/video_run.h"

namespace cinescribe::cli {

/// How a command got on with its inputs: what `summary.json` in the output folder and the table at the end tell.
/// Thread-safe.
class BatchSummary {
 public:
  /// `file` appears with every input pending, so that no older one tells of this run. Errors: kResource.
  static Result<std::unique_ptr<BatchSummary>> create(std::filesystem::path file,
                                                      const std::vector<std::filesystem::path>& inputs,
                                                      const std::vector<Error>& problems);

  void done(std::size_t input, pipeline::VideoReport report);
  void failed(std::size_t input, Error error);
  /// Videos of which something could not be described (their captions name the scenes).
  void not_described(int videos);

  /// Reports of what was done or skipped, in the order of the inputs.
  [[nodiscard]] std::vector<pipeline::VideoReport> reports() const;
  /// How many inputs failed, those included that were no files at all.
  [[nodiscard]] std::size_t failures() const;
  [[nodiscard]] std::size_t inputs() const { return entries_.size(); }

  /// Writes the file again; `exit_code` is there once the command is over. Errors: kResource.
  Status write(std::optional<int> exit_code);
  /// One row per video, then the failures with their reasons.
  void show(Progress& progress) const;

 private:
  enum class State { kPending, kDone, kSkipped, kFailed };
  struct Entry {
    std::string input;
    State state = State::kPending;
    std::optional<pipeline::VideoReport> report;
    std::optional<Error> error;
  };
  explicit BatchSummary(std::filesystem::path file) : file_(std::move(file)) {}
  static const char* name(State state);
  static std::string json_of(const Entry& entry);
  void write_now_and_then();
  Status write_locked(std::optional<int> exit_code);
  [[nodiscard]] std::size_t count(State state) const;

  using Clock = std::chrono::steady_clock;
  const std::filesystem::path file_;
  const Clock::time_point started_ = Clock::now();
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  int not_described_ = 0;
  Clock::time_point written_;
};

}  // namespace cinescribe::cli
