#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cinescribe/core/status.h"
#include "cinescribe/results/base_data.h"
#include "cinescribe/results/export_format.h"
#include "cinescribe/results/records.h"
#include "cinescribe/results/scene_export.h"

namespace cinescribe::results {

/// Writes tracked boxes, picture after picture, as MOTChallenge text or COCO JSON. Not thread-safe.
class BoxExport {
 public:
  virtual ~BoxExport() = default;
  BoxExport() = default;
  BoxExport(const BoxExport&) = delete;
  BoxExport& operator=(const BoxExport&) = delete;

  virtual Status frame(const FrameBoxes& frame) = 0;
  /// Writes what comes after the last picture. Call it once, last.
  virtual Status finish() = 0;
};

/// kMot: frame (the first is 1), id, left, top, width, height, score, class, -1, -1. kCoco: images, annotations with
/// `track_id` and `score`, categories (the model's classes, ids from 1). `labels`: the model's class names by class id.
/// Errors: kInternal for another format.
Result<std::unique_ptr<BoxExport>> make_box_export(ExportFormat format, const VideoFacts& video,
                                                   std::vector<std::string> labels, TextSink out);

}  // namespace cinescribe::results
