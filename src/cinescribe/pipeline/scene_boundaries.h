#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "cinescribe/core/time.h"

namespace cinescribe::pipeline {

/// A scene whose both ends are certain.
struct SettledScene {
  std::int64_t index = 0;
  TimeRange range;
};

/// Where the scenes of one video meet, as far as it is certain: told by whoever finds them, read by stages that work
/// scene by scene while the video still runs. Thread-safe; one teller, any number of readers.
class SceneBoundaries {
 public:
  /// What a reader that knows the first cuts has not heard yet.
  struct News {
    std::vector<Timestamp> cuts;  ///< In time order; each starts a scene.
    Timestamp settled_until;      ///< Every later cut lies at or after this.
    bool is_complete = false;     ///< There are no later cuts.
  };

  /// The next cuts, in time order and not before what was settled; every later one lies at or after `settled_until`.
  void settle(std::span<const Timestamp> cuts, Timestamp settled_until);
  /// No more cuts will come; the last scene ends at `end`. Empty: there are no scenes, or nobody knows.
  void complete(std::optional<Timestamp> end);

  /// Everything after the first `known` cuts, at once.
  [[nodiscard]] News after(std::size_t known) const;
  /// The same once there are no later cuts. Empty on a stop request.
  [[nodiscard]] std::optional<News> all_after(std::size_t known, const std::stop_token& stop) const;
  /// Waits until the ends of this scene are certain. Empty when there is no such scene, and on a stop request.
  [[nodiscard]] std::optional<SettledScene> scene(std::int64_t index, const std::stop_token& stop) const;

 private:
  [[nodiscard]] News news(std::size_t known) const;

  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  std::vector<Timestamp> cuts_;
  Timestamp settled_until_;
  bool is_complete_ = false;
  std::optional<Timestamp> end_;
};

}  // namespace cinescribe::pipeline
