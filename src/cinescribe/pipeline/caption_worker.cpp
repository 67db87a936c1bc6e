#include "cinescribe/pipeline/caption_worker.h"

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <ctime>
#include <exception>
#include <fstream>
#include <mutex>
#include <new>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include <sys/prctl.h>
#include <unistd.h>

#include "cinescribe/core/bounded_queue.h"
#include "cinescribe/core/pulse.h"
#include "cinescribe/pipeline/chosen_captioner.h"
#include "cinescribe/pipeline/wire.h"
#include "cinescribe/pipeline/worker_messages.h"

namespace cinescribe::pipeline {

namespace {

constexpr std::chrono::milliseconds kReportInterval(250);
/// The main process never sends more than a scene that was asked for.
constexpr std::size_t kTasksWaiting = 16;
constexpr int kNoMessage = 3;

WireLimits limits() {
  WireLimits limits;
  limits.bytes = std::uint64_t{1} << 40;  // checked against the sizes of the pictures
  return limits;
}

double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

/// When memory runs out the system shall take this process, not the one that supervises it.
void offer_to_memory_killer() { std::ofstream("/proc/self/oom_score_adj") << "500"; }

class Service {
 public:
  explicit Service(int fd) : wire_(fd, limits()) {}

  int work() {
    set_log_sink([this](LogLevel level, std::string_view text) {
      WorkerWords words;
      words.says = WorkerSays::kLog;
      words.level = level;
      words.text = text;
      say(words);
    });
    WorkerWords hello;
    hello.protocol = kWorkerProtocol;
    say(hello);
    const std::jthread listener([this] { listen(); });
    const std::jthread reporter([this](const std::stop_token& stop) { report(stop); });
    while (std::optional<WorkerTask> task = tasks_.pop()) obey(*std::move(task));
    ::_exit(0);  // engines may be at work in threads of their own
  }

 private:
  void say(const WorkerWords& words) {
    // A main process that is gone is noticed by the listener.
    (void)wire_.send(worker_says(words));
  }
  void say_ended(Status status) {
    WorkerWords words;
    words.says = WorkerSays::kEnded;
    words.status = std::move(status);
    if (captioner_ != nullptr) words.work = captioner_->work_so_far();
    say(words);
  }
  [[noreturn]] void listen();
  void report(const std::stop_token& stop);
  void obey(WorkerTask&& task);
  Status load(const WorkerOrder& order);
  Status forecast(const WorkerTask& task);
  Status run();
  std::optional<captions::CaptionRequest> next_scene();

  Wire wire_;
  BoundedQueue<WorkerTask> tasks_{kTasksWaiting};
  std::optional<ChosenCaptioner> chosen_;
  captions::Captioner* captioner_ = nullptr;
};

/// Ends the process when the main one is gone or wants no more, whatever is being computed.
void Service::listen() {
  WireMessage message;
  while (wire_.receive(message) == Wire::State::kMessage) {
    Result<WorkerTask> task = parse_worker_task(message);
    if (!task.ok()) {
      say_ended(task.error());
      ::_exit(kNoMessage);
    }
    tasks_.push(*std::move(task));
  }
  ::_exit(0);
}

void Service::report(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    WorkerWords words;
    words.says = WorkerSays::kAlive;
    words.steps = steps_done();
    words.cpu_seconds = cpu_seconds();
    say(words);
    wake.wait_for(lock, stop, kReportInterval, [] { return false; });
  }
}

Status Service::load(const WorkerOrder& order) {
  CINESCRIBE_ASSIGN(chosen_, choose_captioner(order.name, order.options, order.may_be_synthetic));
  if (chosen_->source.facts.checksum != order.checksum) {
    return Error{ErrorCode::kModel, "the model '" + order.name + "' was exchanged meanwhile; run the command again"};
  }
  CINESCRIBE_ASSIGN(captioner_, chosen_->source.load({}));
  WorkerWords words;
  words.says = WorkerSays::kLoaded;
  words.facts = captioner_->facts();
  say(words);
  return {};
}

Status Service::forecast(const WorkerTask& task) {
  WorkerWords words;
  words.says = WorkerSays::kForecast;
  CINESCRIBE_ASSIGN(words.forecast, captioner_->forecast(task.scene, task.scenes, {}));
  say(words);
  return {};
}

std::optional<captions::CaptionRequest> Service::next_scene() {
  WorkerWords words;
  words.says = WorkerSays::kNext;
  say(words);
  std::optional<WorkerTask> task = tasks_.pop();
  if (!task || task->told != WorkerTold::kScene) return std::nullopt;
  return std::move(task->scene);
}

Status Service::run() {
  return captioner_->run([this] { return next_scene(); },
                         [this](captions::CaptionOutcome outcome) {
                           WorkerWords words;
                           words.says = WorkerSays::kDone;
                           words.outcome = std::move(outcome);
                           say(words);
                         },
                         {});
}

void Service::obey(WorkerTask&& task) {
  Status status;
  try {
    if (task.told == WorkerTold::kLoad) {
      status = load(task.order);
    } else if (captioner_ == nullptr) {
      status = Error{ErrorCode::kInternal, "a worker was asked for captions before it was told its model"};
    } else if (task.told == WorkerTold::kForecast) {
      status = forecast(task);
    } else {
      return say_ended(run());
    }
  } catch (const std::bad_alloc&) {
    status = Error{ErrorCode::kResource, "out of memory; use a smaller model, fewer frames or a smaller --batch"};
  } catch (const std::exception& error) {
    status = Error{ErrorCode::kInternal, std::string("the captioner failed: ") + error.what()};
  }
  if (!status.ok()) say_ended(std::move(status));
}

}  // namespace

int serve_captions(int fd, long parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) return 0;  // it died before that
  ::signal(SIGPIPE, SIG_IGN);           // of libraries; the wire raises none
  offer_to_memory_killer();
  return Service(fd).work();
}

}  // namespace cinescribe::pipeline
