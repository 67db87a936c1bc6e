#pragma once

#include <filesystem>

#include "cinescribe/core/atomic_file.h"
#include "cinescribe/core/status.h"
#include "cinescribe/results/caption_data.h"

namespace cinescribe::results {

/// Writes `vlm_captions.json` caption by caption; memory does not grow with their number. Without `finish()` nothing
/// appears. The same facts give the same bytes but for the objects called `timings`. Not thread-safe.
class CaptionWriter {
 public:
  /// Writes everything before the scenes. Errors: kResource.
  static Result<CaptionWriter> create(const std::filesystem::path& path, const CaptionHeader& header);
  /// The next scene, in order. Errors: kResource.
  Status caption(const CaptionRecord& record);
  /// Writes the end and makes the file visible. Errors: kResource.
  Status finish();

  [[nodiscard]] const CaptionTotals& totals() const { return totals_; }

 private:
  explicit CaptionWriter(AtomicFile file) : file_(std::move(file)) {}

  AtomicFile file_;
  CaptionTotals totals_;
  CaptionCost cost_;
  double media_seconds_ = 0.0;
};

}  // namespace cinescribe::results
