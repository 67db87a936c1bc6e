#include "cinescribe/pipeline/worker_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <future>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cinescribe/core/spawn_handles.h"

namespace cinescribe::pipeline {

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr std::size_t kWordsKept = 4096;
constexpr std::size_t kLongestWords = 300;
constexpr milliseconds kPatience(2000);
/// Above what the child uses for itself, so that no step of its start overwrites what a later one needs.
constexpr int kFirstOwnFd = 10;

/// A descriptor that closes with its object and is not inherited.
class OwnFd {
 public:
  OwnFd() = default;
  explicit OwnFd(int fd) : fd_(fd) {}
  OwnFd(OwnFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OwnFd& operator=(OwnFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  OwnFd(const OwnFd&) = delete;
  OwnFd& operator=(const OwnFd&) = delete;
  ~OwnFd() { reset(); }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  void reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  /// The same file under a number that is out of the child's way.
  [[nodiscard]] bool move_up() {
    OwnFd moved(::fcntl(fd_, F_DUPFD_CLOEXEC, kFirstOwnFd));
    std::swap(fd_, moved.fd_);
    return fd_ >= 0;
  }

 private:
  int fd_ = -1;
};

/// Two connected ends: ours and the child's.
struct Ends {
  OwnFd ours;
  OwnFd theirs;
};

bool make_socket(Ends& ends) {
  std::array<int, 2> pair{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) return false;
  ends = {OwnFd(pair[0]), OwnFd(pair[1])};
  return ends.theirs.move_up();
}

bool make_pipe(Ends& ends) {
  std::array<int, 2> pair{-1, -1};
  if (::pipe2(pair.data(), O_CLOEXEC) != 0) return false;
  ends = {OwnFd(pair[0]), OwnFd(pair[1])};
  return ends.theirs.move_up();
}

/// What the child's start needs, made before the thread that starts it.
struct Launch {
  std::string program;
  std::vector<std::string> arguments;
  OwnFd wire;
  OwnFd words;
};

/// errno's value, 0 for success.
int spawn(const Launch& launch, pid_t& pid) {
  SpawnActions actions;
  posix_spawn_file_actions_adddup2(&actions.value, launch.words.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions.value, launch.words.get(), STDERR_FILENO);
  posix_spawn_file_actions_adddup2(&actions.value, launch.wire.get(), kWorkerFd);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
  posix_spawn_file_actions_addclosefrom_np(&actions.value, kWorkerFd + 1);
#endif
  SpawnAttributes attributes;
  std::vector<std::string> arguments = launch.arguments;
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  return ::posix_spawn(&pid, launch.program.c_str(), &actions.value, &attributes.value, pointers.data(), environ);
}

/// Blocks until the child has ended, without reaping it: until then its number is its own.
void await_end(pid_t pid) {
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
}

class KeptProcess final : public WorkerProcess {
 public:
  KeptProcess(OwnFd wire, const WireLimits& limits) : wire_(std::make_unique<Wire>(wire.release(), limits)) {}

  ~KeptProcess() override {
    wire_.reset();  // tells it to end
    if (!wait(kPatience)) kill();
  }

  /// The thread that starts the child stays until it has ended: the system takes a parent's death for the death of the
  /// thread that started the child.
  Status launch(Launch&& launch, OwnFd words) {
    std::promise<int> started;
    std::future<int> outcome = started.get_future();
    const std::string program = launch.program;
    keeper_ = std::jthread([this, launch = std::move(launch), words = std::move(words),
                            started = std::move(started)]() mutable { keep(std::move(launch), words, started); });
    const int code = outcome.get();
    if (code == 0) return {};
    return Error{ErrorCode::kResource, "cannot start '" + program + "': " + std::generic_category().message(code)};
  }

  Wire& wire() override { return *wire_; }
  [[nodiscard]] long pid() const override { return pid_; }

  void kill() override {
    const std::lock_guard lock(mutex_);
    if (!end_ && pid_ > 0) ::kill(pid_, SIGKILL);
  }

  std::optional<ProcessEnd> wait(milliseconds timeout) override {
    std::unique_lock lock(mutex_);
    has_ended_.wait_for(lock, timeout, [this] { return end_.has_value(); });
    return end_;
  }

  std::string last_words() override;

 private:
  void keep(Launch&& launch, OwnFd& words, std::promise<int>& started);
  void read_words(int fd);

  std::unique_ptr<Wire> wire_;
  std::mutex mutex_;
  std::condition_variable has_ended_;
  std::atomic<pid_t> pid_{0};
  std::optional<ProcessEnd> end_;
  std::string words_;
  std::jthread keeper_;  // last: it uses the others
};

void KeptProcess::keep(Launch&& launch, OwnFd& words, std::promise<int>& started) {
  pid_t pid = 0;
  const int code = spawn(launch, pid);
  {
    const std::lock_guard lock(mutex_);
    if (code != 0) end_ = ProcessEnd{};
    pid_ = pid;
  }
  launch.wire.reset();  // the child has its own
  launch.words.reset();
  started.set_value(code);
  if (code != 0) return;
  read_words(words.get());
  await_end(pid);
  const std::lock_guard lock(mutex_);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  end_ = WIFSIGNALED(status) ? ProcessEnd{true, WTERMSIG(status)} : ProcessEnd{false, WEXITSTATUS(status)};
  has_ended_.notify_all();
}

void KeptProcess::read_words(int fd) {
  std::array<char, 4096> block{};
  while (true) {
    const ssize_t count = ::read(fd, block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    const std::lock_guard lock(mutex_);
    words_.append(block.data(), static_cast<std::size_t>(count));
    if (words_.size() > kWordsKept) words_.erase(0, words_.size() - kWordsKept);
  }
}

std::string KeptProcess::last_words() {
  const std::lock_guard lock(mutex_);
  const std::size_t end = words_.find_last_not_of(" \t\r\n");
  if (end == std::string::npos) return {};
  const std::size_t before = words_.find_last_of('\n', end);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  std::string line = words_.substr(begin, std::min(kLongestWords, end - begin + 1));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return line;
}

}  // namespace

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::start(const fs::path& program,
                                                            const std::vector<std::string>& arguments) {
  Ends wire;
  Ends words;
  if (!make_socket(wire) || !make_pipe(words)) {
    return Error{ErrorCode::kResource, "cannot start '" + program.string() + "': no free file descriptors"};
  }
  auto process = std::make_unique<KeptProcess>(std::move(wire.ours), WireLimits{});
  Launch launch{program.string(), arguments, std::move(wire.theirs), std::move(words.theirs)};
  launch.arguments.insert(launch.arguments.begin(), program.filename().string());
  CINESCRIBE_TRY(process->launch(std::move(launch), std::move(words.ours)));
  return std::unique_ptr<WorkerProcess>(std::move(process));
}

}  // namespace cinescribe::pipeline
