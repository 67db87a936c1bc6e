#pragma once

#include <string>
#include <vector>

#include "cinescribe/core/rational.h"
#include "cinescribe/core/status.h"
#include "cinescribe/results/records.h"

namespace cinescribe::results {

/// What an edit list says about its source.
struct EdlSource {
  std::string title;      ///< Title of the list.
  std::string clip_name;  ///< Name of the source file, written as a comment of each event.
  Rational frame_rate;
};

/// The scenes as a CMX 3600 edit list: one cut event per scene, non-drop timecode that counts frames at the whole rate
/// nearest to the source's (30 for 29.97), record time equal to source time. At most 999 events are usual; more are
/// numbered on. Line breaks in names become spaces. Errors: kInput for an unknown frame rate.
Result<std::string> to_edl(const std::vector<SceneRecord>& scenes, const EdlSource& source);

}  // namespace cinescribe::results
