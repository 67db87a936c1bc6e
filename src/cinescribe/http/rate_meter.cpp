#include "cinescribe/http/rate_meter.h"

namespace cinescribe::http {

namespace {
constexpr std::chrono::seconds kWindow{5};
constexpr std::chrono::milliseconds kShortestSpan{500};
}  // namespace

void RateMeter::add(std::uint64_t done_bytes, Clock::time_point now) {
  if (!samples_.empty() && done_bytes < samples_.back().done_bytes) samples_.clear();  // started over
  samples_.push_back({now, done_bytes});
  while (samples_.size() > 2 && now - samples_.front().time > kWindow) samples_.pop_front();
}

double RateMeter::bytes_per_second() const {
  if (samples_.size() < 2) return 0.0;
  const auto span = samples_.back().time - samples_.front().time;
  if (span < kShortestSpan) return 0.0;
  return static_cast<double>(samples_.back().done_bytes - samples_.front().done_bytes) /
         std::chrono::duration<double>(span).count();
}

}  // namespace cinescribe::http
