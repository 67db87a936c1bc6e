#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cinescribe/cli/evaluate_commands.h"
#include "cinescribe/cli/evaluated_file.h"
#include "cinescribe/cli/evaluation.h"
#include "cinescribe/core/file.h"
#include "cinescribe/objects/tracking_metrics.h"

namespace cinescribe::cli {

namespace {

constexpr std::uint64_t kMaxFileBytes = 1ULL << 30U;

struct TracksFlags {
  std::string ground_truth;
  std::string result;
  bool json = false;
  QualityLog log;
};

nlohmann::ordered_json as_json(const objects::TrackingMetrics& m) {
  return {{"schema_version", 1},
          {"hota", m.hota},
          {"deta", m.deta},
          {"assa", m.assa},
          {"mota", m.mota},
          {"idf1", m.idf1},
          {"detre", m.detre},
          {"detpr", m.detpr},
          {"assre", m.assre},
          {"asspr", m.asspr},
          {"loca", m.loca},
          {"hota_alpha", m.hota_alpha},
          {"motp", m.motp},
          {"smota", m.smota},
          {"clr_tp", m.clr_tp},
          {"clr_fn", m.clr_fn},
          {"clr_fp", m.clr_fp},
          {"idsw", m.id_switches},
          {"mt", m.mostly_tracked},
          {"pt", m.partly_tracked},
          {"ml", m.mostly_lost},
          {"frag", m.fragmentations},
          {"idr", m.idr},
          {"idp", m.idp},
          {"idtp", m.idtp},
          {"idfn", m.idfn},
          {"idfp", m.idfp},
          {"gt_boxes", m.gt_boxes},
          {"gt_ids", m.gt_ids},
          {"result_boxes", m.result_boxes},
          {"result_ids", m.result_ids}};
}

std::vector<bench::QualityRecord> records_of(const std::string& ground_truth, const std::string& result,
                                             const objects::TrackingMetrics& m) {
  std::vector<bench::QualityRecord> records;
  for (const auto& [measure, value] : {std::pair("HOTA", m.hota), {"MOTA", m.mota}, {"IDF1", m.idf1}}) {
    auto record = quality_record(measure, value, "objects", result, "tracks " + ground_truth + " " + result);
    record.count = m.gt_boxes;
    record.reference = ground_truth;
    records.push_back(std::move(record));
  }
  return records;
}

void print_as_table(const objects::TrackingMetrics& m) {
  const auto count = [](std::int64_t n) { return static_cast<long long>(n); };
  std::printf("HOTA %.6f  DetA %.6f  AssA %.6f  DetRe %.6f  DetPr %.6f  AssRe %.6f  AssPr %.6f  LocA %.6f\n", m.hota,
              m.deta, m.assa, m.detre, m.detpr, m.assre, m.asspr, m.loca);
  std::printf("MOTA %.6f  MOTP %.6f  TP %lld  FN %lld  FP %lld  IDSW %lld  MT/PT/ML %lld/%lld/%lld  Frag %lld\n",
              m.mota, m.motp, count(m.clr_tp), count(m.clr_fn), count(m.clr_fp), count(m.id_switches),
              count(m.mostly_tracked), count(m.partly_tracked), count(m.mostly_lost), count(m.fragmentations));
  std::printf("IDF1 %.6f  IDR %.6f  IDP %.6f  IDTP %lld  IDFN %lld  IDFP %lld\n", m.idf1, m.idr, m.idp, count(m.idtp),
              count(m.idfn), count(m.idfp));
}

Result<std::vector<objects::MotRow>> read_mot(const std::string& path) {
  CINESCRIBE_ASSIGN(const auto text, read_file(path, kMaxFileBytes));
  return objects::parse_mot(text, path);
}

}  // namespace

Result<Evaluation> evaluate_tracks(const std::string& ground_truth, const std::string& result) {
  CINESCRIBE_ASSIGN(const auto truth, read_mot(ground_truth));
  if (truth.empty()) return Error{ErrorCode::kInput, "cannot evaluate: " + ground_truth + " has no boxes"};
  CINESCRIBE_ASSIGN(const auto found, read_mot(evaluated_file(result, "tracks.mot.txt").string()));
  CINESCRIBE_ASSIGN(const auto metrics, objects::evaluate_tracks(truth, found));
  return Evaluation{records_of(ground_truth, result, metrics), as_json(metrics),
                    [metrics] { print_as_table(metrics); }};
}

Command add_evaluate_tracks(CLI::App& evaluate) {
  auto flags = std::make_shared<TracksFlags>();
  CLI::App* tracks = evaluate.add_subcommand("tracks", "Tracking scores of MOT files: HOTA, DetA, AssA, MOTA, IDF1");
  tracks->add_option("ground_truth", flags->ground_truth, "MOT text; rows with a confidence of 0 are left out")
      ->required();
  tracks
      ->add_option(
          "result", flags->result,
          "MOT text as `cinescribe track` and `export --format mot` write it, or a video's folder below results/base")
      ->required();
  tracks->add_flag("--json", flags->json, "Write JSON to stdout");
  flags->log.add_to(*tracks);
  tracks->footer("Example:  cinescribe evaluate tracks gt.txt tracks.txt");
  return {tracks,
          [flags] { return conclude(evaluate_tracks(flags->ground_truth, flags->result), flags->log, flags->json); }};
}

}  // namespace cinescribe::cli
