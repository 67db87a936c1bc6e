#include "cinescribe/cli/progress.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cinescribe/cli/byte_count.h"

namespace cinescribe::cli {

namespace {

using std::chrono::steady_clock;

constexpr auto kBarInterval = std::chrono::milliseconds(100);
constexpr auto kPlainInterval = std::chrono::seconds(5);
constexpr auto kJsonInterval = std::chrono::milliseconds(500);
constexpr int kBarCells = 20;

double seconds(steady_clock::duration span) { return std::chrono::duration<double>(span).count(); }

template <typename... Arguments>
std::string print(const char* format, Arguments... arguments) {
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), format, arguments...);
  return text.data();
}

/// "1:02:03" or "02:03".
std::string clock_time(double value) {
  const auto whole = static_cast<long long>(std::clamp(value, 0.0, 1e9) + 0.5);
  if (whole >= 3600) return print("%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  return print("%02lld:%02lld", whole / 60, whole % 60);
}

std::string amount(ProgressUnit unit, double value) {
  switch (unit) {
    case ProgressUnit::kMediaSeconds:
      return clock_time(value);
    case ProgressUnit::kBytes:
      return format_byte_count(static_cast<std::uint64_t>(std::max(0.0, value)));
    case ProgressUnit::kItems:
      return print("%.0f", value);
  }
  return {};
}

std::string rate_text(ProgressUnit unit, double per_second) {
  if (unit == ProgressUnit::kMediaSeconds) return print("%.1f× real time", per_second);
  return amount(unit, per_second) + "/s";
}

std::string unit_name(ProgressUnit unit) {
  return unit == ProgressUnit::kMediaSeconds ? "media_seconds" : unit == ProgressUnit::kBytes ? "bytes" : "items";
}

/// Columns of the terminal behind `out`; 0 if it is none.
std::size_t terminal_columns(std::FILE* out) {
  winsize size{};
  return ::ioctl(::fileno(out), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/// The first `columns` characters of UTF-8 text.
std::string clipped(const std::string& text, std::size_t columns) {
  std::size_t shown = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) continue;
    if (shown++ == columns) return text.substr(0, i);
  }
  return text;
}

std::string bar(double share) {
  const int full = static_cast<int>(std::clamp(share, 0.0, 1.0) * kBarCells);
  std::string cells;
  for (int i = 0; i < kBarCells; ++i) cells += i < full ? "━" : "─";
  return cells;
}

}  // namespace

ProgressStyle progress_style(const CommonOptions& common) {
  if (common.progress == "json") return ProgressStyle::kJson;
  if (common.quiet || common.progress == "none") return ProgressStyle::kNone;
  if (common.progress == "plain" || ::isatty(::fileno(stderr)) == 0) return ProgressStyle::kPlain;
  return ProgressStyle::kBars;
}

Progress::~Progress() {
  const std::lock_guard lock(mutex_);
  erase_bars();
}

Progress::Task* Progress::find(std::string_view key) {
  const auto found = std::find_if(tasks_.begin(), tasks_.end(), [&](const Task& task) { return task.key == key; });
  return found == tasks_.end() ? nullptr : &*found;
}

void Progress::start(std::string_view task, std::string_view item, ProgressUnit unit, double total,
                     std::string_view key) {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  tasks_.push_back(
      {std::string(key.empty() ? task : key), std::string(task), std::string(item), unit, total, 0.0, now, now});
  if (style_ == ProgressStyle::kJson) show_event("start", tasks_.back(), "");
  if (style_ == ProgressStyle::kBars) draw_bars();
}

void Progress::update(std::string_view key, double done) {
  const std::lock_guard lock(mutex_);
  Task* task = find(key);
  if (task == nullptr) return;
  task->done = std::max(task->done, done);
  const auto now = Clock::now();
  if (style_ == ProgressStyle::kBars) {
    if (now - drawn_at_ >= kBarInterval) draw_bars();
    return;
  }
  const auto interval =
      style_ == ProgressStyle::kJson ? Clock::duration(kJsonInterval) : Clock::duration(kPlainInterval);
  if (style_ == ProgressStyle::kNone || now - task->shown < interval) return;
  task->shown = now;
  show_event("progress", *task, "");
}

