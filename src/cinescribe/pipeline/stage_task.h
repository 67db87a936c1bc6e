#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/pipeline/journal.h"
#include "cinescribe/pipeline/progress_listener.h"
#include "cinescribe/pipeline/stage.h"

namespace cinescribe::pipeline {

/// A stage that is to run, and what its results will be filed under.
struct StageJob {
  Stage* stage = nullptr;
  std::string key;        ///< See StageState::key.
  std::string after_key;  ///< See StageState::after.
  std::vector<results::ModelRecord> models;
  std::optional<StageResume> resume = std::nullopt;  ///< See StageContext::resume.
  results::StageTiming spent = {};                   ///< On what was filed before.
};

/// One stage at work on one video: feeds it, files its results in the journal, takes its times. Used by one thread.
class StageTask final : public StageOutput {
 public:
  StageTask(StageJob job, Journal& journal, ProgressListener& listener)
      : job_(std::move(job)), name_(job_.stage->name()), journal_(journal), listener_(listener) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] Stage& stage() { return *job_.stage; }

  /// Files the beginning and makes the run. `context.output` is set here. The listener hears nothing of a stage that
  /// `has_food` not: the video lacks the stream it feeds on.
  Status begin(StageContext context, bool has_food);
  /// Pushes all that the source gives. Cancels the source on failure.
  Status feed(media::FrameSource& source, const std::stop_token& stop) { return drain(source, stop); }
  Status feed(media::AudioSource& source, const std::stop_token& stop) { return drain(source, stop); }
  Status feed(media::Source<SettledScene>& source, const std::stop_token& stop) { return drain(source, stop); }
  /// Finishes the run and files the end.
  Status finish();
  /// Tells the listener how it went. Call once, last.
  void report(const Status& status);

  Status unit(std::string_view json) override;
  Status note(std::string_view type, std::string_view json) override;
  void moved(Timestamp media_time) override;

 private:
  using Clock = std::chrono::steady_clock;
  template <typename T>
  Status drain(media::Source<T>& source, const std::stop_token& stop);
  Status file_begin();
  Status file_time_spent();
  [[nodiscard]] double wall_seconds() const;
  [[nodiscard]] double busy_seconds() const;
  Status take(const VideoFrame& frame);
  Status take(const AudioBlock& block);
  Status take(const SettledScene& scene);

  StageJob job_;
  const std::string name_;
  Journal& journal_;
  ProgressListener& listener_;
  std::unique_ptr<StageRun> run_;
  bool is_announced_ = false;
  StreamEnd end_;
  std::atomic<std::int64_t> moved_ns_ = 0;
  Clock::time_point started_;
  std::atomic<std::int64_t> busy_ns_ = 0;
  std::mutex spent_mutex_;
  Clock::time_point spent_filed_;  ///< When the time spent was last filed.
};

}  // namespace cinescribe::pipeline
