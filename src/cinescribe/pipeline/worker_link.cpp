#include "cinescribe/pipeline/worker_link.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <span>
#include <utility>

#include <unistd.h>

#include "cinescribe/core/log.h"

namespace cinescribe::pipeline {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kListen(200);
constexpr std::chrono::milliseconds kEndPatience(5000);
/// Longer pauses between two looks were ours: this process was stopped, or had no processor.
constexpr double kLongestLook = 1.0;
constexpr int kTriesToStart = 2;

Error stopped() { return {ErrorCode::kInterrupted, "stopped; finished captions are kept"}; }

WorkerLoss loss_from(const ProcessEnd& end) {
  if (!end.is_signal) return {"exited", "ended by itself with exit code " + std::to_string(end.number)};
  if (end.number == SIGKILL) {
    return {"killed", "was killed (signal 9), as the system does when memory runs out", ErrorCode::kResource};
  }
  const char* name = ::strsignal(end.number);
  return {"crashed",
          "crashed (signal " + std::to_string(end.number) + (name != nullptr ? std::string(", ") + name : "") + ")"};
}

}  // namespace

void WorkerLink::tell(const std::string& words) const {
  const std::string text = facts_.name + ": " + words;
  if (options_.on_event) return options_.on_event(text);
  log(LogLevel::kWarning, text);
}

void WorkerLink::lose(std::optional<WorkerLoss> known) {
  std::optional<ProcessEnd> end = known ? std::nullopt : process_->wait(kEndPatience);
  if (!known && !end) known = WorkerLoss{"broken", "closed its connection"};
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
std::optional<WorkerLink::Heard> WorkerLink::look(WorkerWords& words) {
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
    lose(WorkerLoss{"broken", "went wrong: " + said.error().message});
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
    lose(WorkerLoss{"hung", "hung: it " + verdict});
    return Heard::kLost;
  }
  return std::nullopt;
}

WorkerLink::Heard WorkerLink::listen(WorkerWords& words, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (const auto heard = look(words)) return *heard;
  }
  process_.reset();
  return Heard::kStopped;
}

bool WorkerLink::send(const WorkerTask& task, const std::stop_token& stop) {
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
    lose(WorkerLoss{"hung", "hung: it " + verdict});
  } else {
    lose();
  }
  return false;
}

Status WorkerLink::start_once(const std::stop_token& stop) {
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

Status WorkerLink::ensure(const std::stop_token& stop) {
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

}  // namespace cinescribe::pipeline
