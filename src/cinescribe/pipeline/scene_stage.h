#pragma once

#include <memory>
#include <string>

#include "cinescribe/pipeline/stage.h"
#include "cinescribe/scenes/detector_options.h"

namespace cinescribe::pipeline {

struct SceneStageOptions {
  scenes::DetectorOptions detector = scenes::DetectorOptions::pipeline_defaults();
  std::string min_scene_length_text = "2s";  ///< `detector.min_scene_length` as the user writes it, for the record.
};

/// The stage "scenes": units are the scenes, without speech and frames, as in base_data.json. Cuts may come late and
/// out of order (merging filters, fades), so the scenes are filed when the video ends.
std::unique_ptr<Stage> make_scene_stage(const SceneStageOptions& options);

}  // namespace cinescribe::pipeline
