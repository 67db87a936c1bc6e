#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>

#include "cinescribe/captions/captioner.h"
#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/caption_run.h"
#include "cinescribe/pipeline/progress_listener.h"
#include "cinescribe/pipeline/scene_part.h"

namespace cinescribe::pipeline {

/// The captions of one video by one captioner, which may run on several devices at once: each describes a part of the
/// scenes, all file into one journal, and the file is written in order at the end (caption_run.h says what comes out).
class VideoCaptions {
 public:
  /// What is referred to must live as long.
  static std::unique_ptr<VideoCaptions> make(const std::filesystem::path& base, const std::filesystem::path& folder,
                                             const CaptionerSource& captioner, const CaptionRunOptions& options,
                                             ProgressListener& listener, const std::stop_token& stop);
  virtual ~VideoCaptions() = default;
  VideoCaptions(const VideoCaptions&) = delete;
  VideoCaptions& operator=(const VideoCaptions&) = delete;

  /// Reads stage 1's result and what an earlier run has done. Errors: kInput, kResource.
  virtual Status open() = 0;
  /// Whether there is nothing left to describe.
  [[nodiscard]] virtual bool is_described() const = 0;
  /// Scenes are numbered from 0 to one less than this.
  [[nodiscard]] virtual std::int64_t scenes() const = 0;
  /// Finds the video and prepares for describing; again after a captioner was lost. Errors: kInput, kResource.
  virtual Status begin() = 0;
  [[nodiscard]] virtual CaptionForecast forecast() const = 0;
  /// Describes a part. Several parts may be described by captioners in threads of their own. Errors: as caption_video.
  virtual Status describe(captions::Captioner& captioner, const ScenePart& part) = 0;
  /// After everybody is done, with what went wrong (or not): writes the file and tells how it went. One thread.
  virtual Result<CaptionReport> finish(const Status& status) = 0;

 protected:
  VideoCaptions() = default;
};

}  // namespace cinescribe::pipeline
