#pragma once

#include <cstdint>
#include <vector>

namespace cinescribe::quality {

/// How well found cuts agree with true ones.
struct CutMatch {
  std::int64_t hits = 0;
  std::vector<std::int64_t> missed;    ///< True cuts, by frame.
  std::vector<std::int64_t> invented;  ///< Found cuts that are none.
  double mean_offset_frames = 0.0;     ///< Of the hits, found minus true.

  /// 1 where nothing was found (and recall where there is nothing to find): no mistake was made.
  [[nodiscard]] double precision() const;
  [[nodiscard]] double recall() const;
  [[nodiscard]] double f1() const;
};

/// Pairs each true cut with at most one found cut at most `tolerance_frames` away, as many pairs as possible. The lists
/// need no order; a frame that comes twice counts once.
CutMatch match_cuts(std::vector<std::int64_t> reference, std::vector<std::int64_t> result,
                    std::int64_t tolerance_frames);

}  // namespace cinescribe::quality
