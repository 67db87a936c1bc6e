#include "cinescribe/pipeline/worker_captioner.h"

#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "cinescribe/pipeline/worker_link.h"

namespace cinescribe::pipeline {

namespace {

using Next = std::function<std::optional<captions::CaptionRequest>()>;
using Done = std::function<void(captions::CaptionOutcome)>;

constexpr int kAttempts = 2;
constexpr int kLossesInARow = 5;

/// A scene that a process has, kept for another attempt.
struct Held {
  captions::CaptionRequest request;
  int attempts = 1;
};

using NextHeld = std::function<std::optional<Held>()>;

Error stopped() { return {ErrorCode::kInterrupted, "stopped; finished captions are kept"}; }

class WorkerCaptioner final : public captions::Captioner {
 public:
  WorkerCaptioner(const WorkerOrder& order, const WorkerOptions& options) : link_(order, options) {}

  [[nodiscard]] const captions::CaptionerFacts& facts() const override { return link_.facts(); }
  Result<std::optional<captions::CaptionerForecast>> forecast(const captions::CaptionRequest& typical,
                                                              std::int64_t scenes,
                                                              const std::stop_token& stop) override;
  Status run(const Next& next, const Done& done, const std::stop_token& stop) override;
  [[nodiscard]] captions::CaptionerWork work_so_far() const override { return link_.work_so_far(); }
  Status ensure(const std::stop_token& stop) { return link_.ensure(stop); }

 private:
  using Heard = WorkerLink::Heard;

  Status drive(const NextHeld& next, const Done& done, const std::stop_token& stop);
  Status drive_alone(Held&& suspect, const Done& done, const std::stop_token& stop);
  bool give(Held&& held, const std::stop_token& stop);
  Status settle_loss(const Done& done);
  void take(captions::CaptionOutcome&& outcome, const Done& done);

