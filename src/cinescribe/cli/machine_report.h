#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "cinescribe/models/installed_model.h"
#include "cinescribe/tensor/backends.h"

/// What `cinescribe doctor` looks at.
namespace cinescribe::cli {

struct CpuFacts {
  std::string name;
  unsigned cores = 0;
  std::vector<std::string> features;  ///< Those that matter for our kernels, e.g. "avx2".
  std::string kernels;                ///< The variant of ggml's CPU kernels that was chosen; "" = built in.
  std::string whisper;                ///< What computes Whisper here.
};

struct FfmpegFacts {
  std::string version;
  std::string licence;
  std::vector<std::string> decoders;
  std::vector<std::string> missing_decoders;
  std::vector<std::string> hardware;
};

struct ModelFacts {
  std::string name;
  std::string task;
  bool is_default = false;
  models::InstallState state = models::InstallState::kAbsent;
};

struct ToolFacts {
  std::string name;
  std::string version;  ///< "" = not there.
  std::string purpose;
  std::string remedy;
};

/// Something that keeps a part of the program from working.
struct Problem {
  std::string what;
  std::string remedy;          ///< A command or another advice.
  bool stops_analyze = false;  ///< Without this `analyze` cannot run with its default settings.
  int exit_code = 0;           ///< What the program would end with.
};

struct StageFacts {
  std::string name;
  bool can_run = false;
  std::string missing;  ///< What it lacks; empty if it can run.
};

struct MachineReport {
  CpuFacts cpu;
  std::vector<tensor::Device> devices;
  FfmpegFacts ffmpeg;
  std::string onnxruntime_version;  ///< "" = cannot be loaded.
  std::vector<std::string> onnxruntime_providers;
  std::string cache_folder;
  bool is_cache_writable = false;
  std::uint64_t cache_free_bytes = 0;
  std::vector<ModelFacts> models;
  std::vector<ToolFacts> tools;
  std::vector<StageFacts> stages;
  std::vector<Problem> problems;

  [[nodiscard]] bool can_analyze() const;
  /// 0, or that of the first problem that stops `analyze`.
  [[nodiscard]] int exit_code() const;
};

MachineReport examine_machine(const std::stop_token& stop);

}  // namespace cinescribe::cli
