#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "cinescribe/bench/measurements.h"
#include "cinescribe/bench/statistics.h"

namespace cinescribe::bench {

/// What the repeats of one row come to. Rates and counts of scenes are taken over all repeats together.
struct RowFigures {
  double duration_seconds = 0.0;  ///< Of the video; where only its first scenes were described, of these.
  Spread wall;
  Spread load;
  Spread after_load;  ///< Captioners; for stage 1 the same as `wall`.
  Spread cpu;
  Spread rtf;  ///< `after_load` over the duration: the figure of the table. Lower is faster, 1 = as long as the video.
  Spread wall_rtf;           ///< Loading included.
  Spread joules;             ///< count 0 = not available.
  double cores_busy = 0.0;   ///< Median of processor time over wall time.
  double other_share = 0.0;  ///< Largest share of the machine that others used in a repeat of a second or more.
  std::map<std::string, std::uint64_t> peak_memory_bytes;  ///< Process -> most in any repeat.
  std::map<std::string, std::uint64_t> peak_device_bytes;
  std::int64_t scenes = 0;   ///< Of one repeat.
  std::int64_t skipped = 0;  ///< Scenes behind these that were not to be described.

  // Captioners only.
  std::int64_t described = 0;  ///< Scenes of all repeats.
  std::int64_t failed = 0;
  std::int64_t empty = 0;
  std::int64_t suspect = 0;
  std::int64_t capped = 0;
  double scene_p50 = 0.0;  ///< Seconds of work per scene.
  double scene_p95 = 0.0;
  double scene_max = 0.0;
  Spread seconds_per_scene;  ///< Wall time after loading over scenes.
  double scenes_per_minute = 0.0;
  double words_p50 = 0.0;
  double words_p95 = 0.0;
  double tokens_out_p50 = 0.0;
  double tokens_in_p50 = 0.0;
  double image_tokens_p50 = 0.0;
  double prompt_tokens_per_second = 0.0;  ///< Over the time of prefill.
  double new_tokens_per_second = 0.0;     ///< Over the time of token generation.
  std::map<std::string, Spread> phases;   ///< Seconds of a whole repeat by phase.

  [[nodiscard]] std::uint64_t memory_bytes() const;  ///< Sum of the peaks of all processes.
  [[nodiscard]] double video_hours_per_day() const {
    return wall.median > 0.0 ? duration_seconds / wall.median * 24.0 : 0.0;
  }
};

/// `duration_seconds` is that of the whole video.
RowFigures figures_of(const Row& row, double duration_seconds, int cores);

/// The repeat whose wall time is nearest to the median; null without repeats.
const PassData* typical_repeat(const Row& row);

}  // namespace cinescribe::bench
