#include <algorithm>
#include <cstdio>
#include <memory>

#include "cinescribe/cli/evaluate_commands.h"
#include "cinescribe/cli/evaluated_file.h"
#include "cinescribe/cli/json_output.h"
#include "cinescribe/cli/quality_log.h"
#include "cinescribe/quality/cut_file.h"
#include "cinescribe/quality/cut_match.h"

namespace cinescribe::cli {

namespace {

struct ScenesFlags {
  std::string reference;
  std::string result;
  std::int64_t tolerance_frames = 2;
  bool is_json = false;
  QualityLog log;
};

void print_frames(const char* what, const std::vector<std::int64_t>& frames) {
  constexpr std::size_t kMostShown = 20;
  if (frames.empty()) return;
  std::printf("%s:", what);
  for (std::size_t i = 0; i < std::min(frames.size(), kMostShown); ++i) {
    std::printf(" %lld", static_cast<long long>(frames[i]));
  }
  std::puts(frames.size() > kMostShown ? " ..." : "");
}

Outcome evaluate_scenes(const ScenesFlags& flags) {
  CINESCRIBE_ASSIGN(const auto reference, quality::read_cuts(evaluated_file(flags.reference, "base_data.json")));
  CINESCRIBE_ASSIGN(const auto result, quality::read_cuts(evaluated_file(flags.result, "base_data.json")));
  const quality::CutMatch match = quality::match_cuts(reference, result, flags.tolerance_frames);
  auto record = flags.log.record(
      "cut F1", match.f1(), "scenes", flags.result,
      "scenes " + flags.reference + " " + flags.result + " --tolerance " + std::to_string(flags.tolerance_frames));
  record.count = match.hits + static_cast<std::int64_t>(match.missed.size());
  record.reference = flags.reference;
  CINESCRIBE_TRY(flags.log.append({record}));
  if (flags.is_json) {
    print_json({{"schema_version", 1},
                {"precision", match.precision()},
                {"recall", match.recall()},
                {"f1", match.f1()},
                {"hits", match.hits},
                {"missed", match.missed},
                {"invented", match.invented},
                {"mean_offset_frames", match.mean_offset_frames},
                {"tolerance_frames", flags.tolerance_frames}});
    return 0;
  }
  std::printf("precision %.4f  recall %.4f  F1 %.4f  (%lld hits, %zu missed, %zu invented, within %lld frames)\n",
              match.precision(), match.recall(), match.f1(), static_cast<long long>(match.hits), match.missed.size(),
              match.invented.size(), static_cast<long long>(flags.tolerance_frames));
  print_frames("missed", match.missed);
  print_frames("invented", match.invented);
  return 0;
}

}  // namespace

Command add_evaluate_scenes(CLI::App& evaluate) {
  auto flags = std::make_shared<ScenesFlags>();
  CLI::App* app = evaluate.add_subcommand("scenes", "Precision, recall and F1 of cuts");
  const char* kinds =
      ".json of `scenes` or base_data.json, .csv of cinescribe or PySceneDetect, else a frame number per line";
  app->add_option("reference", flags->reference, std::string("True cuts. ") + kinds)->required();
  app->add_option("result", flags->result, std::string("Found cuts. ") + kinds)->required();
  app->add_option("--tolerance", flags->tolerance_frames, "Frames by which a found cut may be off")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app->add_flag("--json", flags->is_json, "Write JSON to stdout");
  flags->log.add_to(*app);
  app->footer(
      "A true cut is found by one cut at most. Frames count from 0; a cut is the first frame of a new scene.\n"
      "Example:  cinescribe evaluate scenes cuts.txt found.json --tolerance 2");
  return {app, [flags] { return evaluate_scenes(*flags); }};
}

}  // namespace cinescribe::cli
