#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cinescribe/cli/evaluate_commands.h"
#include "cinescribe/cli/json_output.h"
#include "cinescribe/cli/quality_log.h"
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

std::vector<bench::QualityRecord> records_of(const TracksFlags& flags, const objects::TrackingMetrics& m) {
  std::vector<bench::QualityRecord> records;
  for (const auto& [measure, value] : {std::pair("HOTA", m.hota), {"MOTA", m.mota}, {"IDF1", m.idf1}}) {
    auto record =
        flags.log.record(measure, value, "objects", flags.result, "tracks " + flags.ground_truth + " " + flags.result);
    record.count = m.gt_boxes;
    record.reference = flags.ground_truth;
    records.push_back(std::move(record));
  }
  return records;
}

Outcome evaluate_tracks(const TracksFlags& flags) {
  CINESCRIBE_ASSIGN(const auto gt_text, read_file(flags.ground_truth, kMaxFileBytes));
  CINESCRIBE_ASSIGN(const auto result_text, read_file(flags.result, kMaxFileBytes));
  CINESCRIBE_ASSIGN(const auto gt, objects::parse_mot(gt_text, flags.ground_truth));
  CINESCRIBE_ASSIGN(const auto result, objects::parse_mot(result_text, flags.result));
  if (gt.empty()) return Error{ErrorCode::kInput, "cannot evaluate: " + flags.ground_truth + " has no boxes"};
  CINESCRIBE_ASSIGN(const auto m, objects::evaluate_tracks(gt, result));
  CINESCRIBE_TRY(flags.log.append(records_of(flags, m)));
  if (flags.json) {
    print_json(as_json(m));
    return 0;
  }
  const auto count = [](std::int64_t n) { return static_cast<long long>(n); };
  std::printf("HOTA %.6f  DetA %.6f  AssA %.6f  DetRe %.6f  DetPr %.6f  AssRe %.6f  AssPr %.6f  LocA %.6f\n", m.hota,
              m.deta, m.assa, m.detre, m.detpr, m.assre, m.asspr, m.loca);
  std::printf("MOTA %.6f  MOTP %.6f  TP %lld  FN %lld  FP %lld  IDSW %lld  MT/PT/ML %lld/%lld/%lld  Frag %lld\n",
              m.mota, m.motp, count(m.clr_tp), count(m.clr_fn), count(m.clr_fp), count(m.id_switches),
              count(m.mostly_tracked), count(m.partly_tracked), count(m.mostly_lost), count(m.fragmentations));
  std::printf("IDF1 %.6f  IDR %.6f  IDP %.6f  IDTP %lld  IDFN %lld  IDFP %lld\n", m.idf1, m.idr, m.idp, count(m.idtp),
              count(m.idfn), count(m.idfp));
  return 0;
}

}  // namespace

Command add_evaluate_tracks(CLI::App& evaluate) {
  auto flags = std::make_shared<TracksFlags>();
  CLI::App* tracks = evaluate.add_subcommand("tracks", "Tracking scores of MOT files: HOTA, DetA, AssA, MOTA, IDF1");
  tracks->add_option("ground_truth", flags->ground_truth, "MOT text; rows with a confidence of 0 are left out")
      ->required();
  tracks->add_option("result", flags->result, "MOT text as `cinescribe track` writes it")->required();
  tracks->add_flag("--json", flags->json, "Write JSON to stdout");
  flags->log.add_to(*tracks);
  tracks->footer("Example:  cinescribe evaluate tracks gt.txt tracks.txt");
  return {tracks, [flags] { return evaluate_tracks(*flags); }};
}

}  // namespace cinescribe::cli
