#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cinescribe/captions/vlm_options.h"
#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/progress.h"
#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/caption_videos.h"
#include "cinescribe/pipeline/chosen_captioner.h"

namespace cinescribe::cli {

/// On which devices captioners run, in which processes, and whether several run at once.
class WorkerFlags {
 public:
  void add_to(CLI::App& app);
  /// Errors: kUsage.
  Status prepare(const captions::VlmOptions& model, bool may_be_synthetic);

  /// Whether captioners of these sizes are to run at the same time.
  [[nodiscard]] bool is_together(const std::vector<std::uint64_t>& model_bytes) const;
  /// A captioner's workers, one per device, while so many captioners run; what computes elsewhere has one. Nothing is
  /// loaded. Errors: kModel.
  [[nodiscard]] Result<std::vector<pipeline::CaptionWorker>> workers_of(const std::string& name,
                                                                        const pipeline::ChosenCaptioner& captioner,
                                                                        int captioners, Progress& progress) const;

 private:
  std::string device_list_;
  std::string together_ = "off";
  bool is_in_process_ = false;
  double timeout_seconds_ = 0.0;
  captions::VlmOptions model_;
  bool may_be_synthetic_ = false;
  std::vector<std::string> devices_;
};

}  // namespace cinescribe::cli
