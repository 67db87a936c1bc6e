#include "cinescribe/pipeline/scene_feed.h"

#include <exception>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

#include "cinescribe/core/bounded_queue.h"
#include "cinescribe/media/extract.h"
#include "cinescribe/pipeline/media_identity.h"
#include "cinescribe/pipeline/scene_facts.h"
#include "cinescribe/results/base_data_reader.h"

namespace cinescribe::pipeline {

namespace {

/// Scenes whose frames are taken in one go: enough that opening the file again does not count.
constexpr std::size_t kScenesAtOnce = 64;

Error interrupted() { return {ErrorCode::kInterrupted, "stopped; finished captions are kept"}; }

std::string picture_sha256(const Image& picture) {
  std::string bytes = std::to_string(picture.width) + "x" + std::to_string(picture.height) + "\n";
  bytes.append(reinterpret_cast<const char*>(picture.pixels.data()), picture.pixels.size());
  return sha256_hex(bytes);
}

class ThreadedFeed final : public SceneFeed {
 public:
  ThreadedFeed(FeedOptions options, const std::stop_token& stop)
      : options_(std::move(options)),
        queue_(options_.queue_scenes),
        pass_on_(stop, [this] { halt_.request_stop(); }),
        thread_([this] { read(); }) {}

  ~ThreadedFeed() override {
    halt_.request_stop();
    queue_.cancel();
  }

  std::optional<FedScene> next() override { return queue_.pop(halt_.get_token()); }

  Status status() override {
    if (halt_.stop_requested()) return interrupted();
    const std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  void read();
  Status read_scenes();
  Status flush();
  Status take_frames(std::size_t& first);
  Status push(std::size_t index) {
    return queue_.push(std::move(waiting_[index]), halt_.get_token()) ? Status() : Status(interrupted());
  }

  const FeedOptions options_;
  BoundedQueue<FedScene> queue_;
  std::stop_source halt_;
  std::vector<FedScene> waiting_;
  std::mutex mutex_;
  Status status_;
  std::stop_callback<std::function<void()>> pass_on_;
  std::jthread thread_;  // last: it uses the others
};

void ThreadedFeed::read() {
  Status status;
  try {
    status = read_scenes();
  } catch (const std::bad_alloc&) {
    status = Error{ErrorCode::kResource, "out of memory while taking frames; use fewer or smaller ones"};
  } catch (const std::exception& error) {
    status = Error{ErrorCode::kInternal, std::string("taking frames failed: ") + error.what()};
  }
  {
    const std::lock_guard lock(mutex_);
    status_ = std::move(status);
  }
  queue_.close();
}

Status ThreadedFeed::read_scenes() {
  const auto data = results::read_base_data(options_.base_data, [this](results::SceneRecord&& scene) -> Status {
    const bool is_ours = scene.scene_index >= options_.first && scene.scene_index < options_.end;
    if (!is_ours || options_.done.contains(scene.scene_index)) return {};
    FedScene fed;
    fed.scene_index = scene.scene_index;
    fed.range = scene.range;
    fed.context = scene_facts(scene);
    waiting_.push_back(std::move(fed));
    return waiting_.size() < kScenesAtOnce ? Status() : flush();
  });
  CINESCRIBE_TRY(data);
  return flush();
}

Status ThreadedFeed::flush() {
  for (std::size_t i = 0; i < waiting_.size();) {
    if (halt_.stop_requested()) return interrupted();
    if (options_.video.empty()) {
      CINESCRIBE_TRY(push(i++));
    } else {
      CINESCRIBE_TRY(take_frames(i));
    }
  }
  waiting_.clear();
  return {};
}

/// Takes the frames of the scenes from `first` on and hands each scene on when it has all of them; a failure costs the
/// scene that it meets. Afterwards `first` is the next scene to try.
Status ThreadedFeed::take_frames(std::size_t& first) {
  std::vector<Timestamp> times;
  std::vector<std::size_t> owners;
  for (std::size_t i = first; i < waiting_.size(); ++i) {
    for (const Timestamp time : captions::frame_times(waiting_[i].range, options_.choice)) {
      times.push_back(time);
      owners.push_back(i);
    }
  }
  std::size_t taken = 0;
  const Status status = media::extract_frames(options_.video, times, options_.short_side_px, options_.decode,
                                              halt_.get_token(), [&](media::ExtractedFrame&& frame) -> Status {
                                                FedScene& scene = waiting_[owners[taken]];
                                                if (scene.facts.empty() || scene.facts.back().time != frame.time) {
                                                  scene.facts.push_back({frame.time, picture_sha256(frame.picture)});
                                                  scene.frames.push_back(std::move(frame.picture));
                                                }
                                                const bool is_complete =
                                                    taken + 1 == owners.size() || owners[taken + 1] != owners[taken];
                                                const std::size_t index = owners[taken++];
                                                if (!is_complete) return {};
                                                first = index + 1;
                                                return push(index);
                                              });
  if (status.ok() || status.error().code == ErrorCode::kInterrupted) return status;
  if (first >= waiting_.size()) return status;
  waiting_[first].frames.clear();
  waiting_[first].facts.clear();
  waiting_[first].status = status;
  return push(first++);
}

}  // namespace

std::unique_ptr<SceneFeed> SceneFeed::start(FeedOptions options, const std::stop_token& stop) {
  return std::make_unique<ThreadedFeed>(std::move(options), stop);
}

}  // namespace cinescribe::pipeline
