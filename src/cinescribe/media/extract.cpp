#include "cinescribe/media/extract.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>
#include <utility>

#include "cinescribe/media/extract_session.h"
#include "cinescribe/media/picture_converter.h"

namespace cinescribe::media {

namespace {

/// Pictures that wait for their turn take at most this much memory.
constexpr std::size_t kMostWaitingBytes = std::size_t{256} << 20;
constexpr std::size_t kMostWaitingPictures = 64;

Image to_image(const VideoFrame& frame) {
  Image image(frame.width, frame.height, 3);
  for (int y = 0; y < frame.height; ++y) {
    std::memcpy(image.row(y), frame.planes[0] + frame.stride_bytes[0] * y, image.stride_bytes());
  }
  return image;
}

/// The order in which `times[from, to)` meet the fewest pictures.
std::vector<std::size_t> ascending(const std::vector<Timestamp>& times, std::size_t from, std::size_t to) {
  std::vector<std::size_t> order(to - from);
  std::iota(order.begin(), order.end(), from);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return times[a] < times[b]; });
  return order;
}

}  // namespace

/// Remembers the last picture, which several times may share.
class FrameTaker::Work {
 public:
  Work(ExtractSession session, int short_side_px)
      : session_(std::move(session)),
        converter_(request(short_side_px), session_.video().rotation_degrees, session_.video().sample_aspect) {}

  Result<ExtractedFrame> take(Timestamp time, const std::stop_token& stop) {
    CINESCRIBE_ASSIGN(const ShownPicture shown, session_.at(time, stop));
    if (last_.picture.empty() || last_.time != shown.time) {
      CINESCRIBE_ASSIGN(const VideoFrame frame, converter_.convert(shown.picture));
      last_.picture = to_image(frame);
      last_.time = shown.time;
    }
    last_.requested = time;
    return last_;
  }

 private:
  static FrameRequest request(int short_side_px) {
    FrameRequest request;
    request.format = FrameRequest::Format::kRgb24;
    request.short_side_px = short_side_px;
    request.square_pixels = true;
    return request;
  }

  ExtractSession session_;
  PictureConverter converter_;
  ExtractedFrame last_;
};

FrameTaker::FrameTaker(std::unique_ptr<Work> work) : work_(std::move(work)) {}
FrameTaker::FrameTaker(FrameTaker&& other) noexcept = default;
FrameTaker& FrameTaker::operator=(FrameTaker&& other) noexcept = default;
FrameTaker::~FrameTaker() = default;

Result<FrameTaker> FrameTaker::open(const std::filesystem::path& file, int short_side_px, const DecodeOptions& options,
                                    const std::stop_token& stop) {
  CINESCRIBE_ASSIGN(ExtractSession session, ExtractSession::open(file, options, stop));
  return FrameTaker(std::make_unique<Work>(std::move(session), short_side_px));
}

Result<ExtractedFrame> FrameTaker::take(Timestamp time, const std::stop_token& stop) { return work_->take(time, stop); }

Status extract_frames(const std::filesystem::path& file, const std::vector<Timestamp>& times, int short_side_px,
                      const DecodeOptions& options, const std::stop_token& stop,
                      const std::function<Status(ExtractedFrame&&)>& sink) {
  CINESCRIBE_ASSIGN(FrameTaker taker, FrameTaker::open(file, short_side_px, options, stop));
  std::size_t window = 1;  // how many times are looked at together; grows once the size of a picture is known
  for (std::size_t from = 0; from < times.size();) {
    const std::size_t to = std::min(times.size(), from + window);
    std::vector<std::optional<ExtractedFrame>> waiting(to - from);
    std::size_t due = from;
    for (const std::size_t index : ascending(times, from, to)) {
      if (stop.stop_requested()) return Error{ErrorCode::kInterrupted, "taking frames was interrupted"};
      CINESCRIBE_ASSIGN(ExtractedFrame taken, taker.take(times[index], stop));
      const std::size_t bytes = std::max<std::size_t>(taken.picture.pixels.size(), 1);
      window = std::clamp<std::size_t>(kMostWaitingBytes / bytes, 1, kMostWaitingPictures);
      waiting[index - from] = std::move(taken);
      for (; due < to && waiting[due - from]; ++due) {
        CINESCRIBE_TRY(sink(std::move(*std::exchange(waiting[due - from], std::nullopt))));
      }
    }
    from = to;
  }
  return {};
}

}  // namespace cinescribe::media
