#include "cinescribe/cli/batch_summary.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include <nlohmann/json.hpp>

#include "cinescribe/cli/exit_code.h"
#include "cinescribe/core/atomic_file.h"

namespace cinescribe::cli {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// While the batch runs; a file of ten thousand videos is not written ten thousand times.
constexpr auto kWriteInterval = std::chrono::seconds(5);

std::string number(const char* format, double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

double speed_of(const pipeline::VideoReport& report) {
  return report.length.seconds() / std::max(1e-9, report.wall_seconds);
}

std::string dump(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

const char* BatchSummary::name(State state) {
  switch (state) {
    case State::kDone:
      return "done";
    case State::kSkipped:
      return "skipped";
    case State::kFailed:
      return "failed";
    case State::kPending:
      break;
  }
  return "pending";
}

Result<std::unique_ptr<BatchSummary>> BatchSummary::create(fs::path file, const std::vector<fs::path>& inputs,
                                                           const std::vector<Error>& problems) {
  remove_abandoned_parts(file);
  std::unique_ptr<BatchSummary> summary(new BatchSummary(std::move(file)));
  for (const fs::path& input : inputs) summary->entries_.push_back({input.string(), State::kPending, {}, {}});
  for (const Error& problem : problems) summary->entries_.push_back({"", State::kFailed, {}, problem});
  CINESCRIBE_TRY(summary->write(std::nullopt));
  return summary;
}

void BatchSummary::done(std::size_t input, pipeline::VideoReport report) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_.at(input);
  entry.state = report.was_done ? State::kSkipped : State::kDone;
  entry.report = std::move(report);
  write_now_and_then();
}

void BatchSummary::failed(std::size_t input, Error error) {
  const std::lock_guard lock(mutex_);
  // What was stopped goes on with the next run: nothing is wrong with it.
  if (error.code == ErrorCode::kInterrupted) return;
  entries_.at(input).state = State::kFailed;
  entries_.at(input).error = std::move(error);
  write_now_and_then();
}

void BatchSummary::not_described(int videos) {
  const std::lock_guard lock(mutex_);
  not_described_ = videos;
}

std::vector<pipeline::VideoReport> BatchSummary::reports() const {
  const std::lock_guard lock(mutex_);
  std::vector<pipeline::VideoReport> all;
  for (const Entry& entry : entries_) {
    if (entry.report) all.push_back(*entry.report);
  }
  return all;
}

std::size_t BatchSummary::count(State state) const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.state == state; }));
}

std::size_t BatchSummary::failures() const {
  const std::lock_guard lock(mutex_);
  return count(State::kFailed);
}

/// The file is a help for whoever watches; that it cannot be written now must not end the work.
void BatchSummary::write_now_and_then() {
  if (Clock::now() - written_ >= kWriteInterval) static_cast<void>(write_locked(std::nullopt));
}

Status BatchSummary::write(std::optional<int> exit_code) {
  const std::lock_guard lock(mutex_);
  return write_locked(exit_code);
}

std::string BatchSummary::json_of(const Entry& entry) {
  Json value;
  value["input"] = entry.input.empty() ? Json(nullptr) : Json(entry.input);
  value["state"] = name(entry.state);
  if (entry.error) {
    value["reason"] = entry.error->message;
    value["code"] = error_code_name(entry.error->code);
    value["exit_code"] = exit_code(entry.error->code);
  }
  if (entry.report) {
    const pipeline::VideoReport& report = *entry.report;
    value["folder"] = report.folder.string();
    value["base_data"] = (report.folder / "base_data.json").string();
    value["duration_seconds"] = report.length.seconds();
    value["scenes"] = report.totals.scenes;
    value["segments"] = report.totals.segments;
    value["words"] = report.totals.words;
    value["sounds"] = report.totals.sounds;
    value["tracks"] = report.totals.tracks;
    value["reused_stages"] = report.reused;
    if (!report.was_done) value["wall_seconds"] = report.wall_seconds;
    if (!report.was_done) value["x_realtime"] = speed_of(report);
  }
  return dump(value, -1);
}

Status BatchSummary::write_locked(std::optional<int> exit_code) {
  double media_seconds = 0.0;
  for (const Entry& entry : entries_) media_seconds += entry.report ? entry.report->length.seconds() : 0.0;
  const double wall = std::chrono::duration<double>(Clock::now() - started_).count();
  CINESCRIBE_ASSIGN(auto file, AtomicFile::create(file_));
  const Json totals = {{"inputs", entries_.size()},         {"done", count(State::kDone)},
                       {"skipped", count(State::kSkipped)}, {"failed", count(State::kFailed)},
                       {"pending", count(State::kPending)}, {"not_described", not_described_},
                       {"duration_seconds", media_seconds}, {"wall_seconds", wall}};
  CINESCRIBE_TRY(
      file.write("{\n \"schema_version\": 1,\n \"exit_code\": " + (exit_code ? std::to_string(*exit_code) : "null") +
                 ",\n \"totals\": " + dump(totals, -1) + ",\n \"inputs\": ["));
  for (const Entry& entry : entries_) {
    CINESCRIBE_TRY(file.write((&entry == entries_.data() ? "\n  " : ",\n  ") + json_of(entry)));
  }
  CINESCRIBE_TRY(file.write("\n ]\n}\n"));
  CINESCRIBE_TRY(file.commit());
  written_ = Clock::now();
  return {};
}

void BatchSummary::show(Progress& progress) const {
  const std::lock_guard lock(mutex_);
  std::size_t width = 5;
  for (const Entry& entry : entries_) width = std::max(width, fs::path(entry.input).filename().string().size());
  const auto row = [&](const std::string& video, const std::array<std::string, 7>& cells, const std::string& where) {
    std::string text = video + std::string(width - std::min(width, video.size()), ' ');
    for (const std::string& cell : cells) text += std::string(11 - std::min<std::size_t>(10, cell.size()), ' ') + cell;
    progress.message(text + "  " + where);
  };
  if (entries_.size() != count(State::kFailed)) {
    row("video", {"state", "length", "scenes", "words", "tracks", "time", "x realtime"}, "results");
  }
  for (const Entry& entry : entries_) {
    const std::string video = fs::path(entry.input).filename().string();
    if (!entry.report) {
      if (entry.state == State::kPending) row(video, {name(entry.state), "-", "-", "-", "-", "-", "-"}, "");
      continue;
    }
    const pipeline::VideoReport& report = *entry.report;
    row(video,
        {name(entry.state), number("%.1f s", report.length.seconds()), std::to_string(report.totals.scenes),
         std::to_string(report.totals.words), std::to_string(report.totals.tracks),
         report.was_done ? "-" : number("%.1f s", report.wall_seconds),
         report.was_done ? "-" : number("%.1f", speed_of(report))},
        report.folder.string());
  }
  const std::size_t failed = count(State::kFailed);
  if (failed == 0 || entries_.size() == 1) return;
  progress.message("error: " + std::to_string(failed) + " of " + std::to_string(entries_.size()) + " inputs failed:",
                   true);
  for (const Entry& entry : entries_) {
    if (entry.error) progress.message("  " + entry.error->message, true);
  }
}

}  // namespace cinescribe::cli
