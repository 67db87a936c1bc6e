#include "cinescribe/bench/status_rules.h"

#include <algorithm>

#include "cinescribe/bench/number_text.h"

namespace cinescribe::bench {

namespace {

constexpr double kWidestSpread = 0.20;
constexpr double kMostDoubtful = 0.10;
constexpr double kMostCapped = 0.50;
constexpr double kMostOfOthers = 0.10;
constexpr double kLargestScene = 0.50;
constexpr std::int64_t kScenesToJudgeOne = 5;
constexpr double kFarFromPeers = 3.0;
constexpr std::size_t kPeersToJudgeOne = 3;

std::string of_all(std::int64_t some, std::int64_t all) { return std::to_string(some) + " of " + std::to_string(all); }

double share(std::int64_t some, std::int64_t all) {
  return all > 0 ? static_cast<double>(some) / static_cast<double>(all) : 0.0;
}

/// Share of one repeat's time that its slowest scene took, where there are enough scenes for this to mean something.
double largest_scene_share(const Row& row) {
  double largest = 0.0;
  for (const PassData& data : row.repeats) {
    double sum = 0.0;
    double slowest = 0.0;
    for (const ScenePoint& scene : data.scenes) {
      sum += scene.work_seconds();
      slowest = std::max(slowest, scene.work_seconds());
    }
    if (static_cast<std::int64_t>(data.scenes.size()) >= kScenesToJudgeOne && sum > 0.0) {
      largest = std::max(largest, slowest / sum);
    }
  }
  return largest;
}

void judge_captions(const Row& row, const RowFigures& figures, const std::vector<double>& peers,
                    std::vector<std::string>& reasons) {
  if (figures.failed > 0) reasons.push_back(of_all(figures.failed, figures.described) + " scenes failed");
  const std::int64_t doubtful = figures.empty + figures.suspect;
  if (share(doubtful, figures.described) > kMostDoubtful) {
    reasons.push_back(of_all(doubtful, figures.described) + " captions are empty or suspect");
  }
  if (share(figures.capped, figures.described) > kMostCapped) {
    reasons.push_back(of_all(figures.capped, figures.described) +
                      " captions ended at the token limit, so their time is the limit's");
  }
  if (const double largest = largest_scene_share(row); largest > kLargestScene) {
    reasons.push_back("one scene took " + percent_text(largest) + " of the time");
  }
  const double usual = percentile(peers, 0.5);
  const double own = figures.seconds_per_scene.median;
  const bool is_far = usual > 0.0 && own > 0.0 && (own > usual * kFarFromPeers || own < usual / kFarFromPeers);
  if (peers.size() >= kPeersToJudgeOne && is_far) {
    reasons.push_back(number_text(own) + " s per scene, where " + number_text(usual) + " s are usual for this model");
  }
}

}  // namespace

const char* status_name(RowStatus status) {
  switch (status) {
    case RowStatus::kStable:
      return "stable";
    case RowStatus::kPart:
      return "part";
    case RowStatus::kSingle:
      return "single run";
    case RowStatus::kAnomalous:
      return "anomalous";
    case RowStatus::kFailed:
      break;
  }
  return "failed";
}

Judgement judge(const Row& row, const RowFigures& figures, const std::vector<double>& peers) {
  Judgement judgement;
  if (row.repeats.empty()) {
    judgement.reasons.push_back(row.left_out.empty()                     ? "only warm-ups were measured"
                                : row.left_out.back().pass.error.empty() ? "every pass took over earlier work"
                                                                         : row.left_out.back().pass.error);
    return judgement;
  }
  std::vector<std::string>& reasons = judgement.reasons;
  if (figures.duration_seconds <= 0.0) reasons.emplace_back("the length of the video is not known");
  if (!row.is_stage1()) judge_captions(row, figures, peers, reasons);
  if (figures.wall.count > 1 && figures.wall.relative() > kWidestSpread) {
    reasons.push_back("repeats differ by " + percent_text(figures.wall.relative()));
  }
  if (figures.other_share > kMostOfOthers) {
    reasons.push_back("other programs used " + percent_text(figures.other_share) + " of the machine");
  }
  judgement.status = !reasons.empty()          ? RowStatus::kAnomalous
                     : figures.skipped > 0     ? RowStatus::kPart
                     : figures.wall.count == 1 ? RowStatus::kSingle
                                               : RowStatus::kStable;
  if (figures.skipped > 0) {
    reasons.insert(reasons.begin(), "the first " + of_all(figures.scenes, figures.scenes + figures.skipped) +
                                        " scenes alone, over whose " + seconds_text(figures.duration_seconds) +
                                        " its RTF is");
  }
  return judgement;
}

std::vector<std::string> rules_in_words() {
  return {
      "failed: no repeat ended well. Its last error is the reason.",
      "anomalous: any of the following. Scenes failed; more than " + percent_text(kMostDoubtful) +
          " of the captions are empty or suspect; more than " + percent_text(kMostCapped) +
          " ended at the token limit; one scene of at least " + std::to_string(kScenesToJudgeOne) + " took more than " +
          percent_text(kLargestScene) + " of a repeat's time; seconds per scene are more than " +
          number_text(kFarFromPeers) + " times off the median of the same model over at least " +
          std::to_string(kPeersToJudgeOne) + " videos; the slowest and the fastest repeat differ by more than " +
          percent_text(kWidestSpread) + " of the median; other programs used more than " + percent_text(kMostOfOthers) +
          " of the machine's processor time during any repeat of a second or more; the length of the video is not "
          "known.",
      "part: nothing of the above, but only the first scenes of the video were described (--first-scenes). Its RTF is "
      "over "
      "the length of these scenes; in the summary it does not count.",
      "single run: nothing of the above, but there is only one repeat.",
      "stable: nothing of the above over at least two repeats.",
      "A pass that took over stages or scenes from an earlier run never enters a table; neither does a warm-up, nor a "
      "pass that did not end."};
}

}  // namespace cinescribe::bench
