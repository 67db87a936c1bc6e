#include <cstdio>
#include <memory>
#include <string>

#include "cinescribe_version.h"

#include "cinescribe/cli/byte_count.h"
#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/json_output.h"
#include "cinescribe/cli/machine_report.h"

namespace cinescribe::cli {

namespace {

using Json = nlohmann::ordered_json;

const char* device_kind_name(tensor::DeviceKind kind) {
  switch (kind) {
    case tensor::DeviceKind::kCpu:
      return "cpu";
    case tensor::DeviceKind::kGpu:
      return "gpu";
    case tensor::DeviceKind::kIntegratedGpu:
      return "integrated_gpu";
    case tensor::DeviceKind::kAccelerator:
      return "accelerator";
  }
  return "cpu";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

Json to_json(const MachineReport& report) {
  Json json = {{"schema_version", 1},
               {"version", kVersion},
               {"can_analyze", report.can_analyze()},
               {"cpu",
                {{"name", report.cpu.name},
                 {"cores", report.cpu.cores},
                 {"features", report.cpu.features},
                 {"kernels", report.cpu.kernels},
                 {"whisper", report.cpu.whisper}}},
               {"devices", Json::array()},
               {"ffmpeg",
                {{"version", report.ffmpeg.version},
                 {"licence", report.ffmpeg.licence},
                 {"decoders", report.ffmpeg.decoders},
                 {"missing_decoders", report.ffmpeg.missing_decoders},
                 {"hardware", report.ffmpeg.hardware}}},
               {"onnxruntime",
                {{"version", report.onnxruntime_version.empty() ? Json() : Json(report.onnxruntime_version)},
                 {"providers", report.onnxruntime_providers}}},
               {"llama_cpp", kLlamaVersion},
               {"ggml", kGgmlVersion},
               {"whisper_cpp", kWhisperVersion},
               {"cache",
                {{"path", report.cache_folder},
                 {"is_writable", report.is_cache_writable},
                 {"free_bytes", report.cache_free_bytes}}},
               {"models", Json::array()},
               {"tools", Json::array()},
               {"stages", Json::array()},
               {"problems", Json::array()}};
  for (const auto& device : report.devices) {
    json["devices"].push_back({{"kind", device_kind_name(device.kind)},
                               {"name", device.name},
                               {"description", device.description},
                               {"memory_free_bytes", device.memory_free_bytes},
                               {"memory_total_bytes", device.memory_total_bytes}});
  }
  for (const auto& model : report.models) {
    json["models"].push_back({{"name", model.name},
                              {"task", model.task},
                              {"is_default", model.is_default},
                              {"state", models::install_state_name(model.state)}});
  }
  for (const auto& tool : report.tools) {
    json["tools"].push_back({{"name", tool.name}, {"version", tool.version.empty() ? Json() : Json(tool.version)}});
  }
  for (const auto& stage : report.stages) {
    json["stages"].push_back({{"name", stage.name}, {"can_run", stage.can_run}, {"missing", stage.missing}});
  }
  for (const auto& problem : report.problems) {
    json["problems"].push_back(
        {{"what", problem.what}, {"remedy", problem.remedy}, {"stops_analyze", problem.stops_analyze}});
  }
  return json;
}

void print_line(const char* name, const std::string& words) { std::printf("%-14s%s\n", name, words.c_str()); }

void print_models(const MachineReport& report) {
  std::vector<std::string> installed;
  for (const auto& model : report.models) {
    if (model.state == models::InstallState::kInstalled) installed.push_back(model.name);
  }
  print_line("models", installed.empty() ? "none installed" : joined(installed));
}

void print_report(const MachineReport& report) {
  print_line("cinescribe", std::string(kVersion) + " (" + kCompiler + ", " + kBuildType + ")");
  print_line("cpu",
             report.cpu.name + ", " + std::to_string(report.cpu.cores) + " cores: " + joined(report.cpu.features));
  for (const auto& device : report.devices) {
    std::string words = device.name + ": " + device.description;
    if (device.kind == tensor::DeviceKind::kCpu && !report.cpu.kernels.empty()) {
      words += ", kernels '" + report.cpu.kernels + "'";
    }
    if (device.memory_total_bytes > 0) {
      words += ", " + format_byte_count(device.memory_free_bytes) + " of " +
               format_byte_count(device.memory_total_bytes) + " free";
    }
    print_line("device", words);
  }
  print_line("whisper", report.cpu.whisper);
  print_line("ffmpeg", report.ffmpeg.version + " (" + report.ffmpeg.licence + ")");
  print_line("  decoders", joined(report.ffmpeg.decoders));
  print_line("onnxruntime", report.onnxruntime_version.empty()
                                ? "not found"
                                : report.onnxruntime_version + " (" + joined(report.onnxruntime_providers) + ")");
  print_line("engines",
             std::string("llama.cpp ") + kLlamaVersion + ", ggml " + kGgmlVersion + ", whisper.cpp " + kWhisperVersion);
  print_line("cache", report.cache_folder + (report.is_cache_writable
                                                 ? ", " + format_byte_count(report.cache_free_bytes) + " free"
                                                 : ", cannot be written"));
  print_models(report);
  for (const auto& tool : report.tools) {
    print_line(tool.name.c_str(), tool.version.empty() ? "not found" : tool.version);
  }
  for (const auto& stage : report.stages) {
    print_line(stage.name.c_str(), stage.can_run ? "will run" : "will not run: lacks " + stage.missing);
  }
  for (const auto& problem : report.problems) {
    std::printf("\n%s: %s\n   to mend it: %s\n", problem.stops_analyze ? "problem" : "note", problem.what.c_str(),
                problem.remedy.c_str());
  }
  std::printf("\n%s\n", report.can_analyze() ? "analyze can run" : "analyze cannot run yet");
}

}  // namespace

Command add_doctor(CLI::App& root, const CommonOptions& common) {
  auto is_json = std::make_shared<bool>(false);
  CLI::App* app = root.add_subcommand("doctor", "Show what this machine can run, what is missing and how to get it");
  app->add_flag("--json", *is_json, "Write JSON to stdout");
  return {app, [is_json, &common]() -> Outcome {
            const MachineReport report = examine_machine(common.stop);
            if (*is_json) {
              print_json(to_json(report));
            } else {
              print_report(report);
            }
            return report.exit_code();
          }};
}

}  // namespace cinescribe::cli
