#include "cinescribe/pipeline/stage_graph.h"

#include <cstdint>
#include <exception>
#include <new>
#include <optional>
#include <utility>

#include "cinescribe/core/thread_name.h"

namespace cinescribe::pipeline {

namespace {

/// Calls `work` and turns what it throws into an error: an exception must not leave a thread.
template <typename Work>
Status guarded(const std::string& what, const Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kResource,
                 "out of memory in " + what + "; close other programs, use fewer threads or a smaller model"};
  } catch (const std::exception& error) {
    return Error{ErrorCode::kInternal, what + " failed: " + error.what()};
  }
}

/// The scenes of the video, one after the other.
class SceneSource final : public media::Source<SettledScene> {
 public:
  explicit SceneSource(const SceneBoundaries& boundaries) : boundaries_(boundaries) {}

  std::optional<SettledScene> pop(const std::stop_token& stop) override {
    return is_cancelled_ ? std::nullopt : boundaries_.scene(next_++, stop);
  }
  void cancel() override { is_cancelled_ = true; }

 private:
  const SceneBoundaries& boundaries_;
  std::int64_t next_ = 0;
  bool is_cancelled_ = false;
};

Error interrupted() { return {ErrorCode::kInterrupted, "stopped; finished work is kept"}; }

}  // namespace

void StageGraph::add(StageJob job, media::DecodePass& pass) {
  auto node = std::make_unique<Node>();
  Stage& stage = *job.stage;
  if (stage.feed() == Feed::kFrames && pass.has_video()) {
    node->frames = &pass.add_frames(stage.frame_request(pass.info()));
  } else if (stage.feed() == Feed::kSound && pass.has_audio()) {
    node->sound = &pass.add_audio();
  } else if (stage.feed() == Feed::kScenes && pass.has_video()) {
    node->scenes = std::make_unique<SceneSource>(*context_.boundaries);
  }
  node->task = std::make_unique<StageTask>(std::move(job), journal_, listener_);
  nodes_.push_back(std::move(node));
}

Status StageGraph::run(media::DecodePass* pass, const std::function<Status()>& after_pass,
                       const std::stop_token& stop) {
  const std::stop_callback pass_on_stop(stop, [this] { halt_.request_stop(); });
  {
    std::vector<std::jthread> threads;
    for (const auto& node : nodes_) threads.emplace_back([this, &node = *node] { run_thread(node); });
    Status status;
    if (pass != nullptr) {
      const ThreadName thread_name("decode");
      listener_.decoding_started();
      status = guarded("decoding", [&]() -> Status {
        CINESCRIBE_TRY(pass->run(halt_.get_token()));
        return halt_.stop_requested() ? Status(interrupted()) : after_pass();
      });
      listener_.decoding_ended();
    }
    if (!status.ok()) fail(status.error());
    {
      const std::lock_guard lock(mutex_);
      pass_ended_well_ = status.ok();
    }
    changed_.notify_all();
  }  // joins
  if (failure_) return *failure_;
  if (stop.stop_requested()) return interrupted();
  return {};
}

void StageGraph::run_thread(Node& node) {
  const ThreadName thread_name(node.task->name());
  const Status status = guarded("the stage '" + node.task->name() + "'", [&] { return run_node(node); });
  node.task->report(status);
  if (!status.ok()) fail(status.error());
}

Status StageGraph::run_node(Node& node) {
  StageContext context = context_;
  context.stop = halt_.get_token();
  if (context.stop.stop_requested()) return interrupted();
  const bool is_fed = node.frames != nullptr || node.sound != nullptr || node.scenes != nullptr;
  CINESCRIBE_TRY(node.task->begin(std::move(context), is_fed));
  return is_fed ? run_fed(node) : node.task->finish();
}

Status StageGraph::run_fed(Node& node) {
  const std::stop_token stop = halt_.get_token();
  CINESCRIBE_TRY(node.frames != nullptr  ? node.task->feed(*node.frames, stop)
                 : node.sound != nullptr ? node.task->feed(*node.sound, stop)
                                         : node.task->feed(*node.scenes, stop));
  // A queue also runs dry when the pass fails: only its own word tells whether this was all.
  if (!await_pass() || stop.stop_requested()) {
    return interrupted();
  }
  return node.task->finish();
}

bool StageGraph::await_pass() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return pass_ended_well_.has_value(); });
  return *pass_ended_well_;
}

void StageGraph::fail(const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    // What a failure stops reports an interruption, which must not hide the cause.
    const bool is_news =
        !failure_ || (failure_->code == ErrorCode::kInterrupted && error.code != ErrorCode::kInterrupted);
    if (is_news) failure_ = error;
  }
  halt_.request_stop();
}

}  // namespace cinescribe::pipeline
