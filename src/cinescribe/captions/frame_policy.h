#pragma once

#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/core/time.h"

namespace cinescribe::captions {

/// Which moments of a scene a captioner sees.
enum class FramePolicy {
  kStartMiddle,  ///< Beginnings of equal parts: two frames are the start and the middle. One frame is the middle.
  kUniform,      ///< Middles of equal parts.
  kFps,          ///< From the start at a rate; where that gives too many, beginnings of equal parts.
};

struct FrameChoice {
  FramePolicy policy = FramePolicy::kStartMiddle;
  int frames = 2;    ///< Per scene, 1–10; with kFps the most there are.
  double fps = 1.0;  ///< For kFps, above 0.
};

/// "start-middle", "uniform" or "fps". Errors: kUsage.
Result<FramePolicy> parse_frame_policy(std::string_view name);
const char* frame_policy_name(FramePolicy policy);

/// The moments, ascending, all within the scene; at least one.
std::vector<Timestamp> frame_times(const TimeRange& scene, const FrameChoice& choice);

}  // namespace cinescribe::captions
