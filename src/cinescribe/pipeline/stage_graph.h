#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/media/decode_pass.h"
#include "cinescribe/pipeline/stage_task.h"

namespace cinescribe::pipeline {

/// Runs stages at the same time from one decode pass: a thread per stage, bounded queues between. Scenes are handed on
/// as soon as they are certain. The first failure stops all; what is finished stays filed.
class StageGraph {
 public:
  /// All that is given must outlive the graph. `context.output` and `context.stop` are set per stage.
  StageGraph(const StageContext& context, Journal& journal, ProgressListener& listener)
      : context_(context), journal_(journal), listener_(listener) {}

  /// Adds a stage before `run`. A stage whose stream the video lacks is finished without results.
  void add(StageJob job, media::DecodePass& pass);

  /// Runs everything; `pass` may be null where no stage feeds on it. `after_pass` is called once when the pass has
  /// ended well, before any fed stage finishes. Errors: the first failure; kInterrupted on a stop request. Call once.
  Status run(media::DecodePass* pass, const std::function<Status()>& after_pass, const std::stop_token& stop);

 private:
  struct Node {
    std::unique_ptr<StageTask> task;
    media::FrameSource* frames = nullptr;
    media::AudioSource* sound = nullptr;
    std::unique_ptr<media::Source<SettledScene>> scenes;
  };

  void run_thread(Node& node);
  Status run_node(Node& node);
  Status run_fed(Node& node);
  void fail(const Error& error);
  /// Waits for the end of the pass; true when it ended well.
  bool await_pass();

  StageContext context_;
  Journal& journal_;
  ProgressListener& listener_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::stop_source halt_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<bool> pass_ended_well_;
  std::optional<Error> failure_;
};

}  // namespace cinescribe::pipeline
