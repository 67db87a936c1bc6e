#pragma once

#include <string>
#include <vector>

#include "cinescribe/core/rational.h"
#include "cinescribe/core/status.h"
#include "cinescribe/results/records.h"

namespace cinescribe::results {

/// What a Final Cut Pro project says about its source.
struct FcpxmlSource {
  std::string name;        ///< Name of event and project.
  std::string target_url;  ///< Path or address of the source file.
  Rational frame_rate;
  int width = 0;
  int height = 0;
  bool has_sound = false;
};

/// A scene's title in the project.
struct FcpxmlClip {
  SceneRecord scene;
  std::string title;
};

/// The scenes as an FCPXML 1.9 project: one asset-clip per scene, times as exact fractions of the frame rate.
/// Errors: kInput for an unknown frame rate.
/// @source Apple, "FCPXML Reference".
Result<std::string> to_fcpxml(const std::vector<FcpxmlClip>& clips, const FcpxmlSource& source);

}  // namespace cinescribe::results
