#include "cinescribe/pipeline/worker_captioner.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include <unistd.h>

#include "cinescribe/core/log.h"
#include "cinescribe/pipeline/watch_dog.h"
#include "cinescribe/pipeline/worker_process.h"

namespace cinescribe::pipeline {

namespace {

using Clock = std::chrono::steady_clock;
using Next = std::function<std::optional<captions::CaptionRequest>()>;
using Done = std::function<void(captions::CaptionOutcome)>;

constexpr std::chrono::milliseconds kListen(200);
constexpr std::chrono::milliseconds kEndPatience(5000);
/// Longer pauses between two looks were ours: this process was stopped, or had no processor.
constexpr double kLongestLook = 1.0;
constexpr int kTriesToStart = 2;
constexpr int kAttempts = 2;
constexpr int kLossesInARow = 5;

/// How a process was lost.
struct Loss {
  std::string cause;  ///< As CaptionOutcome::lost_to.
  std::string words;  ///< "crashed (signal 11, Segmentation fault)".
  ErrorCode code = ErrorCode::kInternal;
};

/// A scene that a process has, kept for another attempt.
struct Held {
  captions::CaptionRequest request;
  int attempts = 1;
};

using NextHeld = std::function<std::optional<Held>()>;

Error stopped() { return {ErrorCode::kInterrupted, "stopped; finished captions are kept"}; }

Loss loss_from(const ProcessEnd& end) {
  if (!end.is_signal) return {"exited", "ended by itself with exit code " + std::to_string(end.number)};
  if (end.number == SIGKILL) {
    return {"killed", "was killed (signal 9), as the system does when memory runs out", ErrorCode::kResource};
  }
  const char* name = ::strsignal(end.number);
  return {"crashed",
          "crashed (signal " + std::to_string(end.number) + (name != nullptr ? std::string(", ") + name : "") + ")"};
}

class WorkerCaptioner final : public captions::Captioner {
 public:
  WorkerCaptioner(WorkerOrder order, WorkerOptions options)
      : order_(std::move(order)), options_(std::move(options)), dog_(options_.timeout_seconds) {
    facts_.name = order_.name;
  }

  [[nodiscard]] const captions::CaptionerFacts& facts() const override { return facts_; }
  Result<std::optional<captions::CaptionerForecast>> forecast(const captions::CaptionRequest& typical,
                                                              std::int64_t scenes,
                                                              const std::stop_token& stop) override;
  Status run(const Next& next, const Done& done, const std::stop_token& stop) override;
  /// Of runs that ended; what a lost process read is not known.
  [[nodiscard]] captions::CaptionerWork work_so_far() const override {
    return {earlier_work_.prompt_tokens + work_.prompt_tokens,
            earlier_work_.shared_prefix_tokens + work_.shared_prefix_tokens};
  }
  /// Starts a process and has it load the captioner, where there is none.
  Status ensure(const std::stop_token& stop);

 private:
  enum class Heard { kWords, kLost, kStopped };

  Status start_once(const std::stop_token& stop);
  Status drive(const NextHeld& next, const Done& done, const std::stop_token& stop);
  Status drive_alone(Held&& suspect, const Done& done, const std::stop_token& stop);
  bool give(Held&& held, const std::stop_token& stop);
  bool send(const WorkerTask& task, const std::stop_token& stop);
  Heard listen(WorkerWords& words, const std::stop_token& stop);
  std::optional<Heard> look(WorkerWords& words);
  void lose(std::optional<Loss> known = {});
  Status settle_loss(const Done& done);
  void take(captions::CaptionOutcome&& outcome, const Done& done);
  void tell(const std::string& words) const;

