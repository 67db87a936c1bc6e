#include <algorithm>
#include <cstdio>
#include <memory>

#include "cinescribe/cli/evaluate_commands.h"
#include "cinescribe/cli/evaluated_file.h"
#include "cinescribe/cli/evaluation.h"
#include "cinescribe/quality/cut_file.h"
#include "cinescribe/quality/cut_match.h"

namespace cinescribe::cli {

namespace {

struct ScenesFlags {
  std::string reference;
  std::string result;
  std::int64_t tolerance_frames = kCutTolerance;
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

void print_as_table(const quality::CutMatch& match, std::int64_t tolerance_frames) {
  std::printf("precision %.4f  recall %.4f  F1 %.4f  (%lld hits, %zu missed, %zu invented, within %lld frames)\n",
              match.precision(), match.recall(), match.f1(), static_cast<long long>(match.hits), match.missed.size(),
              match.invented.size(), static_cast<long long>(tolerance_frames));
  print_frames("missed", match.missed);
  print_frames("invented", match.invented);
}

}  // namespace

Result<Evaluation> evaluate_scenes(const std::string& reference, const std::string& result,
                                   std::int64_t tolerance_frames) {
  CINESCRIBE_ASSIGN(const auto truth, quality::read_cuts(evaluated_file(reference, "base_data.json")));
  CINESCRIBE_ASSIGN(const auto found, quality::read_cuts(evaluated_file(result, "base_data.json")));
  const quality::CutMatch match = quality::match_cuts(truth, found, tolerance_frames);
  auto record =
      quality_record("cut F1", match.f1(), "scenes", result,
                     "scenes " + reference + " " + result + " --tolerance " + std::to_string(tolerance_frames));
  record.count = match.hits + static_cast<std::int64_t>(match.missed.size());
  record.reference = reference;
  return Evaluation{{record},
                    {{"schema_version", 1},
                     {"precision", match.precision()},
                     {"recall", match.recall()},
                     {"f1", match.f1()},
                     {"hits", match.hits},
                     {"missed", match.missed},
                     {"invented", match.invented},
                     {"mean_offset_frames", match.mean_offset_frames},
                     {"tolerance_frames", tolerance_frames}},
                    [match, tolerance_frames] { print_as_table(match, tolerance_frames); }};
}

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
  return {app, [flags] {
            return conclude(evaluate_scenes(flags->reference, flags->result, flags->tolerance_frames), flags->log,
                            flags->is_json);
          }};
}

}  // namespace cinescribe::cli
