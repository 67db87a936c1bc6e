#include "cinescribe/pipeline/device_plan.h"

#include <algorithm>
#include <map>
#include <thread>

namespace cinescribe::pipeline {

namespace {

constexpr std::size_t kMostDevices = 64;
constexpr std::uint64_t kWorkBytes = std::uint64_t{512} << 20;

}  // namespace

Result<std::vector<std::string>> parse_devices(const std::string& text) {
  std::vector<std::string> devices;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    devices.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  const bool has_empty = std::any_of(devices.begin(), devices.end(), [](const auto& name) { return name.empty(); });
  if (has_empty || devices.size() > kMostDevices) {
    return Error{ErrorCode::kUsage, "--devices takes up to " + std::to_string(kMostDevices) +
                                        " names separated by commas, such as cuda:0,cuda:1 or cpu,cpu, not '" + text +
                                        "'"};
  }
  return devices;
}

std::vector<DeviceShare> share_devices(const std::vector<std::string>& devices, int threads, int captioners) {
  const int workers = std::max(1, static_cast<int>(devices.size()) * std::max(1, captioners));
  const int cores = threads > 0 ? threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int share = workers == 1 ? threads : std::max(1, cores / workers);
  std::vector<DeviceShare> shares;
  for (const std::string& device : devices) shares.push_back({device, share});
  return shares;
}

bool fit_together(const std::vector<std::uint64_t>& model_bytes, const std::vector<std::string>& devices,
                  const std::function<std::uint64_t(const std::string&)>& free_bytes) {
  std::uint64_t bytes = 0;
  for (const std::uint64_t model : model_bytes) bytes += model + model / 3 + kWorkBytes;
  std::map<std::string, std::uint64_t> needed;
  for (const std::string& device : devices) needed[device] += bytes;
  return std::all_of(needed.begin(), needed.end(),
                     [&](const auto& device) { return device.second <= free_bytes(device.first); });
}

}  // namespace cinescribe::pipeline
