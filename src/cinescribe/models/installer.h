#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/models/catalogue.h"
#include "cinescribe/models/checkpoint_import.h"
#include "cinescribe/models/fetch.h"

namespace cinescribe::models {

enum class PullStep {
  kWaiting,  ///< Another process is fetching this model.
  kFetching,
  kVerifying,
  kImporting,  ///< A checkpoint becomes a model folder.
};

struct PullProgress {
  std::string model;
  PullStep step = PullStep::kFetching;
  std::string item;  ///< The file or package on its way.
  std::uint64_t done_bytes = 0;
  std::uint64_t total_bytes = 0;  ///< 0 = not known.
};

struct PullOptions {
  bool is_offline = false;
  bool is_forced = false;       ///< Fetch again although it is installed.
  std::string type = "q4_k_m";  ///< Checkpoints that are imported: type of the language model's matrices.
  std::string vision_type;      ///< And of the vision side's; empty as in `ImportOptions`.
  int threads = 0;              ///< For importing; 0 = as many as cores.
  std::stop_token stop;
  std::function<void(const PullProgress&)> on_progress;
};

struct PullOutcome {
  std::filesystem::path folder;
  bool was_installed = false;               ///< Nothing had to be done.
  std::vector<std::string> unpinned;        ///< Files whose checksum was recorded now, because upstream publishes none.
  std::vector<ImportFallback> fallbacks;    ///< Of an imported checkpoint.
  std::vector<std::string> failed_sources;  ///< Sources that failed before another one succeeded, each with its cause.
};

/// Fetches models one after another into the cache. Not thread-safe; any number of processes may pull at once.
class Installer {
 public:
  Installer(const Catalogue& catalogue, PullOptions options);

  /// Makes sure that a model is installed: every file is fetched from the first source that works, checked, and the
  /// folder appears in one step. What an interrupted pull left is continued.
  /// Errors: kModel (unknown name, wrong content, or no source that may be used offline), kResource (network, disk,
  /// permission), kInterrupted (what was fetched is kept).
  Result<PullOutcome> pull(std::string_view name);

 private:
  const Catalogue& catalogue_;
  PullOptions options_;
  std::string current_;
  Fetcher fetcher_;
};

}  // namespace cinescribe::models
