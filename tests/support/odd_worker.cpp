// A captioner's process for tests of its supervision: it speaks as pipeline/caption_worker.cpp does, computes nothing,
// and goes wrong in the way that the name of the captioner asks for.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

#include "cinescribe/core/pulse.h"
#include "cinescribe/pipeline/wire.h"
#include "cinescribe/pipeline/worker_messages.h"

namespace {

using namespace cinescribe;
using pipeline::WorkerSays;
using pipeline::WorkerTold;

class OddWorker {
 public:
  explicit OddWorker(int fd) : fd_(fd), wire_(fd, limits()) {}

  int work() {
    pipeline::WorkerWords hello;
    hello.protocol = pipeline::kWorkerProtocol;
    say(hello);
    while (std::optional<pipeline::WorkerTask> task = hear()) {
      if (task->told == WorkerTold::kLoad) load(task->order);
      if (task->told == WorkerTold::kRun) run();
      if (task->told == WorkerTold::kForecast) {
        if (is("forecast-crash")) std::abort();
        pipeline::WorkerWords words;
        words.says = WorkerSays::kForecast;
        words.forecast.emplace().prompt_tokens = static_cast<int>(task->scene.frames.size());
        say(words);
      }
    }
    return 0;
  }

 private:
  static pipeline::WireLimits limits() {
    pipeline::WireLimits limits;
    limits.bytes = 1 << 26;
    return limits;
  }
  /// The name of the captioner is "HOW" or "HOW:WHERE".
  [[nodiscard]] bool is(const std::string& how) const { return how_.substr(0, how_.find(':')) == how; }
  [[nodiscard]] std::string where() const { return how_.substr(how_.find(':') + 1); }
  void say(const pipeline::WorkerWords& words) { (void)wire_.send(worker_says(words)); }
  void say_raw(const std::string& bytes) const { (void)::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  void say_alive() {
    pipeline::WorkerWords words;
    words.says = WorkerSays::kAlive;
    words.steps = steps_done();
    say(words);
  }

  std::optional<pipeline::WorkerTask> hear() {
    pipeline::WireMessage message;
    if (wire_.receive(message) != pipeline::Wire::State::kMessage) return std::nullopt;
    auto task = parse_worker_task(message);
    if (!task.ok()) return std::nullopt;
    return *std::move(task);
  }

  void refuse(const Error& error) {
    pipeline::WorkerWords words;
    words.says = WorkerSays::kEnded;
    words.status = error;
    say(words);
  }

  void load(const pipeline::WorkerOrder& order) {
    how_ = order.name;
    if (is("exits")) std::exit(7);
    if (is("crashes-loading")) std::abort();
    if (is("loses-device") && ::access(where().c_str(), F_OK) == 0) {
      return refuse({ErrorCode::kResource, "there is no device cuda:0"});
    }
    if (is("silent")) std::this_thread::sleep_for(std::chrono::hours(1));
    if (is("refuses")) return refuse({ErrorCode::kModel, "there is no such model"});
    if (is("noisy")) {
      for (int i = 0; i < 20000; ++i) std::printf("a library prints what nobody asked for, line %d\n", i);
      std::fflush(stdout);
    }
    pipeline::WorkerWords words;
    words.says = WorkerSays::kLoaded;
    words.facts.name = "odd";
    words.facts.checksum = order.checksum;
    say(words);
  }

  std::optional<captions::CaptionRequest> next() {
    pipeline::WorkerWords words;
    words.says = WorkerSays::kNext;
    say(words);
    auto task = hear();
    if (!task || task->told != WorkerTold::kScene) return std::nullopt;
    return std::move(task->scene);
  }

  /// As a captioner does: pulls three, then describes them.
  void run() {
    for (bool has_more = true; has_more;) {
      std::vector<captions::CaptionRequest> taken;
      while (taken.size() < 3) {
        auto request = next();
        has_more = request.has_value();
        if (!has_more) break;
        taken.push_back(*std::move(request));
      }
      for (const captions::CaptionRequest& scene : taken) describe(scene);
    }
    pipeline::WorkerWords words;
    words.says = WorkerSays::kEnded;
    if (is("fails-run")) words.status = Error{ErrorCode::kResource, "no memory for keys and values"};
    say(words);
  }

  void go_wrong(const captions::CaptionRequest& scene) {
    if (is("killed")) std::raise(SIGKILL);
    if (is("crashes")) {
      std::fputs("GGML_ASSERT(rows == 3) failed\n", stderr);
      std::abort();
    }
    if (is("stuck")) {
      while (true) {  // lives, but gets nowhere
        say_alive();
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
      }
    }
    if (is("mute")) std::this_thread::sleep_for(std::chrono::hours(1));
    if (is("garbage")) say_raw("GET / HTTP/1.1\r\nHost: here\r\n\r\n and so on and on and on\n");
    if (is("torn")) {
      say_raw("500 0\n{\"type\":\"do");
      std::exit(0);
    }
    if (is("boasts")) say_raw("99999999999999 0\n{}\n");
    if (is("no-json")) say_raw("9 0\nno object\n");
    if (is("stranger")) {
      pipeline::WorkerWords words;
      words.says = WorkerSays::kDone;
      words.outcome = {scene.id + 1000, captions::Caption()};
      say(words);
    }
    if (is("once")) {  // the file WHERE tells whether it has happened
      if (::access(where().c_str(), F_OK) == 0) return;
      std::ofstream(where()) << "done";
      std::signal(SIGSEGV, SIG_DFL);  // a sanitizer's handler would make an exit of it
      std::raise(SIGSEGV);
    }
    if (is("loses-device") &&
        scene.id == 3) {  // as ggml does; from now on the file WHERE is there and the device is not
      std::ofstream(where()) << "lost";
      std::fputs("CUDA error: unspecified launch failure\n", stderr);
      std::abort();
    }
    if (is("slow")) {  // longer than any time-out of the tests, but step by step
      for (int i = 0; i < 20; ++i) {
        count_step();
        say_alive();
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
    }
  }

  void describe(const captions::CaptionRequest& scene) {
    const bool is_here =
        is("once") || is("loses-device") || is("slow") || where() == "all" || where() == std::to_string(scene.id);
    if (is_here) go_wrong(scene);
    pipeline::WorkerWords words;
    words.says = WorkerSays::kDone;
    captions::Caption caption;
    caption.text = scene.prompt + " " + std::to_string(scene.id);
    caption.frames_used = static_cast<int>(scene.frames.size());
    for (const Image& frame : scene.frames) caption.prompt_tokens += frame.pixels.empty() ? 0 : frame.pixels.back();
    words.outcome = {scene.id, std::move(caption)};
    if (is("declines") && is_here) words.outcome.caption = Error{ErrorCode::kInput, "cannot be seen"};
    say(words);
  }

  const int fd_;
  pipeline::Wire wire_;
  std::string how_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 || std::string(argv[1]) != "caption-worker") return 2;
  return OddWorker(std::atoi(argv[2])).work();
}
