#pragma once

// Private to the room.

#include <cstdint>
#include <optional>

#include "cinescribe/media/av.h"

namespace cinescribe::media {

/// Turns the PTS of decoded pictures, in display order, into strictly increasing times from 0.
///
/// Missing and repeated time stamps continue at the nominal rate or just after the last picture; a jump back of more
/// than a second (joined recordings) continues without a hole.
class StreamClock {
 public:
  StreamClock(AVRational time_base, Duration nominal) : time_base_(time_base), nominal_(nominal) {}

  /// Time of the next picture.
  Timestamp next(std::int64_t pts);
  /// Time of a picture anywhere in the stream, without touching the state; empty when unknown. Precondition: the first
  /// picture has been seen by `next`.
  [[nodiscard]] std::optional<Timestamp> at(std::int64_t pts) const;
  /// Container time of the first picture; empty before it or when it carried no PTS.
  [[nodiscard]] std::optional<Timestamp> origin() const;
  [[nodiscard]] std::optional<std::int64_t> origin_pts() const { return origin_pts_; }

 private:
  AVRational time_base_;
  Duration nominal_;
  std::optional<std::int64_t> origin_pts_;
  std::optional<Timestamp> last_;
  Duration shift_;
};

}  // namespace cinescribe::media
