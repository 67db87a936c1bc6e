#include "parity/parity_cases.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/objects/tracking_metrics.h"

namespace cinescribe::objects {
namespace {

using Json = nlohmann::json;

std::vector<MotRow> rows_of(const Json& list) {
  std::vector<MotRow> rows;
  for (const auto& source : list) {
    MotRow row;
    row.frame = static_cast<std::int64_t>(source[0].get<double>());
    row.id = static_cast<std::int64_t>(source[1].get<double>());
    row.x = source[2];
    row.y = source[3];
    row.width = source[4];
    row.height = source[5];
    rows.push_back(row);
  }
  return rows;
}

TEST(TrackingMetricsParity, EveryStoredSequenceGivesTheSameScoresAndCounts) {
  const auto files = parity::cases("bytetrack/mot", ".json");
  ASSERT_FALSE(files.empty()) << "no cases under " << parity::root();
  for (const auto& file : files) {
    const Json data = Json::parse(parity::read_text(file));
    const auto result = evaluate_tracks(rows_of(data.at("gt")), rows_of(data.at("results")));
    ASSERT_TRUE(result.ok()) << result.error().message;
    const TrackingMetrics& m = *result;
    const Json& expected = data.at("expected");
    parity::Errors scores;
    const auto score = [&](const char* name, double actual) { scores.add(actual, expected.at(name).get<double>()); };
    score("HOTA", m.hota);
    score("DetA", m.deta);
    score("AssA", m.assa);
    score("DetRe", m.detre);
    score("DetPr", m.detpr);
    score("AssRe", m.assre);
    score("AssPr", m.asspr);
    score("LocA", m.loca);
    score("MOTA", m.mota);
    score("MOTP", m.motp);
    score("sMOTA", m.smota);
    score("IDF1", m.idf1);
    score("IDR", m.idr);
    score("IDP", m.idp);
    for (std::size_t a = 0; a < TrackingMetrics::kAlphas; ++a) {
      scores.add(m.hota_alpha[a], expected.at("HOTA_alpha")[a].get<double>());
    }
    const double allowed = data.at("tolerances").at("scores");
    parity::report("bytetrack/mot", file.stem().string(), scores, allowed, scores.largest() <= allowed);
    EXPECT_LE(scores.largest(), allowed) << file;
    const auto count = [&](const char* name, std::int64_t actual) {
      EXPECT_EQ(actual, expected.at(name).get<std::int64_t>()) << name << " of " << file;
    };
    count("CLR_TP", m.clr_tp);
    count("CLR_FN", m.clr_fn);
    count("CLR_FP", m.clr_fp);
    count("IDSW", m.id_switches);
    count("MT", m.mostly_tracked);
    count("PT", m.partly_tracked);
    count("ML", m.mostly_lost);
    count("Frag", m.fragmentations);
    count("IDTP", m.idtp);
    count("IDFN", m.idfn);
    count("IDFP", m.idfp);
  }
}

}  // namespace
}  // namespace cinescribe::objects
