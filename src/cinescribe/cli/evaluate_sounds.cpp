#include <cstdio>
#include <memory>

#include "cinescribe/cli/evaluate_commands.h"
#include "cinescribe/cli/evaluated_file.h"
#include "cinescribe/cli/evaluation.h"
#include "cinescribe/quality/tag_file.h"
#include "cinescribe/quality/tag_precision.h"

namespace cinescribe::cli {

namespace {

struct SoundsFlags {
  std::string reference;
  std::string result;
  bool is_json = false;
  QualityLog log;
};

nlohmann::ordered_json as_json(const quality::TagPrecision& precision) {
  nlohmann::ordered_json json = {{"schema_version", 1},
                                 {"mean_average_precision", precision.mean_average_precision},
                                 {"chance", precision.chance},
                                 {"windows", precision.windows},
                                 {"labels", nlohmann::ordered_json::array()}};
  for (const auto& label : precision.labels) {
    json["labels"].push_back({{"label", label.label},
                              {"positives", label.positives},
                              {"average_precision", label.average_precision},
                              {"is_ever_reported", label.is_ever_reported}});
  }
  return json;
}

void print_as_table(const quality::TagPrecision& precision) {
  std::printf("mAP %.4f over %zu labels in %lld windows (chance %.4f)\n", precision.mean_average_precision,
              precision.labels.size(), static_cast<long long>(precision.windows), precision.chance);
  for (const auto& label : precision.labels) {
    std::printf("  %-40s  AP %.4f  %6lld windows%s\n", label.label.c_str(), label.average_precision,
                static_cast<long long>(label.positives), label.is_ever_reported ? "" : "  (never reported)");
  }
}

}  // namespace

Result<Evaluation> evaluate_sounds(const std::string& reference, const std::string& result) {
  CINESCRIBE_ASSIGN(const auto truth, quality::read_spans(reference));
  CINESCRIBE_ASSIGN(const auto found, quality::read_windows(evaluated_file(result, "base_data.json")));
  const quality::TagPrecision precision = quality::tag_precision(truth, found);
  if (precision.labels.empty()) {
    return Error{ErrorCode::kInput, "cannot evaluate " + result + ": no label of " + reference +
                                        " is heard in any of its " + std::to_string(found.size()) +
                                        " windows; do both belong to one recording?"};
  }
  auto record = quality_record("sound mAP", precision.mean_average_precision, "sounds", result,
                               "sounds " + reference + " " + result);
  record.count = static_cast<std::int64_t>(precision.labels.size());
  record.reference = reference;
  return Evaluation{{record}, as_json(precision), [precision] { print_as_table(precision); }};
}

Command add_evaluate_sounds(CLI::App& evaluate) {
  auto flags = std::make_shared<SoundsFlags>();
  CLI::App* app = evaluate.add_subcommand("sounds", "Mean average precision of sound tags");
  app->add_option("reference", flags->reference,
                  "What is heard when: .json or .csv with start_seconds, end_seconds, label, or a label track of "
                  "Audacity (tabs)")
      ->required();
  app->add_option("result", flags->result, "JSON of `sounds --threshold 0 --top-k 0 --json`, or base_data.json")
      ->required();
  app->add_flag("--json", flags->is_json, "Write JSON to stdout");
  flags->log.add_to(*app);
  app->footer(
      "A window is positive for a label that is heard for half of it, or for a sound that lies at least half inside.\n"
      "Labels without a positive window do not count; a tag that was not reported has a score of 0.\n"
      "Example:  cinescribe evaluate sounds labels.txt tags.json");
  return {app,
          [flags] { return conclude(evaluate_sounds(flags->reference, flags->result), flags->log, flags->is_json); }};
}

}  // namespace cinescribe::cli
