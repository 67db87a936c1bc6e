#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::pipeline {

/// One worker of a captioner: where it computes and with how many threads (0 = as many as cores).
struct DeviceShare {
  std::string device;
  int threads = 0;
};

/// Reads "cpu,cpu" or "cuda:0,cuda:1". Errors: kUsage (an empty name, more than 64).
Result<std::vector<std::string>> parse_devices(const std::string& text);

/// A worker per device, with `captioners` captioners at work at the same time: the threads (0 = as many as cores) are
/// divided among all workers, one each at least, because two that compute on the same cores only hinder each other.
std::vector<DeviceShare> share_devices(const std::vector<std::string>& devices, int threads, int captioners);

/// Whether models of these sizes fit together on each of the devices, with room to compute: a third more than their
/// files, and half a gigabyte for keys, values and pictures each. `free_bytes` tells what a device has.
bool fit_together(const std::vector<std::uint64_t>& model_bytes, const std::vector<std::string>& devices,
                  const std::function<std::uint64_t(const std::string&)>& free_bytes);

}  // namespace cinescribe::pipeline
