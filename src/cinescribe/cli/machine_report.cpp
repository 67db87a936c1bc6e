#include "cinescribe/cli/machine_report.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string_view>
#include <thread>

#include "cinescribe/cli/exit_code.h"
#include "cinescribe/media/av_build.h"
#include "cinescribe/models/cache.h"
#include "cinescribe/models/catalogue.h"
#include "cinescribe/models/model_store.h"
#include "cinescribe/models/package_client.h"
#include "cinescribe/models/process.h"
#include "cinescribe/ort/session.h"
#include "cinescribe/speech/whisper_engine.h"

namespace cinescribe::cli {

namespace {

constexpr std::array<std::string_view, 18> kTellingFeatures = {
    "sse4_2",   "avx",         "avx2",     "fma",   "f16c",    "bmi2", "avx512f", "avx512bw", "avx512_vnni",
    "avx_vnni", "avx512_bf16", "amx_int8", "asimd", "asimddp", "i8mm", "bf16",    "sve",      "sve2"};
/// What people's videos are made of.
constexpr std::array<std::string_view, 14> kCommonCodecs = {
    "h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "mpeg2video", "mjpeg", "prores", "aac", "opus", "mp3", "ac3", "flac"};
constexpr std::uint64_t kLittleSpace = 500'000'000;

CpuFacts examine_cpu() {
  CpuFacts cpu;
  cpu.cores = std::thread::hardware_concurrency();
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || colon + 2 > line.size()) continue;
    const std::string_view key = std::string_view(line).substr(0, line.find_first_of("\t:"));
    if (key == "model name" && cpu.name.empty()) cpu.name = line.substr(colon + 2);
    if ((key != "flags" && key != "Features") || !cpu.features.empty()) continue;
    std::istringstream words(line.substr(colon + 1));
    for (std::string word; words >> word;) {
      if (std::find(kTellingFeatures.begin(), kTellingFeatures.end(), word) != kTellingFeatures.end()) {
        cpu.features.push_back(word);
      }
    }
  }
  return cpu;
}

void examine_engines(MachineReport& report) {
  if (const Status status = tensor::load_backends(); !status.ok()) {
    report.problems.push_back(
        {status.error().message, "build again, or install the package again", true, exit_code(ErrorCode::kResource)});
  }
  report.devices = tensor::devices();
  report.cpu.kernels = tensor::cpu_variant();
  report.cpu.whisper = speech::whisper_on_this_processor();
  const auto version = ort::runtime_version();
  if (version.ok()) {
    report.onnxruntime_version = *version;
    if (auto providers = ort::runtime_providers(); providers.ok()) report.onnxruntime_providers = *std::move(providers);
  } else {
    report.problems.push_back({version.error().message,
                               "build again (it fetches ONNX Runtime), or set "
                               "CINESCRIBE_ONNXRUNTIME to libonnxruntime.so",
                               true, exit_code(version.error().code)});
  }
}

void examine_ffmpeg(MachineReport& report) {
  const media::AvBuild build = media::av_build();
  report.ffmpeg = {build.version, build.licence, {}, {}, build.hardware_types};
  for (const std::string_view codec : kCommonCodecs) {
    auto& list = media::has_decoder(codec) ? report.ffmpeg.decoders : report.ffmpeg.missing_decoders;
    list.emplace_back(codec);
  }
  for (const std::string& codec : report.ffmpeg.missing_decoders) {
    report.problems.push_back({"this FFmpeg cannot decode " + codec, "use an FFmpeg built with it", false, 0});
  }
}

void examine_cache(MachineReport& report) {
  report.cache_folder = models::cache_folder().string();
  const Status status = models::check_cache_is_writable();
  report.is_cache_writable = status.ok();
  if (!status.ok()) {
    report.problems.push_back({status.error().message, "export CINESCRIBE_CACHE=/some/folder/of/yours", true,
                               exit_code(status.error().code)});
    return;
  }
  std::error_code code;
  const auto space = std::filesystem::space(report.cache_folder, code);
  report.cache_free_bytes = code ? 0 : space.available;
  if (!code && space.available < kLittleSpace) {
    report.problems.push_back({"the disk of the cache folder " + report.cache_folder + " is nearly full",
                               "free some space, or export CINESCRIBE_CACHE=/a/folder/on/a/larger/disk", false, 0});
  }
}

void examine_models(MachineReport& report) {
  const auto catalogue = models::Catalogue::load();
  if (!catalogue.ok()) {
    report.problems.push_back(
        {catalogue.error().message, "mend or remove that file", true, exit_code(catalogue.error().code)});
    return;
  }
  std::string missing;
  std::map<std::string, bool> has_ranked;  // of each task of whose models any will do
  for (const auto& entry : catalogue->entries()) {
    const models::InstallState state = models::install_state(entry);
    if (entry.default_rank > 0) {
      bool& has_one = has_ranked[entry.task];
      has_one = has_one || state == models::InstallState::kInstalled;
    }
    report.models.push_back({entry.name, entry.task, entry.is_default, state});
    if (state == models::InstallState::kDamaged) {
      report.problems.push_back({"the model '" + entry.name + "' is damaged", "cinescribe models pull " + entry.name,
                                 entry.is_default, exit_code(ErrorCode::kModel)});
    }
    if (entry.is_default && state == models::InstallState::kAbsent)
      missing += (missing.empty() ? "" : ", ") + entry.name;
  }
  for (const auto& [task, has_one] : has_ranked) {
    if (!has_one) missing += (missing.empty() ? "one for " : ", one for ") + task;
  }
  if (!missing.empty()) {
    report.problems.push_back({"default models are not installed: " + missing, "cinescribe models pull --default", true,
                               exit_code(ErrorCode::kModel)});
  }
}

std::string first_line_of(std::vector<std::string> arguments, const std::stop_token& stop) {
  if (models::find_program(arguments.front()).empty()) return "";
  models::ProcessRequest request;
  request.arguments = std::move(arguments);
  const auto result = models::run_process(request, stop);
  if (!result.ok() || result->exit_code != 0) return "";
  return result->output.substr(0, result->output.find('\n'));
}

void examine_tools(MachineReport& report, const std::stop_token& stop) {
  std::string pip = first_line_of({models::python_program(), "-m", "pip", "--version"}, stop);
  pip = pip.substr(0, pip.find(" from "));
  report.tools.push_back({"pip", pip, "fetches models from Python packages", "apt install python3-pip"});
  report.tools.push_back(
      {"npm", first_line_of({"npm", "--version"}, stop), "fetches models from npm packages", "apt install npm"});
  for (const ToolFacts& tool : report.tools) {
    if (tool.version.empty()) {
      report.problems.push_back({tool.name + " is not there (it " + tool.purpose + ")", tool.remedy, false, 0});
    }
  }
}

bool has_model(const MachineReport& report, std::string_view task) {
  return std::any_of(report.models.begin(), report.models.end(), [task](const ModelFacts& model) {
    return model.task == task && model.state == models::InstallState::kInstalled;
  });
}

void judge_stages(MachineReport& report) {
  const auto add = [&report](const char* name, std::initializer_list<std::string_view> tasks, bool needs_ort,
                             bool needs_ggml) {
    StageFacts stage{name, true, ""};
    const auto lacks = [&stage](const std::string& what) {
      stage.can_run = false;
      stage.missing += (stage.missing.empty() ? "" : ", ") + what;
    };
    for (const std::string_view task : tasks) {
      if (!has_model(report, task)) lacks("a model for " + std::string(task));
    }
    if (needs_ort && report.onnxruntime_version.empty()) lacks("ONNX Runtime");
    if (needs_ggml && report.devices.empty()) lacks("ggml's kernels");
    report.stages.push_back(std::move(stage));
  };
  add("scenes", {}, false, false);
  add("speech", {"speech", "voice-activity"}, true, true);
  add("sounds", {"sound-tags"}, true, false);
  add("objects", {"objects"}, true, false);
}

}  // namespace

bool MachineReport::can_analyze() const { return exit_code() == 0; }

int MachineReport::exit_code() const {
  const auto first =
      std::find_if(problems.begin(), problems.end(), [](const Problem& problem) { return problem.stops_analyze; });
  return first == problems.end() ? 0 : first->exit_code;
}

MachineReport examine_machine(const std::stop_token& stop) {
  MachineReport report;
  report.cpu = examine_cpu();
  examine_engines(report);
  examine_ffmpeg(report);
  examine_cache(report);
  examine_models(report);
  examine_tools(report, stop);
  judge_stages(report);
  return report;
}

}  // namespace cinescribe::cli
