#include "cinescribe/language/free_memory.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <limits>

#include "cinescribe/tensor/backends.h"

namespace cinescribe::language {

namespace {

constexpr std::uint64_t kUnknown = std::numeric_limits<std::uint64_t>::max();

std::uint64_t number_in(const char* path) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  return file >> value ? value : kUnknown;  // "max" is no number either
}

std::uint64_t available_to_the_system() {
  std::ifstream file("/proc/meminfo");
  std::string word;
  while (file >> word) {
    std::uint64_t kib = 0;
    if (word == "MemAvailable:" && file >> kib) return kib << 10;
  }
  return kUnknown;
}

/// Files that were read fill memory, too, but leave it when it is needed.
std::uint64_t files_in_control_group() {
  std::ifstream file("/sys/fs/cgroup/memory.stat");
  std::string word;
  std::uint64_t bytes = 0;
  std::uint64_t sum = 0;
  while (file >> word >> bytes) {
    if (word == "inactive_file" || word == "active_file") sum += bytes;
  }
  return sum;
}

std::uint64_t left_in_control_group() {
  const std::uint64_t limit = number_in("/sys/fs/cgroup/memory.max");
  const std::uint64_t charged = number_in("/sys/fs/cgroup/memory.current");
  if (limit == kUnknown || charged == kUnknown) return kUnknown;
  const std::uint64_t used = charged - std::min(charged, files_in_control_group());
  return limit > used ? limit - used : 0;
}

}  // namespace

std::uint64_t free_memory_bytes(const std::string& device) {
  for (const tensor::Device& each : tensor::devices()) {
    if (each.name == device && each.kind != tensor::DeviceKind::kCpu && each.memory_total_bytes > 0) {
      return each.memory_free_bytes;
    }
  }
  return std::min(available_to_the_system(), left_in_control_group());
}

std::string memory_text(std::uint64_t bytes) {
  char text[32];
  const double mib = static_cast<double>(bytes) / (1 << 20);
  if (mib < 1024.0) {
    std::snprintf(text, sizeof text, "%.0f MiB", mib);
  } else {
    std::snprintf(text, sizeof text, "%.1f GiB", mib / 1024.0);
  }
  return text;
}

}  // namespace cinescribe::language
