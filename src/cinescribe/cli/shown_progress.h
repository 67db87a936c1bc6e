#pragma once

#include <string>
#include <utility>

#include "cinescribe/cli/progress.h"
#include "cinescribe/pipeline/progress_listener.h"

namespace cinescribe::cli {

/// Shows how the stages of one video get on.
class ShownProgress final : public pipeline::ProgressListener {
 public:
  /// Of several at the same time each needs a `key` of its own.
  ShownProgress(Progress& progress, std::string item, std::string key = {})
      : progress_(progress), item_(std::move(item)), key_(std::move(key)) {}
  void stage_started(const std::string& stage, Duration total) override {
    progress_.start(stage, item_, ProgressUnit::kMediaSeconds, total.seconds(), key_ + stage);
  }
  void stage_moved(const std::string& stage, Timestamp media_time) override {
    progress_.update(key_ + stage, media_time.seconds());
  }
  void stage_ended(const std::string& stage, const Status& status) override {
    const bool was_stopped = !status.ok() && status.error().code == ErrorCode::kInterrupted;
    progress_.finish(key_ + stage, status.ok() ? "done" : was_stopped ? "stopped" : "failed");
  }

 private:
  Progress& progress_;
  const std::string item_;
  const std::string key_;
};

}  // namespace cinescribe::cli
