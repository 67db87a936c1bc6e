#pragma once

#include <string>

#include "cinescribe/core/status.h"
#include "cinescribe/core/time.h"

namespace cinescribe::pipeline {

/// Hears how the stages of one video get on. Calls may come from several threads at once.
class ProgressListener {
 public:
  virtual ~ProgressListener() = default;
  /// `total` is 0 when the video's length is not known.
  virtual void stage_started(const std::string& /*stage*/, Duration /*total*/) {}
  /// Models are loaded and what else a stage prepares is done; its work begins. On the stage's thread.
  virtual void stage_ready(const std::string& /*stage*/) {}
  virtual void stage_moved(const std::string& /*stage*/, Timestamp /*media_time*/) {}
  /// The one pass over the file that feeds the stages; on the thread that decodes.
  virtual void decoding_started() {}
  virtual void decoding_ended() {}
  virtual void stage_ended(const std::string& /*stage*/, const Status& /*status*/) {}
};

}  // namespace cinescribe::pipeline
