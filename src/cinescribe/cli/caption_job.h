#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cinescribe/cli/caption_flags.h"
#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/progress.h"
#include "cinescribe/cli/vlm_flags.h"
#include "cinescribe/cli/worker_flags.h"
#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/chosen_captioner.h"
#include "cinescribe/pipeline/output_folder.h"

namespace cinescribe::cli {

/// Captions of finished stage-1 results, as `caption-scenes` and `analyze` make them.
class CaptionJob {
 public:
  /// Registers all flags but --captioner.
  void add_to(CLI::App& app);

  /// Finds the captioners and checks the flags, before any work. Errors: kUsage, kModel, kInput.
  Status prepare(const std::vector<std::string>& captioners, const CommonOptions& common);

  /// Describes the scenes of every result with every captioner; results of one video may lie anywhere, captions go
  /// below `output`, or beside the results where it is empty. A captioner that fails as a whole costs its own captions
  /// alone. Returns how many videos could not be described; each was named. Errors: what concerns all captioners.
  Result<int> run(const std::vector<std::filesystem::path>& results, const std::filesystem::path& output,
                  const std::filesystem::path& video, bool is_forced, const CommonOptions& common,
                  Progress& progress) const;

 private:
  struct Chosen {
    std::string name;  ///< As on the command line.
    pipeline::ChosenCaptioner captioner;
    pipeline::CaptionRunOptions options;
  };

  /// What all captioners are to do.
  struct Work {
    std::vector<std::filesystem::path> bases;
    std::vector<std::filesystem::path> roots;  ///< Output folders, one for each.
    std::filesystem::path video;
    bool is_forced = false;
  };

  [[nodiscard]] Result<int> describe_with(const Chosen& chosen, const Work& work, int captioners,
                                          const std::map<std::filesystem::path, pipeline::OutputFolder>& outputs,
                                          const CommonOptions& common, Progress& progress) const;
  [[nodiscard]] std::vector<Result<int>> describe_all(
      const Work& work, const std::map<std::filesystem::path, pipeline::OutputFolder>& outputs,
      const CommonOptions& common, Progress& progress) const;

  SceneCaptionFlags scenes_;
  GenerationFlags generation_;
  VlmFlags model_;
  WorkerFlags workers_;
  std::vector<Chosen> chosen_;
};

}  // namespace cinescribe::cli