  const WorkerOrder order_;
  const WorkerOptions options_;
  captions::CaptionerFacts facts_;
  WatchDog dog_;
  std::unique_ptr<WorkerProcess> process_;
  std::optional<Loss> loss_;  ///< Of the process before, until it is settled.
  std::map<std::int64_t, Held> in_flight_;
  std::deque<Held> suspects_;
  int losses_in_a_row_ = 0;
  captions::CaptionerWork work_;          ///< Of the process that is there.
  captions::CaptionerWork earlier_work_;  ///< Of those before it.
};

void WorkerCaptioner::tell(const std::string& words) const {
  const std::string text = facts_.name + ": " + words;
  if (options_.on_event) return options_.on_event(text);
  log(LogLevel::kWarning, text);
}

/// Ends what is left of the process and finds out what became of it.
void WorkerCaptioner::lose(std::optional<Loss> known) {
  std::optional<ProcessEnd> end = known ? std::nullopt : process_->wait(kEndPatience);
  if (!known && !end) known = Loss{"broken", "closed its connection"};
  if (!end) {
    process_->kill();
    process_->wait(kEndPatience);
  }
  loss_ = known ? *std::move(known) : loss_from(*end);
  const std::string said = process_->last_words();
  if (!said.empty()) loss_->words += ": " + said;
  process_.reset();
  earlier_work_ = work_so_far();
  work_ = {};
}

/// One look at the wire; nothing when it brought no words of substance.
std::optional<WorkerCaptioner::Heard> WorkerCaptioner::look(WorkerWords& words) {
  WireMessage message;
  const auto began = Clock::now();
  const Wire::State state = process_->wire().receive(message, kListen);
  dog_.waited(std::min(kLongestLook, std::chrono::duration<double>(Clock::now() - began).count()));
  if (state == Wire::State::kClosed) {
    lose();
    return Heard::kLost;
  }
  Result<WorkerWords> said = state == Wire::State::kMessage ? parse_worker_words(message.text)
                             : state == Wire::State::kBroken
                                 ? Result<WorkerWords>(Error{ErrorCode::kInternal, process_->wire().problem()})
                                 : Result<WorkerWords>(WorkerWords{});
  if (!said.ok()) {
    lose(Loss{"broken", "went wrong: " + said.error().message});
    return Heard::kLost;
  }
  if (state == Wire::State::kMessage) {
    words = *std::move(said);
    if (words.says == WorkerSays::kAlive) {
      dog_.heard(words.steps, words.cpu_seconds);
    } else if (words.says == WorkerSays::kLog) {
      log(words.level, words.text);
    } else {
      dog_.moved();
      return Heard::kWords;
    }
  }
  if (const std::string verdict = dog_.verdict(); !verdict.empty()) {
    lose(Loss{"hung", "hung: it " + verdict});
    return Heard::kLost;
  }
  return std::nullopt;
}

WorkerCaptioner::Heard WorkerCaptioner::listen(WorkerWords& words, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (const auto heard = look(words)) return *heard;
  }
  process_.reset();
  return Heard::kStopped;
}

/// False when the process was lost, or on a stop.
bool WorkerCaptioner::send(const WorkerTask& task, const std::stop_token& stop) {
  const auto parts =
      task.told == WorkerTold::kScene ? pixels_of(task.scene) : std::vector<std::span<const std::uint8_t>>();
  const auto is_to_wait = [this, &stop] {
    dog_.waited(std::chrono::duration<double>(kListen).count());
    return !stop.stop_requested() && dog_.verdict().empty();
  };
  if (process_->wire().send(worker_task(task), parts, is_to_wait).ok()) return true;
  if (stop.stop_requested()) {
    process_.reset();
  } else if (const std::string verdict = dog_.verdict(); !verdict.empty()) {
    lose(Loss{"hung", "hung: it " + verdict});
  } else {
    lose();
  }
  return false;
}

Status WorkerCaptioner::start_once(const std::stop_token& stop) {
  loss_.reset();
  CINESCRIBE_ASSIGN(process_, WorkerProcess::start(options_.program, {"caption-worker", std::to_string(kWorkerFd),
                                                                      std::to_string(::getpid())}));
  dog_.start(true);
  for (bool is_told = false;;) {
    WorkerWords words;
    const Heard heard = listen(words, stop);
    if (heard == Heard::kStopped) return stopped();
    if (heard == Heard::kLost) return {};
    if (words.says == WorkerSays::kEnded) {
      process_.reset();
      return words.status.ok() ? Status(Error{ErrorCode::kInternal, "a captioner's process refused to work"})
                               : words.status;
    }
    if (words.says == WorkerSays::kLoaded && is_told) {
      facts_ = std::move(words.facts);
      return {};
    }
    if (words.says != WorkerSays::kHello || words.protocol != kWorkerProtocol || is_told) {
      process_.reset();
      return Error{ErrorCode::kInternal,
                   options_.program.string() + " is another version of this program; install both anew"};
    }
    WorkerTask task;
    task.told = WorkerTold::kLoad;
    task.order = order_;
    is_told = true;
    if (!send(task, stop)) return stop.stop_requested() ? Status(stopped()) : Status();
  }
}

Status WorkerCaptioner::ensure(const std::stop_token& stop) {
  if (process_) return {};
  for (int i = 1; i <= kTriesToStart; ++i) {
    CINESCRIBE_TRY(start_once(stop));
    if (process_) return {};
    if (i < kTriesToStart) tell("its process " + loss_->words + " while it loaded; trying again");
  }
  return Error{loss_->code == ErrorCode::kResource ? ErrorCode::kResource : ErrorCode::kModel,
               "the captioner " + order_.name + " cannot be loaded: its process " + loss_->words + ", " +
                   std::to_string(kTriesToStart) + " times"};
}

Result<std::optional<captions::CaptionerForecast>> WorkerCaptioner::forecast(const captions::CaptionRequest& typical,
                                                                             std::int64_t scenes,
                                                                             const std::stop_token& stop) {
  CINESCRIBE_TRY(ensure(stop));
  WorkerTask task;
  task.told = WorkerTold::kForecast;
  task.scene = typical;
  task.scenes = scenes;
  dog_.start(false);
  WorkerWords words;
  if (send(task, stop) && listen(words, stop) == Heard::kWords) {
    if (words.says == WorkerSays::kForecast) return words.forecast;
    if (words.says == WorkerSays::kEnded && !words.status.ok()) return words.status.error();
    lose(Loss{"broken", "gave no forecast"});
  }
  if (stop.stop_requested()) return stopped();
  tell("its process " + loss_->words + " while it measured what the run will take");
  return std::optional<captions::CaptionerForecast>();
}

bool WorkerCaptioner::give(Held&& held, const std::stop_token& stop) {
  WorkerTask task;
  task.told = WorkerTold::kScene;
  const std::int64_t id = held.request.id;
  task.scene = std::move(held.request);
  const bool is_sent = send(task, stop);
  held.request = std::move(task.scene);
  in_flight_.insert_or_assign(id, std::move(held));
  return is_sent;
}

void WorkerCaptioner::take(captions::CaptionOutcome&& outcome, const Done& done) {
  const auto found = in_flight_.find(outcome.id);
  if (found == in_flight_.end()) return lose(Loss{"broken", "described a scene that it was not given"});
  outcome.attempts = found->second.attempts;
  in_flight_.erase(found);
  losses_in_a_row_ = 0;
  done(std::move(outcome));
}

/// One run of the captioner in the process. Fine also when the process was lost: then `loss_` tells.
Status WorkerCaptioner::drive(const NextHeld& next, const Done& done, const std::stop_token& stop) {
  dog_.start(false);
  in_flight_.clear();
  WorkerTask task;
  task.told = WorkerTold::kRun;
  if (!send(task, stop)) return stop.stop_requested() ? Status(stopped()) : Status();
  task.told = WorkerTold::kEnd;
  while (process_) {
    WorkerWords words;
    const Heard heard = listen(words, stop);
    if (heard == Heard::kStopped) return stopped();
    if (heard == Heard::kLost) return {};
    if (words.says == WorkerSays::kNext) {
      std::optional<Held> held = next();
      const bool is_sent = held ? give(*std::move(held), stop) : send(task, stop);
      if (!is_sent && stop.stop_requested()) return stopped();
    } else if (words.says == WorkerSays::kDone) {
      take(std::move(words.outcome), done);
    } else if (words.says == WorkerSays::kEnded) {
      work_ = words.work;
      return words.status;
    } else {
      lose(Loss{"broken", "said something out of turn"});
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
  const Loss loss = *std::exchange(loss_, std::nullopt);
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
  tell("its process " + loss.words + "; " + (again + failed == 0 ? "another takes its place" : "") +
       (again > 0 ? "scenes to try again: " + std::to_string(again) : "") +
       (failed > 0 ? "scenes that failed: " + std::to_string(failed) : ""));
  if (++losses_in_a_row_ < kLossesInARow) return {};
  return Error{loss.code == ErrorCode::kResource ? ErrorCode::kResource : ErrorCode::kModel,
               "the process of the captioner " + facts_.name + " was lost " + std::to_string(losses_in_a_row_) +
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
    loss_.reset();
    if (suspects_.empty()) {
      CINESCRIBE_TRY(drive(next_held, done, stop));
      has_more = has_more && loss_;  // one that wants no more has left scenes out
    } else {
      Held suspect = std::move(suspects_.front());
      suspects_.pop_front();
      CINESCRIBE_TRY(drive_alone(std::move(suspect), done, stop));
    }
    if (loss_) CINESCRIBE_TRY(settle_loss(done));
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
