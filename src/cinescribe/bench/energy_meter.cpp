#include "cinescribe/bench/energy_meter.h"

#include <algorithm>
#include <fstream>
#include <system_error>

#include "cinescribe/bench/gpu_meter.h"

namespace cinescribe::bench {

namespace {

namespace fs = std::filesystem;

std::optional<std::uint64_t> number_in(const fs::path& path) {
  std::ifstream stream(path);
  std::uint64_t value = 0;
  if (stream >> value) return value;
  return std::nullopt;
}

std::string word_in(const fs::path& path) {
  std::ifstream stream(path);
  std::string word;
  stream >> word;
  return word;
}

}  // namespace

EnergyMeter::EnergyMeter(GpuMeter* gpus, const fs::path& powercap) : gpus_(gpus) {
  bool is_closed = false;
  std::error_code code;
  for (auto entry = fs::directory_iterator(powercap, code); !code && entry != fs::directory_iterator();
       entry.increment(code)) {
    // Packages alone: the domains inside them are parts of their sum, and so are the same packages seen over MMIO.
    const bool is_package = entry->path().filename().string().rfind("intel-rapl:", 0) == 0 &&
                            word_in(entry->path() / "name").rfind("package", 0) == 0;
    if (!is_package) continue;
    const auto start = number_in(entry->path() / "energy_uj");
    const auto range = number_in(entry->path() / "max_energy_range_uj");
    if (start && range) {
      counters_.push_back({entry->path() / "energy_uj", *range, *start});
    } else {
      is_closed = true;
    }
  }
  if (gpus_ != nullptr) gpu_start_ = gpus_->joules();
  if (counters_.empty()) {
    why_not_ = is_closed ? "the counters in " + powercap.string() + " may not be read by this user"
                         : "this machine shows no RAPL counters in " + powercap.string();
  }
}

std::string EnergyMeter::source() const {
  std::string source = counters_.empty() ? "" : "rapl";
  if (gpu_start_) source += source.empty() ? "nvml" : "+nvml";
  return source;
}

std::optional<double> EnergyMeter::joules() {
  for (Counter& counter : counters_) {
    const auto now = number_in(counter.file);
    if (!now) continue;
    const std::uint64_t used =
        *now >= counter.last ? *now - counter.last : *now + (counter.range - std::min(counter.range, counter.last));
    rapl_joules_ += static_cast<double>(used) / 1e6;
    counter.last = *now;
  }
  double sum = rapl_joules_;
  if (gpu_start_) {
    if (const auto now = gpus_->joules()) sum += *now - *gpu_start_;
  }
  if (counters_.empty() && !gpu_start_) return std::nullopt;
  return sum;
}

}  // namespace cinescribe::bench