void Progress::finish(std::string_view key, std::string_view outcome) {
  const std::lock_guard lock(mutex_);
  Task* task = find(key);
  if (task == nullptr) return;
  if (outcome == "done" && task->total > 0.0) task->done = task->total;
  if (style_ == ProgressStyle::kBars) erase_bars();
  if (style_ != ProgressStyle::kNone) show_event("finish", *task, outcome);
  tasks_.erase(tasks_.begin() + (task - tasks_.data()));
  if (style_ == ProgressStyle::kBars) draw_bars();
}

void Progress::message(std::string_view words, bool is_error) {
  const std::lock_guard lock(mutex_);
  if (style_ == ProgressStyle::kNone && !is_error) return;
  if (style_ == ProgressStyle::kJson) {
    const nlohmann::ordered_json event = {
        {"event", "message"}, {"level", is_error ? "error" : "info"}, {"text", words}};
    std::fprintf(out_, "%s\n", event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  } else {
    erase_bars();
    std::fprintf(out_, "%.*s\n", static_cast<int>(words.size()), words.data());
    if (style_ == ProgressStyle::kBars) draw_bars();
  }
  std::fflush(out_);
}

void Progress::show_event(std::string_view event, const Task& task, std::string_view outcome) {
  const double elapsed = seconds(Clock::now() - task.started);
  const double rate = elapsed > 0.0 ? task.done / elapsed : 0.0;
  const double left = rate > 0.0 && task.total > task.done ? (task.total - task.done) / rate : 0.0;
  if (style_ == ProgressStyle::kJson) {
    nlohmann::ordered_json value = {
        {"event", event},    {"task", task.name},   {"item", task.item},         {"unit", unit_name(task.unit)},
        {"done", task.done}, {"total", task.total}, {"elapsed_seconds", elapsed}};
    value[task.unit == ProgressUnit::kMediaSeconds ? "x_realtime" : "per_second"] = rate;
    value["eta_seconds"] = left;
    if (!outcome.empty()) value["outcome"] = outcome;
    std::fprintf(out_, "%s\n", value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  } else if (event == "finish") {
    std::fprintf(out_, "%s: %s %.*s, %s in %s, %s\n", task.item.c_str(), task.name.c_str(),
                 static_cast<int>(outcome.size()), outcome.data(), amount(task.unit, task.done).c_str(),
                 clock_time(elapsed).c_str(), rate_text(task.unit, rate).c_str());
  } else {
    const std::string total = task.total > 0.0 ? " of " + amount(task.unit, task.total) : "";
    const std::string eta = left > 0.0 ? ", " + clock_time(left) + " left" : "";
    std::fprintf(out_, "%s: %s %s%s, %s%s\n", task.item.c_str(), task.name.c_str(),
                 amount(task.unit, task.done).c_str(), total.c_str(), rate_text(task.unit, rate).c_str(), eta.c_str());
  }
  std::fflush(out_);
}

void Progress::erase_bars() {
  if (drawn_lines_ == 0) return;
  std::fprintf(out_, "\r\x1b[%dA\x1b[J", drawn_lines_);
  std::fflush(out_);
  drawn_lines_ = 0;
}

void Progress::draw_bars() {
  const auto now = Clock::now();
  const std::size_t columns = terminal_columns(out_);
  std::string lines;
  if (drawn_lines_ > 0) lines = print("\r\x1b[%dA\x1b[J", drawn_lines_);
  for (const Task& task : tasks_) {
    const double elapsed = seconds(now - task.started);
    const double rate = elapsed > 0.0 ? task.done / elapsed : 0.0;
    std::string line = print("%-12s ", task.name.c_str());
    if (task.total > 0.0) line += bar(task.done / task.total) + " ";
    line += amount(task.unit, task.done);
    if (task.total > 0.0) line += " / " + amount(task.unit, task.total);
    line += "  " + rate_text(task.unit, rate);
    if (rate > 0.0 && task.total > task.done) line += "  ETA " + clock_time((task.total - task.done) / rate);
    line += "  " + task.item;
    lines += clipped(line, columns > 1 ? columns - 1 : 79) + "\n";
  }
  std::fputs(lines.c_str(), out_);
  std::fflush(out_);
  drawn_lines_ = static_cast<int>(tasks_.size());
  drawn_at_ = now;
}

}  // namespace cinescribe::cli
