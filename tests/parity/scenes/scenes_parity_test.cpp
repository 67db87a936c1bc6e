#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "parity/parity_cases.h"
#include "parity/scenes/golden_run.h"
#include "parity/scenes/score_table.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/media/decode_pass.h"
#include "cinescribe/scenes/make_detector.h"
#include "cinescribe/scenes/scene_list.h"

namespace cinescribe::parity {
namespace {

using nlohmann::json;
using scenes::Cut;
using scenes::SceneDetector;

constexpr double kAllowedScore = 1e-3;
constexpr double kAllowedSeconds = 1.1e-6;  // the reference knows times to a microsecond

/// One detector of a case with what it found.
struct Run {
  std::string name;
  std::unique_ptr<SceneDetector> detector;
  std::vector<Cut> cuts;
  std::vector<std::vector<double>> metrics;  // one row per frame
};

/// All detectors over one clip, in one decode.
struct ClipRun {
  std::vector<Run> runs;
  std::int64_t frames = 0;
  std::vector<Timestamp> times;
  Rational rate;
};

void push_all(media::FrameSource& frames, ClipRun& clip) {
  while (const auto frame = frames.pop()) {
    clip.times.push_back(frame->time);
    for (Run& run : clip.runs) {
      const Status status = run.detector->push(*frame, run.cuts);
      ASSERT_TRUE(status.ok()) << run.name << ": " << status.error().message;
      const auto values = run.detector->metrics();
      run.metrics.emplace_back(values.begin(), values.end());
    }
  }
  for (Run& run : clip.runs) run.detector->flush(run.cuts);
}

void add_run(ClipRun& clip, const std::string& name, const Result<scenes::DetectorOptions>& options) {
  ASSERT_TRUE(options.ok()) << name << ": " << options.error().message;
  auto detector = scenes::make_detector(*options, {clip.rate});
  ASSERT_TRUE(detector.ok()) << name << ": " << detector.error().message;
  clip.runs.push_back({name, std::move(*detector), {}, {}});
}

void run_clip(const std::filesystem::path& media_file, const json& golden, ClipRun& clip) {
  auto pass = media::DecodePass::open(media_file);
  ASSERT_TRUE(pass.ok()) << pass.error().message;
  clip.rate = (*pass)->info().video.front().average_rate;
  for (const auto& [name, result] : golden.at("results").items()) add_run(clip, name, golden_options(result));
  add_run(clip, kScoresWithEdges, content_with_edges());
  media::FrameSource& frames = (*pass)->add_frames({});
  Status decoded;
  std::jthread decoder([&](const std::stop_token& stop) { decoded = (*pass)->run(stop); });
  push_all(frames, clip);
  decoder.join();
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  clip.frames = (*pass)->frames_decoded();
}

/// Cuts and scenes of one run against the stored ones.
void compare_run(const std::string& clip_name, const ClipRun& clip, const Run& run, const json& expected) {
  Errors cut_errors;
  const std::vector<Cut> cuts = scenes::sorted_cuts(run.cuts);
  const json& expected_cuts = expected.at("cuts");
  bool is_equal = cuts.size() == expected_cuts.size();
  EXPECT_EQ(cuts.size(), expected_cuts.size()) << clip_name << "/" << run.name;
  for (std::size_t i = 0; i < std::min(cuts.size(), expected_cuts.size()); ++i) {
    cut_errors.add(static_cast<double>(cuts[i].frame), expected_cuts[i].get<double>());
  }
  Errors time_errors;
  const json& expected_scenes = expected.at("scenes");  // empty when the reference found no cut
  const auto found = scenes::scenes_from_cuts(run.cuts, scenes::nominal_end(clip.rate, clip.frames));
  if (expected_scenes.empty()) {
    EXPECT_EQ(found.size(), 1U) << clip_name << "/" << run.name;
  } else {
    is_equal = is_equal && found.size() == expected_scenes.size();
    EXPECT_EQ(found.size(), expected_scenes.size()) << clip_name << "/" << run.name;
    for (std::size_t i = 0; i < std::min(found.size(), expected_scenes.size()); ++i) {
      cut_errors.add(static_cast<double>(found[i].start_frame), expected_scenes[i][0].at("frame").get<double>());
      cut_errors.add(static_cast<double>(found[i].end_frame), expected_scenes[i][1].at("frame").get<double>());
      time_errors.add(found[i].range.start.seconds(), expected_scenes[i][0].at("seconds").get<double>());
      time_errors.add(found[i].range.end.seconds(), expected_scenes[i][1].at("seconds").get<double>());
      // Exact half milliseconds (frame 15 at 29.97 fps) may round either way in print.
      const auto text = parse_time(expected_scenes[i][0].at("text").get<std::string>());
      ASSERT_TRUE(text.ok());
      EXPECT_NEAR(found[i].range.start.seconds(), text->seconds(), 0.000501) << clip_name << "/" << run.name;
    }
  }
  is_equal = is_equal && cut_errors.largest() == 0.0 && time_errors.largest() <= kAllowedSeconds;
  report("scenes", clip_name + "/" + run.name + " (seconds)", time_errors, kAllowedSeconds, is_equal);
  EXPECT_EQ(cut_errors.largest(), 0.0) << clip_name << "/" << run.name << ": frame numbers";
  EXPECT_LE(time_errors.largest(), kAllowedSeconds) << clip_name << "/" << run.name;
}

/// One column of the stored scores against one metric of one run.
void compare_column(const std::string& clip_name, const ClipRun& clip, const ScoreTable& table,
                    const GoldenColumn& column) {
  const auto run = std::find_if(clip.runs.begin(), clip.runs.end(), [&](const Run& r) { return r.name == column.run; });
  ASSERT_NE(run, clip.runs.end()) << column.run;
  const std::vector<double>& expected = table.column(column.name);
  const auto lag = static_cast<std::size_t>(run->detector->metric_lag(column.metric));
  Errors errors;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const bool has_row = i + lag < run->metrics.size();
    errors.add(has_row ? run->metrics[i + lag][column.metric] : std::numeric_limits<double>::quiet_NaN(), expected[i]);
  }
  const bool is_ok = errors.largest() <= kAllowedScore;
  report("scenes", clip_name + " " + column.name, errors, kAllowedScore, is_ok);
  EXPECT_TRUE(is_ok) << clip_name << " " << column.name;
}

void run_case(const std::filesystem::path& case_file, const std::filesystem::path& media_file, const json& golden) {
  const std::string name = case_file.stem().string();
  ClipRun clip;
  ASSERT_NO_FATAL_FAILURE(run_clip(media_file, golden, clip));
  EXPECT_EQ(clip.frames, golden.at("video").at("frames_decoded").get<std::int64_t>()) << name;
  const ScoreTable table(case_file.parent_path() / (name + ".scores.csv"));
  ASSERT_EQ(static_cast<std::size_t>(table.row_count()), clip.times.size()) << name;
  const scenes::FrameClock clock(clip.rate);
  Errors times;
  Errors numbers;
  for (std::size_t i = 0; i < clip.times.size(); ++i) {
    times.add(clip.times[i].seconds(), table.column("seconds")[i]);
    numbers.add(static_cast<double>(clock.frame_number(clip.times[i])), table.column("frame_num")[i]);
  }
  report("scenes", name + " seconds", times, kAllowedSeconds, times.largest() <= kAllowedSeconds);
  EXPECT_LE(times.largest(), kAllowedSeconds) << name;
  EXPECT_EQ(numbers.largest(), 0.0) << name << ": frame numbers";
  for (const GoldenColumn& column : golden_columns()) {
    ASSERT_NO_FATAL_FAILURE(compare_column(name, clip, table, column));
  }
  for (const Run& run : clip.runs) {
    if (golden.at("results").contains(run.name)) compare_run(name, clip, run, golden.at("results").at(run.name));
  }
}

TEST(ScenesParity, every_detector_gives_the_stored_cuts_scenes_and_scores) {
  const auto case_files = cases("scenes", ".json");
  ASSERT_FALSE(case_files.empty()) << "no cases under " << root() / "scenes";
  int ran = 0;
  for (const auto& case_file : case_files) {
    const json golden = json::parse(read_text(case_file), nullptr, false);
    ASSERT_FALSE(golden.is_discarded()) << case_file;
    const std::string clip = golden.at("clip").get<std::string>();
    const std::filesystem::path media_file = find_media(clip);
    if (media_file.empty()) {
      report_not_run("scenes", case_file.stem().string(), "clip not here: " + clip + " (set CINESCRIBE_MEDIA_DIR)");
      continue;
    }
    run_case(case_file, media_file, golden);
    ++ran;
  }
  EXPECT_GE(ran, 1) << "none of the clips is here";
}

TEST(ScenesParity, the_synthetic_clips_are_here) {
  for (const char* clip : {"cuts_23976.mp4", "fades_2997.mp4", "flashes_10fps_sar.mp4", "vfr_rotate90.mp4"}) {
    EXPECT_FALSE(find_media(clip).empty()) << clip << " is missing from tests/data/media";
  }
}

}  // namespace
}  // namespace cinescribe::parity
