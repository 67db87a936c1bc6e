#pragma once

#include "cinescribe/cli/commands.h"

/// The sub-commands of `evaluate`, one file each.
namespace cinescribe::cli {

Command add_evaluate_tracks(CLI::App& evaluate);
Command add_evaluate_speech(CLI::App& evaluate);
Command add_evaluate_scenes(CLI::App& evaluate);
Command add_evaluate_sounds(CLI::App& evaluate);

}  // namespace cinescribe::cli
