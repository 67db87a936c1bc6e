#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/objects/track_summary.h"
#include "cinescribe/results/records.h"

namespace cinescribe::pipeline {

/// Gives tracked boxes to the scenes in which they were seen, as one summary per track and scene. Units are pulled one
/// at a time in time order: memory holds the tracks of one scene, each thinned to a few places.
class ObjectsByScene {
 public:
  using Next = std::function<Result<std::optional<results::ObjectUnit>>()>;
  struct Options {
    int picture_width = 0;  ///< Of the displayed picture.
    int picture_height = 0;
    std::vector<std::string> class_names;                        ///< By class id.
    std::function<Status(const results::FrameBoxes&)> on_frame;  ///< Sees every frame as it passes. May be empty.
  };
  ObjectsByScene(Options options, Next next);

  /// The tracks seen before `end` and not taken yet, by track id. Errors: those of `next` and `on_frame`.
  Result<std::vector<results::TrackRecord>> take_until(Timestamp end);
  /// All that is left.
  Result<std::vector<results::TrackRecord>> take_rest();

 private:
  Status fetch();
  [[nodiscard]] results::TrackRecord record_of(const objects::TrackSummary& summary) const;

  Options options_;
  Next next_;
  objects::TrackSummariser summariser_;
  results::ObjectUnit unit_;
  std::size_t next_frame_ = 0;  ///< Of `unit_`: those before it went to the summariser.
  bool is_over_ = false;
};

}  // namespace cinescribe::pipeline