  WorkerLink link_;
  std::map<std::int64_t, Held> in_flight_;
  std::deque<Held> suspects_;
  int losses_in_a_row_ = 0;
};

Result<std::optional<captions::CaptionerForecast>> WorkerCaptioner::forecast(const captions::CaptionRequest& typical,
                                                                             std::int64_t scenes,
                                                                             const std::stop_token& stop) {
  CINESCRIBE_TRY(ensure(stop));
  WorkerTask task;
  task.told = WorkerTold::kForecast;
  task.scene = typical;
  task.scenes = scenes;
  link_.begin_task();
  WorkerWords words;
  if (link_.send(task, stop) && link_.listen(words, stop) == Heard::kWords) {
    if (words.says == WorkerSays::kForecast) return words.forecast;
    if (words.says == WorkerSays::kEnded && !words.status.ok()) return words.status.error();
    link_.lose(WorkerLoss{"broken", "gave no forecast"});
  }
  if (stop.stop_requested()) return stopped();
  link_.tell("its process " + link_.loss()->words + " while it measured what the run will take");
  return std::optional<captions::CaptionerForecast>();
}

bool WorkerCaptioner::give(Held&& held, const std::stop_token& stop) {
  WorkerTask task;
  task.told = WorkerTold::kScene;
  const std::int64_t id = held.request.id;
  task.scene = std::move(held.request);
  const bool is_sent = link_.send(task, stop);
  held.request = std::move(task.scene);
  in_flight_.insert_or_assign(id, std::move(held));
  return is_sent;
}

void WorkerCaptioner::take(captions::CaptionOutcome&& outcome, const Done& done) {
  const auto found = in_flight_.find(outcome.id);
  if (found == in_flight_.end()) return link_.lose(WorkerLoss{"broken", "described a scene that it was not given"});
  outcome.attempts = found->second.attempts;
  in_flight_.erase(found);
  losses_in_a_row_ = 0;
  done(std::move(outcome));
}

/// One run of the captioner in the process. Fine also when the process was lost: then the link tells how.
Status WorkerCaptioner::drive(const NextHeld& next, const Done& done, const std::stop_token& stop) {
  link_.begin_task();
  in_flight_.clear();
  WorkerTask task;
  task.told = WorkerTold::kRun;
  if (!link_.send(task, stop)) return stop.stop_requested() ? Status(stopped()) : Status();
  task.told = WorkerTold::kEnd;
  while (link_.has_process()) {
    WorkerWords words;
    const Heard heard = link_.listen(words, stop);
    if (heard == Heard::kStopped) return stopped();
    if (heard == Heard::kLost) return {};
    if (words.says == WorkerSays::kNext) {
      std::optional<Held> held = next();
      const bool is_sent = held ? give(*std::move(held), stop) : link_.send(task, stop);
      if (!is_sent && stop.stop_requested()) return stopped();
    } else if (words.says == WorkerSays::kDone) {
      take(std::move(words.outcome), done);
    } else if (words.says == WorkerSays::kEnded) {
      link_.did(words.work);
      return words.status;
    } else {
      link_.lose(WorkerLoss{"broken", "said something out of turn"});
    }
  }
  return {};
}

/// Another attempt for a scene that was with a process when that was lost.
Status WorkerCaptioner::drive_alone(Held&& suspect, const Done& done, const std::stop_token& stop) {
  ++suspect.attempts;
  std::optional<Held> only(std::move(suspect));
  const Status status = drive([&only] { return std::exchange(only, std::nullopt); }, done, stop);
  if (status.ok() || status.error().code == ErrorCode::kInterrupted) return status;
  // What would end a run that begins with this scene is this scene's failure: others went well before.
  for (auto& [id, held] : in_flight_) done({id, status.error(), held.attempts});
  in_flight_.clear();
  return {};
}

/// Scenes that were lost go into another attempt, or have failed.
Status WorkerCaptioner::settle_loss(const Done& done) {
  const WorkerLoss loss = *link_.take_loss();
  std::size_t failed = 0;
  for (auto& [id, held] : in_flight_) {
    if (held.attempts < kAttempts) {
      suspects_.push_back(std::move(held));
      continue;
    }
    ++failed;
    const Error error{loss.code, "the captioner's process was lost twice with this scene: it " + loss.words +
                                     "; the same command tries it again"};
    done({id, error, held.attempts, loss.cause});
  }
  const std::size_t again = in_flight_.size() - failed;
  in_flight_.clear();
  link_.tell("its process " + loss.words + "; " + (again + failed == 0 ? "another takes its place" : "") +
             (again > 0 ? "scenes to try again: " + std::to_string(again) : "") +
             (failed > 0 ? "scenes that failed: " + std::to_string(failed) : ""));
  if (++losses_in_a_row_ < kLossesInARow) return {};
  return Error{loss.code == ErrorCode::kResource ? ErrorCode::kResource : ErrorCode::kModel,
               "the process of the captioner " + facts().name + " was lost " + std::to_string(losses_in_a_row_) +
                   " times without describing a scene; last it " + loss.words};
}

Status WorkerCaptioner::run(const Next& next, const Done& done, const std::stop_token& stop) {
  suspects_.clear();
  losses_in_a_row_ = 0;
  bool has_more = true;
  const NextHeld next_held = [&]() -> std::optional<Held> {
    auto request = next();
    has_more = request.has_value();
    return request ? std::optional<Held>(Held{*std::move(request)}) : std::nullopt;
  };
  while (has_more || !suspects_.empty()) {
    CINESCRIBE_TRY(ensure(stop));
    link_.take_loss();
    if (suspects_.empty()) {
      CINESCRIBE_TRY(drive(next_held, done, stop));
      has_more = has_more && link_.loss();  // one that wants no more has left scenes out
    } else {
      Held suspect = std::move(suspects_.front());
      suspects_.pop_front();
      CINESCRIBE_TRY(drive_alone(std::move(suspect), done, stop));
    }
    if (link_.loss()) CINESCRIBE_TRY(settle_loss(done));
  }
  return stop.stop_requested() ? Status(stopped()) : Status();
}

}  // namespace

Result<std::unique_ptr<captions::Captioner>> start_worker_captioner(const WorkerOrder& order,
                                                                    const WorkerOptions& options,
                                                                    const std::stop_token& stop) {
  auto captioner = std::make_unique<WorkerCaptioner>(order, options);
  CINESCRIBE_TRY(captioner->ensure(stop));
  return std::unique_ptr<captions::Captioner>(std::move(captioner));
}

}  // namespace cinescribe::pipeline
