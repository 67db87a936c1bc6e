#include "cinescribe/cli/worker_flags.h"

#include <utility>

#include "cinescribe/language/free_memory.h"
#include "cinescribe/pipeline/device_plan.h"
#include "cinescribe/pipeline/own_process.h"

namespace cinescribe::cli {

namespace {

constexpr const char* kGroup = "Model";

}  // namespace

void WorkerFlags::add_to(CLI::App& app) {
  app.add_option("--devices", device_list_,
                 "Several devices, each with its own copy of the model: cuda:0,cuda:1 or cpu,cpu; default: --device")
      ->group(kGroup);
  app.add_option("--captioners-together", together_,
                 "Several --captioner at the same time; auto: when memory allows; off: one after the other")
      ->check(CLI::IsMember({"auto", "on", "off"}))
      ->capture_default_str()
      ->group(kGroup);
  app.add_flag("--in-process", is_in_process_,
               "Run models within this process instead of one of their own, where a crash ends everything")
      ->group(kGroup);
  app.add_option("--captioner-timeout", timeout_seconds_,
                 "Seconds that a model's process may get nowhere before another takes its place; 0 = adapts")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str()
      ->group(kGroup);
}

Status WorkerFlags::prepare(const captions::VlmOptions& model, bool may_be_synthetic) {
  model_ = model;
  may_be_synthetic_ = may_be_synthetic;
  devices_ = {model.device};
  if (device_list_.empty()) return {};
  CINESCRIBE_ASSIGN(devices_, pipeline::parse_devices(device_list_));
  return {};
}

bool WorkerFlags::is_together(const std::vector<std::uint64_t>& model_bytes) const {
  if (model_bytes.size() < 2 || together_ == "off") return false;
  return together_ == "on" || pipeline::fit_together(model_bytes, devices_, language::free_memory_bytes);
}

Result<std::vector<pipeline::CaptionWorker>> WorkerFlags::workers_of(const std::string& name,
                                                                     const pipeline::ChosenCaptioner& captioner,
                                                                     int captioners, Progress& progress) const {
  std::vector<pipeline::CaptionWorker> workers;
  if (!pipeline::suits_own_process(name)) {
    workers.push_back({"", captioner.source});
    return workers;
  }
  pipeline::WorkerOptions process;
  process.timeout_seconds = timeout_seconds_;
  process.on_event = [&progress](const std::string& words) { progress.message("warning: " + words, true); };
  for (const pipeline::DeviceShare& share : pipeline::share_devices(devices_, model_.threads, captioners)) {
    captions::VlmOptions options = model_;
    options.device = share.device;
    options.threads = share.threads;
    CINESCRIBE_ASSIGN(const auto own, pipeline::choose_captioner(name, options, may_be_synthetic_));
    workers.push_back(
        {share.device, is_in_process_
                           ? own.source
                           : pipeline::in_own_process(own.source, {name, options, may_be_synthetic_, {}}, process)});
  }
  return workers;
}

}  // namespace cinescribe::cli
