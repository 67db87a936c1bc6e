#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cinescribe/results/box_export.h"
#include "cinescribe/results/markup.h"
#include "cinescribe/results/scene_export.h"

namespace cinescribe::results {
namespace {

using testing::HasSubstr;
using testing::Not;

TimeRange range(double start, double end) { return {Timestamp::from_seconds(start), Timestamp::from_seconds(end)}; }

ExportSource film() {
  ExportSource source;
  source.video.file_name = "street & <speech>.mp4";
  source.video.duration = Duration::from_seconds(10.01);
  source.video.picture.emplace();
  source.video.picture->width = 640;
  source.video.picture->height = 360;
  source.video.picture->frame_rate = {30000, 1001};
  source.video.sound.emplace();
  source.media_path = "/films/street & <speech>.mp4";
  source.picture_prefix = "base/street speech/";
  source.captioner = "narrator";
  return source;
}

/// Two scenes: words that last beyond a cut, characters that formats treat as markup, and a scene with nothing in it.
std::vector<ExportScene> scenes() {
  ExportScene first;
  first.scene.scene_index = 0;
  first.scene.start_frame = 0;
  first.scene.end_frame = 150;
  first.scene.range = {Timestamp(), Timestamp::from_ticks(150, {1001, 30000})};
  first.scene.frame_files = {"frames/000000_start.jpg", "frames/000000_middle.jpg"};
  SegmentRecord segment;
  segment.range = range(0.5, 5.2);
  segment.text = " Ask \"what\" you,\n <can> do & more";
  segment.words = {{range(0.5, 1.0), " Ask", 0.9},  {range(1.0, 1.5), " \"what\"", 0.9},
                   {range(1.5, 2.0), " you,", 0.9}, {range(2.0, 3.0), " <can>", 0.9},
                   {range(3.0, 4.0), " do", 0.9},   {range(4.0, 4.5), " &", 0.9},
                   {range(4.5, 5.2), " more", 0.9}};
  first.scene.speech = {segment};
  first.scene.sounds = {{"Speech", 0.981, 0.7}, {"Music, quiet", 0.25, 0.1}};
  TrackRecord person;
  person.track_id = 3;
  person.label = "person";
  first.scene.objects = {person, person};
  first.scene.objects[1].track_id = 4;
  first.caption = "A man speaks; two people stand by = the *door* #1.\nIt rains.";
  first.caption_doubt = "repeats 'rain' 7 times";

  ExportScene second;
  second.scene.scene_index = 1;
  second.scene.start_frame = 150;
  second.scene.end_frame = 300;
  second.scene.range = {Timestamp::from_ticks(150, {1001, 30000}), Timestamp::from_ticks(300, {1001, 30000})};
  SegmentRecord rest;
  rest.range = range(5.1, 6.0);
  rest.text = "Für dich.";
  second.scene.speech = {rest};

  ExportScene empty;
  empty.scene.scene_index = 2;
  empty.scene.start_frame = 300;
  empty.scene.end_frame = 300;
  empty.scene.range = {Timestamp::from_ticks(300, {1001, 30000}), Timestamp::from_ticks(300, {1001, 30000})};
  return {first, second, empty};
}

TextSink into(std::string& text) {
  return [&text](std::string_view piece) {
    text += piece;
    return Status();
  };
}

std::string exported(ExportFormat format, const ExportSource& source, const std::vector<ExportScene>& items) {
  std::string text;
  auto writer = make_scene_export(format, source, into(text));
  if (!writer.ok()) return writer.error().message;
  for (const ExportScene& item : items) {
    const Status written = (*writer)->scene(item);
    if (!written.ok()) return written.error().message;
  }
  const Status ended = (*writer)->finish();
  return ended.ok() ? text : ended.error().message;
}

std::string golden(const std::string& name) {
  const std::filesystem::path path = std::filesystem::path(CINESCRIBE_TEST_DATA) / "exports" / name;
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path << " is missing";
  return {std::istreambuf_iterator<char>(file), {}};
}

class Export : public testing::TestWithParam<ExportFormat> {};

TEST_P(Export, writes_what_the_golden_file_holds) {
  const std::string name(export_format_name(GetParam()));
  EXPECT_EQ(exported(GetParam(), film(), scenes()), golden("film." + name));
}

TEST_P(Export, of_a_video_without_any_scene_is_a_complete_document) {
  const std::string text = exported(GetParam(), film(), {});
  EXPECT_THAT(text, Not(HasSubstr("cannot")));
  if (GetParam() == ExportFormat::kHtml) {
    EXPECT_THAT(text, HasSubstr("</html>"));
  }
  if (GetParam() == ExportFormat::kFcpxml) {
    EXPECT_THAT(text, HasSubstr("</fcpxml>"));
  }
  if (GetParam() == ExportFormat::kVtt) {
    EXPECT_EQ(text, "WEBVTT\n\n");
  }
}

TEST_P(Export, hands_on_the_failure_of_its_destination) {
  const TextSink full = [](std::string_view) { return Status(Error{ErrorCode::kResource, "the disk is full"}); };
  auto writer = make_scene_export(GetParam(), film(), full);
  ASSERT_TRUE(writer.ok());
  Status status = (*writer)->scene(scenes()[0]);
  if (status.ok()) status = (*writer)->finish();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "the disk is full");
}

INSTANTIATE_TEST_SUITE_P(AllOfScenes, Export,
                         testing::Values(ExportFormat::kSrt, ExportFormat::kVtt, ExportFormat::kTxt, ExportFormat::kCsv,
                                         ExportFormat::kEdl, ExportFormat::kOtio, ExportFormat::kFcpxml,
                                         ExportFormat::kChapters, ExportFormat::kMarkdown, ExportFormat::kHtml),
                         [](const auto& format) { return std::string(export_format_name(format.param)); });

TEST(Export, shows_captions_as_subtitles_over_the_length_of_their_scene) {
  ExportSource source = film();
  source.text = ExportText::kCaptions;
  EXPECT_EQ(exported(ExportFormat::kSrt, source, scenes()), golden("film.captions.srt"));
}

TEST(Export, says_which_command_makes_captions_when_there_are_none) {
  ExportSource source = film();
  source.captioner.clear();
  source.text = ExportText::kCaptions;
  EXPECT_THAT(exported(ExportFormat::kSrt, source, scenes()), HasSubstr("caption-scenes"));
}

TEST(Export, without_captions_has_no_columns_for_them) {
  ExportSource source = film();
  source.captioner.clear();
  EXPECT_THAT(exported(ExportFormat::kCsv, source, {}), Not(HasSubstr("caption")));
}

TEST(Export, to_timelines_needs_pictures_of_a_known_rate) {
  ExportSource sound = film();
  sound.video.picture.reset();
  for (const ExportFormat format : {ExportFormat::kEdl, ExportFormat::kOtio, ExportFormat::kFcpxml}) {
    EXPECT_THAT(exported(format, sound, scenes()), HasSubstr("choose csv or chapters"));
  }
}

TEST(Export, keeps_scripts_of_foreign_text_out_of_pages) {
  std::vector<ExportScene> items = scenes();
  items[0].caption = "<script>alert('x')</script>";
  items[0].scene.speech[0].text = "\"><img onerror=x>";
  items[0].scene.frame_files = {"a\"onload=\"x.jpg"};
  const std::string html = exported(ExportFormat::kHtml, film(), items);
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(html, Not(HasSubstr("<img onerror")));
  EXPECT_THAT(html, Not(HasSubstr("\"onload=")));
}

TEST(ExportFormats, are_named_when_an_unknown_one_is_asked_for) {
  const auto format = parse_export_format("avi");
  ASSERT_FALSE(format.ok());
  EXPECT_EQ(format.error().code, ErrorCode::kUsage);
  EXPECT_THAT(format.error().message, HasSubstr("fcpxml, mot, coco, chapters, md, html"));
}

std::vector<FrameBoxes> frames() {
  return {{0, Timestamp(), {{1, 0, 0.875, {10, 20, 40.5, 60}}, {2, 2, 0.5, {0, 0, 100, 50}}}},
          {8, Timestamp::from_ticks(8, {1001, 30000}), {{1, 0, 0.75, {12, 20, 42, 60}}}}};
}

std::string exported_boxes(ExportFormat format, const std::vector<FrameBoxes>& boxes) {
  std::string text;
  auto writer = make_box_export(format, film().video, {"person", "bicycle", "car"}, into(text));
  if (!writer.ok()) return writer.error().message;
  for (const FrameBoxes& frame : boxes) EXPECT_TRUE((*writer)->frame(frame).ok());
  EXPECT_TRUE((*writer)->finish().ok());
  return text;
}

TEST(BoxExport, numbers_frames_of_mot_from_one) {
  EXPECT_EQ(exported_boxes(ExportFormat::kMot, frames()), golden("film.mot"));
}

TEST(BoxExport, names_the_classes_of_coco) {
  EXPECT_EQ(exported_boxes(ExportFormat::kCoco, frames()), golden("film.coco"));
}

TEST(BoxExport, of_nothing_is_valid) {
  EXPECT_EQ(exported_boxes(ExportFormat::kMot, {}), "");
  EXPECT_THAT(exported_boxes(ExportFormat::kCoco, {}), HasSubstr("\"images\": [\n]"));
}

TEST(Markup, escapes_paths_byte_by_byte) { EXPECT_EQ(escaped_path("a b/ü#?.jpg"), "a%20b/%C3%BC%23%3F.jpg"); }

}  // namespace
}  // namespace cinescribe::results
