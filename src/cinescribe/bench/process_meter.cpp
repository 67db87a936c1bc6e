#include "cinescribe/bench/process_meter.h"

#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include <sys/resource.h>
#include <unistd.h>

namespace cinescribe::bench {

namespace {

namespace fs = std::filesystem;

double ticks_per_second() { return static_cast<double>(::sysconf(_SC_CLK_TCK)); }

std::string first_line(const fs::path& path) {
  std::ifstream stream(path);
  std::string line;
  std::getline(stream, line);
  return line;
}

/// The numbers in the names of a folder's entries.
std::vector<int> numbered_entries(const fs::path& folder) {
  std::vector<int> numbers;
  std::error_code code;
  for (auto entry = fs::directory_iterator(folder, code); !code && entry != fs::directory_iterator();
       entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    int number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && end == name.data() + name.size()) numbers.push_back(number);
  }
  return numbers;
}

struct ProcessStat {
  double cpu_seconds = 0.0;  ///< Its own, and of its dead children.
};

std::optional<ProcessStat> read_stat(int pid) {
  const std::string line = first_line("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t name_end = line.rfind(')');  // the name before it may hold anything
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream words(line.substr(name_end + 1));
  ProcessStat stat;
  std::string word;
  for (int skipped = 0; skipped < 11; ++skipped) words >> word;
  double ticks = 0.0;
  for (int i = 0; i < 4; ++i) {  // utime, stime, cutime, cstime
    double value = 0.0;
    words >> value;
    ticks += value;
  }
  if (!words) return std::nullopt;
  stat.cpu_seconds = ticks / ticks_per_second();
  return stat;
}

/// The processes that `pid` started and that live; nothing where this kernel does not list them.
std::optional<std::vector<int>> children_of(int pid) {
  const fs::path tasks = "/proc/" + std::to_string(pid) + "/task";
  std::vector<int> children;
  for (const int thread : numbered_entries(tasks)) {
    std::ifstream list(tasks / std::to_string(thread) / "children");
    if (!list && thread == pid) return std::nullopt;
    for (int child = 0; list >> child;) children.push_back(child);
  }
  return children;
}

/// All processes below this one, oldest first.
std::map<int, ProcessStat> descendants() {
  std::map<int, ProcessStat> below;
  std::vector<int> open = {::getpid()};
  while (!open.empty()) {
    const auto children = children_of(open.back());
    open.pop_back();
    if (!children) continue;
    for (const int child : *children) {
      const auto stat = read_stat(child);
      if (stat && below.emplace(child, *stat).second) open.push_back(child);
    }
  }
  return below;
}

ProcessUse read_memory(const std::string& name, const std::string& pid) {
  ProcessUse use{name, 0, 0};
  std::ifstream status("/proc/" + pid + "/status");
  for (std::string line; std::getline(status, line);) {
    std::istringstream words(line);
    std::string key;
    std::uint64_t kib = 0;
    if (!(words >> key >> kib)) continue;
    if (key == "VmRSS:") use.resident_bytes = kib << 10;
    if (key == "VmHWM:") use.peak_bytes = kib << 10;
  }
  return use;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double own_cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  rusage children{};
  ::getrusage(RUSAGE_CHILDREN, &children);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9 + seconds(children.ru_utime) +
         seconds(children.ru_stime);
}

double machine_cpu_seconds() {
  std::istringstream words(first_line("/proc/stat"));
  std::string key;
  double user = 0.0;
  double nice = 0.0;
  double system = 0.0;
  double idle = 0.0;
  double wait = 0.0;
  double irq = 0.0;
  double soft_irq = 0.0;
  double stolen = 0.0;
  if (!(words >> key >> user >> nice >> system >> idle >> wait >> irq >> soft_irq >> stolen)) return 0.0;
  return (user + nice + system + irq + soft_irq + stolen) / ticks_per_second();
}

/// Nanoseconds on a processor where the kernel counts them, else its clock ticks.
std::optional<double> thread_cpu_seconds(int thread) {
  const fs::path folder = "/proc/self/task/" + std::to_string(thread);
  std::ifstream counted(folder / "schedstat");
  double ns = 0.0;
  if (counted >> ns) return ns / 1e9;
  const std::string line = first_line(folder / "stat");
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream words(line.substr(name_end + 1));
  std::string word;
  for (int skipped = 0; skipped < 11; ++skipped) words >> word;
  double user = 0.0;
  double system = 0.0;
  if (!(words >> user >> system)) return std::nullopt;
  return (user + system) / ticks_per_second();
}

}  // namespace

MachineUse ProcessMeter::read() {
  MachineUse use;
  use.machine_cpu_seconds = machine_cpu_seconds();
  use.cpu_seconds = own_cpu_seconds();
  use.processes.push_back(read_memory("cinescribe", "self"));
  for (const auto& [pid, stat] : descendants()) {
    std::string& name = names_[pid];
    if (name.empty()) name = "worker " + std::to_string(names_.size());
    use.cpu_seconds += stat.cpu_seconds;
    use.processes.push_back(read_memory(name, std::to_string(pid)));
  }
  return use;
}

bool reset_peak_memory() {
  std::ofstream file("/proc/self/clear_refs");
  file << "5\n";
  file.flush();
  return file.good();
}

void ThreadMeter::read() {
  std::map<int, double> now;
  for (const int thread : numbered_entries("/proc/self/task")) {
    const std::optional<double> cpu = thread_cpu_seconds(thread);
    if (!cpu) continue;  // it ended meanwhile
    now[thread] = *cpu;
    const auto before = last_.find(thread);
    double since = before == last_.end() ? *cpu : *cpu - before->second;
    if (since < 0.0) since = *cpu;  // another thread under an old number
    if (since > 0.0 && has_begun_) {
      cpu_seconds_[first_line("/proc/self/task/" + std::to_string(thread) + "/comm")] += since;
    }
  }
  last_ = std::move(now);
  has_begun_ = true;
}

}  // namespace cinescribe::bench
