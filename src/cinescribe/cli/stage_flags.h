#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/scene_flags.h"
#include "cinescribe/cli/tracker_flags.h"
#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/analysis.h"

namespace cinescribe::cli {

/// What stage 1 is to find and with what; shared by the commands that run it.
class StageFlags {
 public:
  /// Stages, scenes and speech.
  void add_to(CLI::App& app);
  /// Sounds and objects, which `--help` shows last.
  void add_findings_to(CLI::App& app);

  /// All but `output` and `run.is_forced`. Errors: kUsage.
  [[nodiscard]] Result<pipeline::AnalysisOptions> options(const CommonOptions& common) const;

 private:
  [[nodiscard]] Result<pipeline::ObjectStageOptions> object_options(const CommonOptions& common) const;

  std::vector<std::string> stages_ = pipeline::stage_names();
  bool has_frames_ = true;
  std::string kept_frames_ = "both";
  SceneFlags scenes_;
  int audio_track_ = -1;
  std::string model_ = "whisper-base";
  std::string language_;
  std::string word_times_ = "exact";
  bool has_vad_ = true;
  pipeline::SoundStageOptions sounds_;
  pipeline::ObjectStageOptions objects_;
  std::string object_layout_ = "auto";
  std::optional<float> object_conf_;
  std::optional<float> object_iou_;
  TrackerFlags tracker_;
};

}  // namespace cinescribe::cli
