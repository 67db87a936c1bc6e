#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/media/decode_pass.h"
#include "cinescribe/pipeline/output_folder.h"
#include "cinescribe/pipeline/progress_listener.h"
#include "cinescribe/pipeline/result_files.h"
#include "cinescribe/pipeline/stage.h"

namespace cinescribe::pipeline {

/// How one video went.
struct VideoReport {
  std::filesystem::path folder;      ///< Its results.
  bool was_done = false;             ///< Same media, same settings: nothing was computed.
  std::vector<std::string> reused;   ///< Stages taken over from an earlier run.
  std::vector<std::string> resumed;  ///< Stages that went on after what an earlier run had filed of them.
  ResultTotals totals;
  Duration length;
  double wall_seconds = 0.0;
};

struct VideoRunOptions {
  bool is_forced = false;      ///< Do everything again.
  DiskQuota* quota = nullptr;  ///< Must outlive the run. Null: no limit.
  media::DecodeOptions decode;
};

/// Opens a file for decoding; tests put another in the place of `media::DecodePass::open`.
using OpenPass = std::function<Result<std::unique_ptr<media::DecodePass>>(const std::filesystem::path& file,
                                                                          const media::DecodeOptions& options)>;

/// Brings the results of one video up to date: finds out what its journal has, runs the stages that are missing or
/// whose settings, models or basis changed, all from one decode pass, and writes the files. A run that was stopped or
/// killed goes on from its finished stages. `stages` in an order in which each comes after what it uses. Errors:
/// kInput, kModel, kResource, kInterrupted, kInternal; what is finished stays in the journal.
Result<VideoReport> run_video(const std::filesystem::path& file, const OutputFolder& output,
                              const std::vector<std::unique_ptr<Stage>>& stages, const VideoRunOptions& options,
                              ProgressListener& listener, const std::stop_token& stop,
                              const OpenPass& open_pass = media::DecodePass::open);

}  // namespace cinescribe::pipeline
