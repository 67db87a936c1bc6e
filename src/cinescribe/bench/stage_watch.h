#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "cinescribe/pipeline/progress_listener.h"

namespace cinescribe::bench {

/// When a stage of a pass was at work; seconds since the pass began, negative = never.
struct StageTimes {
  double started = -1.0;
  double ready = -1.0;  ///< Its models are loaded.
  double ended = -1.0;
};

/// The one decode pass, as a stage among others.
inline constexpr const char* kDecoding = "decode";

/// Notes the times of stages and passes everything on.
class StageWatch final : public pipeline::ProgressListener {
 public:
  /// `clock` gives the seconds of the pass; `at_edge` is called on the stage's thread at its start and end.
  StageWatch(pipeline::ProgressListener& next, std::function<double()> clock,
             std::function<void(const std::string& stage)> at_edge)
      : next_(next), clock_(std::move(clock)), at_edge_(std::move(at_edge)) {}

  void stage_started(const std::string& stage, Duration total) override {
    at_edge_(stage);
    note(stage, &StageTimes::started);
    next_.stage_started(stage, total);
  }
  void stage_ready(const std::string& stage) override {
    note(stage, &StageTimes::ready);
    next_.stage_ready(stage);
  }
  void stage_moved(const std::string& stage, Timestamp media_time) override { next_.stage_moved(stage, media_time); }
  void stage_ended(const std::string& stage, const Status& status) override {
    at_edge_(stage);
    note(stage, &StageTimes::ended);
    next_.stage_ended(stage, status);
  }

  void decoding_started() override {
    at_edge_(kDecoding);
    note(kDecoding, &StageTimes::started);
    note(kDecoding, &StageTimes::ready);
    next_.decoding_started();
  }
  void decoding_ended() override {
    at_edge_(kDecoding);
    note(kDecoding, &StageTimes::ended);
    next_.decoding_ended();
  }

  /// After the pass.
  [[nodiscard]] const std::map<std::string, StageTimes>& stages() const { return stages_; }

 private:
  void note(const std::string& stage, double StageTimes::*moment) {
    const double now = clock_();
    const std::lock_guard lock(mutex_);
    stages_[stage].*moment = now;
  }

  pipeline::ProgressListener& next_;
  const std::function<double()> clock_;
  const std::function<void(const std::string& stage)> at_edge_;
  std::mutex mutex_;
  std::map<std::string, StageTimes> stages_;
};

}  // namespace cinescribe::bench
