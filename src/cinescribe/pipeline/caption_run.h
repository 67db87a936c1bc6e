#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "cinescribe/captions/captioner.h"
#include "cinescribe/captions/frame_policy.h"
#include "cinescribe/core/status.h"
#include "cinescribe/media/decode_pass.h"
#include "cinescribe/pipeline/progress_listener.h"
#include "cinescribe/results/base_data.h"
#include "cinescribe/results/caption_data.h"

namespace cinescribe::pipeline {

/// A captioner that is loaded only when there is something to describe.
struct CaptionerSource {
  captions::CaptionerFacts facts;    ///< Known without loading.
  std::string settings_json = "{}";  ///< Its own settings that decide the captions, one JSON object.
  /// Loads, or gives what was loaded before; lives as long as the source. Errors: kModel, kResource, kInterrupted
  /// (servers are asked a question first).
  std::function<Result<captions::Captioner*>(const std::stop_token&)> load;
};

struct CaptionRunOptions {
  captions::FrameChoice choice;
  int short_side_px = 336;  ///< 0 = as stored.
  std::string prompt;       ///< The instruction; empty for captioners that read none.
  captions::ContextChoice context;
  language::GenerationOptions generation;
  std::filesystem::path video;  ///< Where the video lies now; empty = where stage 1 read it.
  media::DecodeOptions decode;
  bool is_forced = false;
  /// Describe the first scenes only, so many at most; the file then holds these alone. 0 = all.
  std::int64_t most_scenes = 0;
};

/// How the captions of one video went.
struct CaptionReport {
  std::filesystem::path file;  ///< vlm_captions.json.
  std::string video;           ///< File name of the video.
  bool was_done = false;
  std::int64_t reused = 0;  ///< Captions taken over from an earlier run.
  results::CaptionTotals totals;
  Duration length;
  double wall_seconds = 0.0;
  captions::CaptionerWork work;                          ///< Of this run.
  std::optional<results::CaptionFailure> first_failure;  ///< Of the scenes that failed.
};

/// What a long run will cost, told before it begins.
struct CaptionForecast {
  std::int64_t scenes = 0;  ///< Still to be described.
  int frame_width = 0;      ///< Of the frames, in pixels; 0 without frames.
  int frame_height = 0;
};
/// May refuse: its error ends the run before anything was described.
using ForecastListener = std::function<Status(captions::Captioner&, const CaptionForecast&)>;

/// Describes the scenes of one finished stage-1 result (`base`, the folder of a base_data.json) and writes
/// `folder`/vlm_captions.json. Every caption is in the journal beside it, on the disk, when it is finished; a run that
/// was stopped or killed goes on from there, and the file is then the same but for timings. What fails in one scene is
/// noted in that scene's entry.
/// Errors: kInput (stage 1's file, or the video: missing, another one, without pictures), kModel, kResource,
/// kInterrupted, kInternal.
Result<CaptionReport> caption_video(const std::filesystem::path& base, const std::filesystem::path& folder,
                                    const CaptionerSource& captioner, const CaptionRunOptions& options,
                                    ProgressListener& listener, const std::stop_token& stop,
                                    const ForecastListener& forecast = {});

}  // namespace cinescribe::pipeline
