#include "cinescribe/captions/frame_policy.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

namespace cinescribe::captions {

namespace {

/// `numerator` / `denominator` of the scene's length after its start.
Timestamp at_part(const TimeRange& scene, std::int64_t numerator, std::int64_t denominator) {
  const std::int64_t length = scene.length().ns();
  const std::int64_t whole = length / denominator * numerator + length % denominator * numerator / denominator;
  return scene.start + Duration::from_ns(whole);
}

}  // namespace

Result<FramePolicy> parse_frame_policy(std::string_view name) {
  for (const FramePolicy policy : {FramePolicy::kStartMiddle, FramePolicy::kUniform, FramePolicy::kFps}) {
    if (name == frame_policy_name(policy)) return policy;
  }
  return Error{ErrorCode::kUsage,
               "there is no frame policy '" + std::string(name) + "'; there are start-middle, uniform and fps"};
}

const char* frame_policy_name(FramePolicy policy) {
  switch (policy) {
    case FramePolicy::kStartMiddle:
      return "start-middle";
    case FramePolicy::kUniform:
      return "uniform";
    case FramePolicy::kFps:
      return "fps";
  }
  return "";
}

std::vector<Timestamp> frame_times(const TimeRange& scene, const FrameChoice& choice) {
  const std::int64_t most = std::max(1, choice.frames);
  std::vector<Timestamp> times;
  if (choice.policy == FramePolicy::kFps && choice.fps > 0.0) {
    const double wanted = std::ceil(scene.length().seconds() * choice.fps - 1e-9);
    if (wanted <= static_cast<double>(most)) {
      times.push_back(scene.start);
      for (std::int64_t i = 1; i < static_cast<std::int64_t>(wanted); ++i) {
        times.push_back(scene.start + Duration::from_seconds(static_cast<double>(i) / choice.fps));
      }
      return times;
    }
  }
  const bool has_middles =
      choice.policy == FramePolicy::kUniform || (choice.policy == FramePolicy::kStartMiddle && most == 1);
  for (std::int64_t i = 0; i < most; ++i) {
    times.push_back(has_middles ? at_part(scene, 2 * i + 1, 2 * most) : at_part(scene, i, most));
  }
  return times;
}

}  // namespace cinescribe::captions
