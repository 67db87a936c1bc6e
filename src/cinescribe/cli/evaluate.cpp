#include <memory>
#include <vector>

#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/evaluate_commands.h"

namespace cinescribe::cli {

Command add_evaluate(CLI::App& root, const CommonOptions& common) {
  CLI::App* app = root.add_subcommand("evaluate", "Compare results with a ground truth, or with each other");
  app->require_subcommand(1);
  const std::vector<Command> kinds = {add_evaluate_speech(*app),           add_evaluate_scenes(*app),
                                      add_evaluate_sounds(*app),           add_evaluate_tracks(*app),
                                      add_evaluate_captions(*app, common), add_evaluate_text(*app, common),
                                      add_evaluate_types(*app, common)};
  return {app, [kinds]() -> Outcome {
            for (const Command& kind : kinds) {
              if (kind.app->parsed()) return kind.action();
            }
            return Error{ErrorCode::kUsage, "say what to evaluate; see cinescribe evaluate --help"};
          }};
}

}  // namespace cinescribe::cli
