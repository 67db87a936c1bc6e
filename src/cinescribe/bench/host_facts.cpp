#include "cinescribe/bench/host_facts.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

#include <sys/utsname.h>

#include "cinescribe/bench/energy_meter.h"
#include "cinescribe/bench/gpu_meter.h"

namespace cinescribe::bench {

namespace {

std::string random_name() {
  std::random_device random;
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%08x%08x", random(), random());
  return text.data();
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

std::uint64_t memory_bytes() {
  std::ifstream info("/proc/meminfo");
  std::string word;
  std::uint64_t kib = 0;
  while (info >> word) {
    if (word == "MemTotal:" && info >> kib) return kib << 10;
  }
  return 0;
}

void add_processor(SessionRecord& session) {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || colon + 2 > line.size()) continue;
    const std::string key = line.substr(0, line.find_first_of("\t:"));
    if (key == "model name" && session.cpu.empty()) session.cpu = line.substr(colon + 2);
    if ((key != "flags" && key != "Features") || !session.cpu_features.empty()) continue;
    std::istringstream words(line.substr(colon + 1));
    for (std::string word; words >> word;) {
      const bool is_telling = word.rfind("avx", 0) == 0 || word.rfind("amx", 0) == 0 || word.rfind("sve", 0) == 0 ||
                              word == "fma" || word == "f16c" || word == "asimddp" || word == "i8mm" || word == "bf16";
      if (is_telling) session.cpu_features.push_back(word);
    }
  }
}

}  // namespace

void add_host_facts(SessionRecord& session) {
  session.session = random_name();
  session.started_at = utc_now();
  utsname system{};
  if (::uname(&system) == 0) {
    session.system = std::string(system.sysname) + " " + system.release + " " + system.machine;
  }
  add_processor(session);
  session.cores = static_cast<int>(std::thread::hardware_concurrency());
  session.memory_bytes = memory_bytes();
  const auto gpus = GpuMeter::open();
  if (gpus) session.gpu_driver = gpus->driver();
  const EnergyMeter energy(gpus.get());
  session.energy_source = energy.source();
  if (session.energy_source.empty()) session.no_energy_why = energy.why_not();
}

}  // namespace cinescribe::bench
