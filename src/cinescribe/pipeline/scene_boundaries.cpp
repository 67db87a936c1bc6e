#include "cinescribe/pipeline/scene_boundaries.h"

#include <algorithm>

namespace cinescribe::pipeline {

void SceneBoundaries::settle(std::span<const Timestamp> cuts, Timestamp settled_until) {
  {
    const std::lock_guard lock(mutex_);
    cuts_.insert(cuts_.end(), cuts.begin(), cuts.end());
    settled_until_ = std::max(settled_until_, settled_until);
  }
  if (!cuts.empty()) changed_.notify_all();
}

void SceneBoundaries::complete(std::optional<Timestamp> end) {
  {
    const std::lock_guard lock(mutex_);
    is_complete_ = true;
    end_ = end;
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

std::optional<SettledScene> SceneBoundaries::scene(std::int64_t index, const std::stop_token& stop) const {
  const auto n = static_cast<std::size_t>(index);
  std::unique_lock lock(mutex_);
  if (!changed_.wait(lock, stop, [&] { return is_complete_ || cuts_.size() > n; })) return std::nullopt;
  if (n > cuts_.size() || (n == cuts_.size() && !end_)) return std::nullopt;
  return SettledScene{index, {n == 0 ? Timestamp() : cuts_[n - 1], n < cuts_.size() ? cuts_[n] : *end_}};
}

}  // namespace cinescribe::pipeline
