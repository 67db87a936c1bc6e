#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "cinescribe/captions/captioner.h"
#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/watch_dog.h"
#include "cinescribe/pipeline/worker_captioner.h"
#include "cinescribe/pipeline/worker_messages.h"
#include "cinescribe/pipeline/worker_process.h"

namespace cinescribe::pipeline {

/// How a captioner's process was lost.
struct WorkerLoss {
  std::string cause;  ///< As CaptionOutcome::lost_to.
  std::string words;  ///< "crashed (signal 11, Segmentation fault)".
  ErrorCode code = ErrorCode::kInternal;
};

/// The line to one captioner's process: starts it, has it load, passes tasks and words, and finds out when it is lost
/// and how. At most one process at a time; it ends with this object. Not thread-safe.
class WorkerLink {
 public:
  enum class Heard { kWords, kLost, kStopped };

  WorkerLink(WorkerOrder order, WorkerOptions options)
      : order_(std::move(order)), options_(std::move(options)), dog_(options_.timeout_seconds) {
    facts_.name = order_.name;
  }

  [[nodiscard]] const captions::CaptionerFacts& facts() const { return facts_; }
  [[nodiscard]] bool has_process() const { return process_ != nullptr; }
  /// Tells the user what happened to the process.
  void tell(const std::string& words) const;

  /// Starts a process and has it load the captioner, where there is none. Errors: as `start_worker_captioner`.
  Status ensure(const std::stop_token& stop);
  /// From now on it is watched for getting on with a new task.
  void begin_task() { dog_.start(false); }
  /// False when the process was lost, or on a stop.
  bool send(const WorkerTask& task, const std::stop_token& stop);
  /// Waits for words of substance. A stop ends the process.
  Heard listen(WorkerWords& words, const std::stop_token& stop);

  /// What the process read until now in all.
  void did(const captions::CaptionerWork& work) { work_ = work; }
  /// Of all processes; what a lost one read since it last told is not known.
  [[nodiscard]] captions::CaptionerWork work_so_far() const {
    return {earlier_work_.prompt_tokens + work_.prompt_tokens,
            earlier_work_.shared_prefix_tokens + work_.shared_prefix_tokens};
  }

  /// Ends what is left of the process and finds out what became of it, where that is not known.
  void lose(std::optional<WorkerLoss> known = {});
  /// Of the process before, until it is taken.
  [[nodiscard]] const std::optional<WorkerLoss>& loss() const { return loss_; }
  std::optional<WorkerLoss> take_loss() { return std::exchange(loss_, std::nullopt); }

 private:
  Status start_once(const std::stop_token& stop);
  std::optional<Heard> look(WorkerWords& words);

  const WorkerOrder order_;
  const WorkerOptions options_;
  captions::CaptionerFacts facts_;
  WatchDog dog_;
  std::unique_ptr<WorkerProcess> process_;
  std::optional<WorkerLoss> loss_;
  captions::CaptionerWork work_;          ///< Of the process that is there.
  captions::CaptionerWork earlier_work_;  ///< Of those before it.
};

}  // namespace cinescribe::pipeline
