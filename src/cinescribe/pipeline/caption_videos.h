#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/caption_run.h"
#include "cinescribe/pipeline/progress_listener.h"

namespace cinescribe::pipeline {

/// A captioner on one device.
struct CaptionWorker {
  std::string device;
  CaptionerSource source;
};

/// Many videos for one captioner on one device or several.
struct CaptionBatch {
  std::vector<CaptionWorker> workers;  ///< At least one; all of the same captioner.
  struct Video {
    std::filesystem::path base;    ///< Folder of its base_data.json.
    std::filesystem::path folder;  ///< For its captions.
  };
  std::vector<Video> videos;
  CaptionRunOptions options;
  std::int64_t least_share = 8;  ///< Scenes that make it worthwhile to divide a video.
};

/// What the caller hears; calls come from threads of the workers, `on_report` one at a time.
struct CaptionBatchListener {
  std::function<std::unique_ptr<ProgressListener>(std::size_t video)> progress_of;
  ForecastListener forecast;  ///< Once per video.
  /// A video is described, or cannot be (kInput, kInternal).
  std::function<void(std::size_t video, const Result<CaptionReport>&)> on_report;
  /// A device is out of work for good, and why; the others go on.
  std::function<void(const CaptionWorker&, const Error&)> on_lost;
};

/// Describes the videos (caption_run.h) with a thread per worker, each with its own copy of the model, loaded once.
/// Videos go to whoever is free, in order; towards the end, ranges of scenes of those that are still being described.
/// What comes out does not depend on the number of workers. A worker whose captioner fails for good leaves its scenes
/// to the others.
/// Errors: what concerns more than one video: kModel and kResource when no worker is left (or the disk is full),
/// kInterrupted; videos that were not reported are not finished, and what they have is kept.
Status caption_videos(const CaptionBatch& batch, const CaptionBatchListener& listener, const std::stop_token& stop);

}  // namespace cinescribe::pipeline
