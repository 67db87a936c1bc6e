#include "cinescribe/models/process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cinescribe/core/spawn_handles.h"

namespace cinescribe::models {

namespace {

constexpr std::size_t kMostKept = 64U << 10U;
constexpr int kTickMs = 100;
constexpr std::chrono::seconds kPatience{2};

class Pipe {
 public:
  [[nodiscard]] bool open() { return ::pipe2(ends_.data(), O_CLOEXEC) == 0; }
  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  [[nodiscard]] int read_end() const { return ends_[0]; }
  [[nodiscard]] int write_end() const { return ends_[1]; }
  void close_end(std::size_t which) {
    if (ends_.at(which) >= 0) ::close(std::exchange(ends_.at(which), -1));
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

std::vector<std::string> make_environment(const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    const bool is_replaced =
        std::any_of(added.begin(), added.end(), [name](const auto& pair) { return pair.first == name; });
    if (!is_replaced) all.emplace_back(text);
  }
  for (const auto& [name, value] : added) all.emplace_back(name).append("=").append(value);
  return all;
}

std::vector<char*> as_pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

Result<pid_t> spawn(const ProcessRequest& request, const Pipe& out, const Pipe& err) {
  SpawnActions actions;
  posix_spawn_file_actions_adddup2(&actions.value, out.write_end(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions.value, err.write_end(), STDERR_FILENO);
  if (!request.folder.empty()) posix_spawn_file_actions_addchdir_np(&actions.value, request.folder.c_str());
  SpawnAttributes attributes;
  std::vector<std::string> arguments = request.arguments;
  std::vector<std::string> environment = make_environment(request.environment);
  pid_t pid = 0;
  const int code = posix_spawnp(&pid, arguments.front().c_str(), &actions.value, &attributes.value,
                                as_pointers(arguments).data(), as_pointers(environment).data());
  if (code != 0) {
    return Error{ErrorCode::kResource,
                 "cannot start '" + request.arguments.front() + "': " + std::generic_category().message(code)};
  }
  return pid;
}

void keep_first(std::string& kept, std::string_view bytes) {
  kept.append(bytes.substr(0, kMostKept - std::min(kMostKept, kept.size())));
}

void keep_last(std::string& kept, std::string_view bytes) {
  kept.append(bytes);
  if (kept.size() > kMostKept) kept.erase(0, kept.size() - kMostKept);
}

/// Reads what is there; false at the end of the stream.
template <typename Keep>
bool drain(Pipe& pipe, std::string& kept, Keep keep) {
  std::array<char, 4096> block{};
  const ssize_t count = ::read(pipe.read_end(), block.data(), block.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  if (count == 0) return false;
  keep(kept, std::string_view(block.data(), static_cast<std::size_t>(count)));
  return true;
}

void read_until_closed(const ProcessRequest& request, Pipe& out, Pipe& err, ProcessResult& result,
                       const std::stop_token& stop) {
  std::array<pollfd, 2> polled{pollfd{out.read_end(), POLLIN, 0}, pollfd{err.read_end(), POLLIN, 0}};
  while ((polled[0].fd >= 0 || polled[1].fd >= 0) && !stop.stop_requested()) {
    ::poll(polled.data(), polled.size(), kTickMs);
    if (polled[0].revents != 0 && !drain(out, result.output, keep_first)) polled[0].fd = -1;
    if (polled[1].revents != 0 && !drain(err, result.error_output, keep_last)) polled[1].fd = -1;
    polled[0].revents = polled[1].revents = 0;
    if (request.on_tick) request.on_tick();
  }
}

/// Waits for the end of the process; after a stop request it is asked, then made, to end.
int wait_for_end(pid_t pid, const ProcessRequest& request, const std::stop_token& stop) {
  const auto wait_once = [pid](int flags, int& status) {
    pid_t ended = 0;
    do {
      ended = ::waitpid(pid, &status, flags);
    } while (ended < 0 && errno == EINTR);
    return ended;
  };
  int status = 0;
  std::chrono::steady_clock::time_point asked{};
  bool is_asked = false;
  while (wait_once(WNOHANG, status) == 0) {
    if (stop.stop_requested() && !is_asked) {
      ::kill(-pid, SIGTERM);
      is_asked = true;
      asked = std::chrono::steady_clock::now();
    } else if (is_asked && std::chrono::steady_clock::now() - asked > kPatience) {
      ::kill(-pid, SIGKILL);
      wait_once(0, status);
      return status;
    }
    if (request.on_tick) request.on_tick();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  if (is_asked) ::kill(-pid, SIGKILL);  // what it may have left behind in its group
  return status;
}

}  // namespace

Result<ProcessResult> run_process(const ProcessRequest& request, const std::stop_token& stop) {
  Pipe out;
  Pipe err;
  if (!out.open() || !err.open()) {
    return Error{ErrorCode::kResource, "cannot start '" + request.arguments.front() + "': no free file descriptors"};
  }
  CINESCRIBE_ASSIGN(const pid_t pid, spawn(request, out, err));
  out.close_end(1);
  err.close_end(1);
  ProcessResult result;
  read_until_closed(request, out, err, result, stop);
  const int status = wait_for_end(pid, request, stop);
  if (stop.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped '" + request.arguments.front() + "'"};
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0 ? name : "";
  const char* search = std::getenv("PATH");
  std::string_view rest = search == nullptr ? "/usr/bin:/bin" : search;
  while (true) {
    const std::size_t colon = rest.find(':');
    std::string candidate = std::string(rest.substr(0, colon)) + "/" + name;
    std::error_code code;
    if (::access(candidate.c_str(), X_OK) == 0 && std::filesystem::is_regular_file(candidate, code)) return candidate;
    if (colon == std::string_view::npos) return "";
    rest.remove_prefix(colon + 1);
  }
}

}  // namespace cinescribe::models
