#pragma once

#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/cli/commands.h"

namespace cinescribe::cli {

/// How progress appears on stderr.
enum class ProgressStyle {
  kBars,   ///< One bar per task, redrawn in place; needs a terminal.
  kPlain,  ///< A line per task at most every five seconds, and one when it ends.
  kJson,   ///< One JSON object per line: {"event":"start"|"progress"|"finish"|"message", ...}.
  kNone,
};

/// What a task counts.
enum class ProgressUnit {
  kMediaSeconds,  ///< Shown as media time, × real time and time left.
  kBytes,         ///< Shown as size, rate and time left.
  kItems,
};

/// The style that `--progress` and `--quiet` ask for; "auto" is bars on a terminal, plain lines elsewhere.
ProgressStyle progress_style(const CommonOptions& common);

/// Shows how far several tasks are. Thread-safe: tasks may report from threads of their own.
///
/// A task is known by its key, unique while it runs: its name (`"scenes"`, `"whisper-base"`) where no other is given.
/// `item` is what it works on (a file name). `total` 0 means unknown.
class Progress {
 public:
  explicit Progress(ProgressStyle style, std::FILE* out = stderr) : style_(style), out_(out) {}
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void start(std::string_view task, std::string_view item, ProgressUnit unit, double total, std::string_view key = {});
  /// `done` counts from the start of the task, in its unit. A call costs little and may come often.
  void update(std::string_view key, double done);
  /// Ends the task; `outcome` is a word such as "done", "failed" or "skipped".
  void finish(std::string_view key, std::string_view outcome = "done");
  /// A line of words that does not disturb the bars. Silent with kNone, unless `is_error`.
  void message(std::string_view words, bool is_error = false);

 private:
  using Clock = std::chrono::steady_clock;
  struct Task {
    std::string key;
    std::string name;
    std::string item;
    ProgressUnit unit = ProgressUnit::kItems;
    double total = 0.0;
    double done = 0.0;
    Clock::time_point started;
    Clock::time_point shown;
  };

  Task* find(std::string_view key);
  void show_event(std::string_view event, const Task& task, std::string_view outcome);
  void erase_bars();
  void draw_bars();

  const ProgressStyle style_;
  std::FILE* const out_;
  std::mutex mutex_;
  std::vector<Task> tasks_;
  int drawn_lines_ = 0;
  Clock::time_point drawn_at_;
};

}  // namespace cinescribe::cli
