#include "cinescribe/pipeline/scene_boundaries.h"

#include <algorithm>

namespace cinescribe::pipeline {

void SceneBoundaries::settle(std::span<const Timestamp> cuts, Timestamp settled_until) {
  const std::lock_guard lock(mutex_);
  cuts_.insert(cuts_.end(), cuts.begin(), cuts.end());
  settled_until_ = std::max(settled_until_, settled_until);
}

void SceneBoundaries::complete() {
  {
    const std::lock_guard lock(mutex_);
    is_complete_ = true;
  }
  changed_.notify_all();
}

SceneBoundaries::News SceneBoundaries::news(std::size_t known) const {
  const auto first = cuts_.begin() + static_cast<std::ptrdiff_t>(std::min(known, cuts_.size()));
  return {{first, cuts_.end()}, settled_until_, is_complete_};
}

SceneBoundaries::News SceneBoundaries::after(std::size_t known) const {
  const std::lock_guard lock(mutex_);
  return news(known);
}

std::optional<SceneBoundaries::News> SceneBoundaries::all_after(std::size_t known, const std::stop_token& stop) const {
  std::unique_lock lock(mutex_);
  if (!changed_.wait(lock, stop, [this] { return is_complete_; })) return std::nullopt;
  return news(known);
}

}  // namespace cinescribe::pipeline
