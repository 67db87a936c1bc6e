#pragma once

#include <string>
#include <utility>

#include "cinescribe/cli/progress.h"
#include "cinescribe/pipeline/progress_listener.h"

namespace cinescribe::cli {

/// Shows how the stages of one video get on.
class ShownProgress final : public pipeline::ProgressListener {
 public:
  ShownProgress(Progress& progress, std::string item) : progress_(progress), item_(std::move(item)) {}
  void stage_started(const std::string& stage, Duration total) override {
    progress_.start(stage, item_, ProgressUnit::kMediaSeconds, total.seconds());
  }
  void stage_moved(const std::string& stage, Timestamp media_time) override {
    progress_.update(stage, media_time.seconds());
  }
  void stage_ended(const std::string& stage, const Status& status) override {
    const bool was_stopped = !status.ok() && status.error().code == ErrorCode::kInterrupted;
    progress_.finish(stage, status.ok() ? "done" : was_stopped ? "stopped" : "failed");
  }

 private:
  Progress& progress_;
  const std::string item_;
};

}  // namespace cinescribe::cli
