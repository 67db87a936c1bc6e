#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include <CLI/CLI.hpp>

#include "cinescribe/core/status.h"

/// The command line: one file per command, each a thin layer over the library.
namespace cinescribe::cli {

/// Flags that every command understands.
struct CommonOptions {
  std::string device = "cpu";
  int threads = 0;  ///< 0 = as many as cores.
  std::string config_file;
  bool print_config = false;
  bool offline = false;
  bool quiet = false;
  bool verbose = false;
  std::string progress = "auto";  ///< auto, plain, json or none.
  std::stop_token stop;           ///< Fires on Ctrl-C.
};

/// Outcome of a command: 0, or 1 when some inputs failed (already named on stderr), or an error.
using Outcome = Result<int>;

/// A command registers its sub-command and flags, and hands back what to run when it was chosen.
using Action = std::function<Outcome()>;
struct Command {
  CLI::App* app = nullptr;
  Action action;
};

Command add_analyze(CLI::App& root, const CommonOptions& common);
Command add_bench(CLI::App& root, const CommonOptions& common);
Command add_caption(CLI::App& root, const CommonOptions& common);
Command add_caption_scenes(CLI::App& root, const CommonOptions& common);
Command add_probe(CLI::App& root, const CommonOptions& common);
Command add_frames(CLI::App& root, const CommonOptions& common);
Command add_report(CLI::App& root, const CommonOptions& common);
Command add_scenes(CLI::App& root, const CommonOptions& common);
Command add_transcribe(CLI::App& root, const CommonOptions& common);
Command add_objects(CLI::App& root, const CommonOptions& common);
Command add_sounds(CLI::App& root, const CommonOptions& common);
Command add_track(CLI::App& root, const CommonOptions& common);
Command add_export(CLI::App& root, const CommonOptions& common);
Command add_evaluate(CLI::App& root, const CommonOptions& common);
Command add_import(CLI::App& root, const CommonOptions& common);
Command add_models(CLI::App& root, const CommonOptions& common);
Command add_doctor(CLI::App& root, const CommonOptions& common);
Command add_version(CLI::App& root, const CommonOptions& common);

}  // namespace cinescribe::cli
