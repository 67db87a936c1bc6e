#include "cinescribe/results/subtitles.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::results {
namespace {

TimeRange range(double start, double end) { return {Timestamp::from_seconds(start), Timestamp::from_seconds(end)}; }

SegmentRecord with_words(const std::vector<std::string>& words, double start, double each) {
  SegmentRecord segment;
  double at = start;
  for (const std::string& word : words) {
    segment.words.push_back({range(at, at + each), word, 0.9});
    segment.text += word;
    at += each;
  }
  segment.text.erase(0, 1);
  segment.range = range(start, at);
  return segment;
}

SegmentRecord plain(const std::string& text, double start, double end) {
  SegmentRecord segment;
  segment.text = text;
  segment.range = range(start, end);
  return segment;
}

TEST(Subtitles, srt_numbers_cues_and_writes_commas) {
  const std::vector segments = {plain("Hello.", 0.5, 1.25), plain("Good bye.", 3661.0, 3662.0)};
  EXPECT_EQ(to_srt(segments),
            "1\n00:00:00,500 --> 00:00:01,250\nHello.\n\n2\n01:01:01,000 --> 01:01:02,000\nGood bye.\n\n");
}

TEST(Subtitles, vtt_escapes_markup) {
  const std::vector segments = {plain("a < b & c --> d", 0.0, 1.0)};
  EXPECT_EQ(to_vtt(segments), "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\na &lt; b &amp; c --&gt; d\n\n");
}

TEST(Subtitles, line_breaks_in_the_text_cannot_break_a_cue_or_a_row) {
  const std::vector segments = {plain("one\n\n00:00 --> x\ttwo", 0.0, 1.0)};
  EXPECT_EQ(to_srt(segments), "1\n00:00:00,000 --> 00:00:01,000\none 00:00 --> x two\n\n");
  EXPECT_EQ(to_tsv(segments), "start\tend\ttext\n0\t1000\tone 00:00 --> x two\n");
  EXPECT_EQ(to_txt(segments), "one 00:00 --> x two\n");
}

TEST(Subtitles, lines_break_at_words_and_cues_take_their_times) {
  const std::vector segments = {with_words({" the", " quick", " brown", " fox", " jumps", " over"}, 10.0, 0.5)};
  const auto cues = make_cues(segments, {.max_line_width = 10, .max_lines = 2});
  ASSERT_EQ(cues.size(), 2U);
  EXPECT_EQ(cues[0].lines, (std::vector<std::string>{"the quick", "brown fox"}));
  EXPECT_EQ(cues[1].lines, (std::vector<std::string>{"jumps over"}));
  EXPECT_EQ(cues[0].range, range(10.0, 12.0));
  EXPECT_EQ(cues[1].range, range(12.0, 13.0));
}

TEST(Subtitles, width_counts_characters_and_a_long_word_stands_alone) {
  const std::vector segments = {with_words({" größe", " überraschenderweise", " ja"}, 0.0, 1.0)};
  const auto cues = make_cues(segments, {.max_line_width = 5, .max_lines = 0});
  ASSERT_EQ(cues.size(), 1U);
  EXPECT_EQ(cues[0].lines, (std::vector<std::string>{"größe", "überraschenderweise", "ja"}));
}

TEST(Subtitles, segments_without_words_share_their_time_by_text) {
  const std::vector segments = {plain("aaaa bbbb", 0.0, 9.0)};
  const auto cues = make_cues(segments, {.max_line_width = 4, .max_lines = 1});
  ASSERT_EQ(cues.size(), 2U);
  EXPECT_EQ(cues[0].range, range(0.0, 4.0));
  EXPECT_EQ(cues[1].range, range(4.0, 9.0));
}

TEST(Subtitles, formats_are_read_from_a_list) {
  const auto formats = parse_transcript_formats("srt,json,srt");
  ASSERT_TRUE(formats.ok());
  EXPECT_EQ(*formats, (std::vector{TranscriptFormat::kSrt, TranscriptFormat::kJson}));
  EXPECT_EQ(parse_transcript_formats("srt,doc").error().code, ErrorCode::kUsage);
  EXPECT_EQ(parse_transcript_formats("").error().code, ErrorCode::kUsage);
}

TEST(Subtitles, json_holds_language_segments_and_words) {
  const std::vector segments = {with_words({" Hi", " there"}, 1.0, 0.5)};
  const std::string json = transcript_json({"en", 0.75}, segments);
  for (const char* expected : {"\"schema_version\": 1", "\"language\": \"en\"", "\"start_seconds\": 1.0",
                               "\"end_seconds\": 2.0", "\"text\": \"Hi there\"", "\"text\": \" there\""}) {
    EXPECT_NE(json.find(expected), std::string::npos) << expected << " in " << json;
  }
}

}  // namespace
}  // namespace cinescribe::results
