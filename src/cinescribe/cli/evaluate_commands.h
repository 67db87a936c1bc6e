#pragma once

#include "cinescribe/cli/commands.h"

/// The sub-commands of `evaluate`, one file each.
namespace cinescribe::cli {

Command add_evaluate_captions(CLI::App& evaluate, const CommonOptions& common);
Command add_evaluate_scenes(CLI::App& evaluate);
Command add_evaluate_sounds(CLI::App& evaluate);
Command add_evaluate_speech(CLI::App& evaluate);
Command add_evaluate_text(CLI::App& evaluate, const CommonOptions& common);
Command add_evaluate_tracks(CLI::App& evaluate);
Command add_evaluate_types(CLI::App& evaluate, const CommonOptions& common);

}  // namespace cinescribe::cli
