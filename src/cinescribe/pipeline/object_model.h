#pragma once

#include <string>
#include <string_view>

#include "cinescribe/core/status.h"
#include "cinescribe/models/model_store.h"

namespace cinescribe::pipeline {

/// An object detector on disk and why it was taken.
struct ChosenDetector {
  models::LocatedModel model;
  std::string reason;  ///< For people; empty where it was asked for by name.
};

/// The detector that `wanted` names (catalogue name, folder or file), or for "auto" the best installed one that knows
/// COCO's 80 classes and may be used freely. Errors: kModel (the message has the commands that mend it).
Result<ChosenDetector> choose_detector(std::string_view wanted);

}  // namespace cinescribe::pipeline
