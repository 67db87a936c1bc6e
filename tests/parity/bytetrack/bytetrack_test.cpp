#include <map>

#include "parity/parity_cases.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/objects/tracker.h"

namespace cinescribe::objects {
namespace {

using Json = nlohmann::json;

ByteTrackOptions options_of(const Json& params) {
  ByteTrackOptions options;
  options.track_high_thresh = params.at("track_high_thresh");
  options.track_low_thresh = params.at("track_low_thresh");
  options.new_track_thresh = params.at("new_track_thresh");
  options.track_buffer = params.at("track_buffer");
  options.match_thresh = params.at("match_thresh");
  options.fuse_score = params.at("fuse_score");
  return options;
}

std::vector<Detection> detections_of(const Json& rows) {
  std::vector<Detection> detections;
  for (const auto& row : rows) {
    Detection d;
    d.box = {row[0], row[1], row[2], row[3]};
    d.score = row[4];
    d.class_id = static_cast<std::int32_t>(row[5].get<double>());
    detections.push_back(d);
  }
  return detections;
}

using Expected = std::map<std::pair<std::int64_t, std::int64_t>, Json>;  // (frame, id)

void run_case(const std::string& name, const Json& data, const Json& run) {
  const double box_allowed = data.at("tolerances").at("box_abs");
  Expected expected;
  for (const auto& row : run.at("tracks")) expected[{row[0].get<std::int64_t>(), row[1].get<std::int64_t>()}] = row;
  const auto tracker = make_byte_tracker(options_of(run.at("params")));
  parity::Errors boxes;
  std::size_t wrong = 0;
  std::size_t seen = 0;
  std::int64_t frame = 0;
  for (const auto& rows : data.at("detections")) {
    ++frame;
    for (const auto& track :
         tracker->update(Timestamp::from_seconds(static_cast<double>(frame)), detections_of(rows))) {
      ++seen;
      const auto found = expected.find({frame, track.track_id});
      if (found == expected.end()) {
        ++wrong;
        continue;
      }
      const Json& row = found->second;
      const float corners[] = {track.box.x1, track.box.y1, track.box.x2, track.box.y2};
      for (std::size_t i = 0; i < 4; ++i) boxes.add(static_cast<double>(corners[i]), row[2 + i].get<double>());
      EXPECT_NEAR(static_cast<double>(track.score), row[6].get<double>(),
                  data.at("tolerances").at("score_abs").get<double>());
      if (track.class_id != static_cast<std::int32_t>(row[7].get<double>()) ||
          track.detection_index != static_cast<std::int32_t>(row[8].get<double>())) {
        ++wrong;
      }
    }
  }
  const bool is_ok = wrong == 0 && seen == expected.size() && boxes.largest() <= box_allowed;
  parity::report("bytetrack", name, boxes, box_allowed, is_ok);
  EXPECT_EQ(wrong, 0U) << name << ": ids, classes or detection indices differ";
  EXPECT_EQ(seen, expected.size()) << name;
  EXPECT_LE(boxes.largest(), box_allowed) << name;
}

TEST(ByteTrackParity, EveryStoredRunGivesTheSameIdsAndBoxes) {
  const auto files = parity::cases("bytetrack", ".json");
  ASSERT_FALSE(files.empty()) << "no cases under " << parity::root();
  for (const auto& file : files) {
    const Json data = Json::parse(parity::read_text(file));
    for (const auto& run : data.at("runs")) {
      run_case(file.stem().string() + "/" + run.at("name").get<std::string>(), data, run);
    }
  }
}

}  // namespace
}  // namespace cinescribe::objects
