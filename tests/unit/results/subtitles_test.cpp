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
  const std::vector segments = {plain("Hello.", 0.5, 1.375), plain("Good bye.", 3661.0, 3662.0)};
  EXPECT_EQ(to_srt(segments),
            "1\n00:00:00,500 --> 00:00:01,375\nHello.\n\n2\n01:01:01,000 --> 01:01:02,000\nGood bye.\n\n");
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

TEST(Subtitles, by_default_a_long_sentence_is_cut_at_its_clauses_into_readable_cues) {
  const std::vector segments = {with_words(
      {" And", " so",  " my",   " fellow", " Americans,", " ask", " not", " what", " your", " country", " can",
       " do",  " for", " you,", " ask",    " what",       " you", " can", " do",   " for",  " your",    " country."},
      0.5, 0.45)};
  const auto cues = make_cues(segments, {});
  ASSERT_EQ(cues.size(), 2U);
  EXPECT_EQ(cues[0].lines,
            (std::vector<std::string>{"And so my fellow Americans,", "ask not what your country can do for you,"}));
  EXPECT_EQ(cues[1].lines, (std::vector<std::string>{"ask what you can do for your country."}));
  EXPECT_EQ(cues[0].range, range(0.5, 0.5 + 14 * 0.45));
  EXPECT_EQ(cues[1].range, range(0.5 + 14 * 0.45, 0.5 + 22 * 0.45));
}

TEST(Subtitles, no_cue_breaks_the_rules_and_none_loses_a_word) {
  std::vector<std::string> words;
  for (int i = 0; i < 300; ++i) {
    words.push_back(" " + std::string(1 + static_cast<std::size_t>(i * 7 % 12), static_cast<char>('a' + i % 26)) +
                    (i % 17 == 0   ? "."
                     : i % 11 == 0 ? ","
                                   : ""));
  }
  const std::vector segments = {with_words(words, 3.0, 0.31)};
  for (const SubtitleLayout& layout :
       {SubtitleLayout{}, SubtitleLayout{20, 1, 3.0}, SubtitleLayout{0, 0, 5.0}, SubtitleLayout{30, 3, 0.0}}) {
    std::string text;
    Timestamp until;
    for (const Cue& cue : make_cues(segments, layout)) {
      EXPECT_GE(cue.range.start, until);
      until = cue.range.end;
      if (layout.max_seconds > 0.0) {
        EXPECT_LE(cue.range.length().seconds(), layout.max_seconds + 1e-6);
      }
      if (layout.max_lines > 0) {
        EXPECT_LE(cue.lines.size(), static_cast<std::size_t>(layout.max_lines));
      }
      for (const std::string& line : cue.lines) {
        if (layout.max_line_width > 0) {
          EXPECT_LE(line.size(), static_cast<std::size_t>(layout.max_line_width)) << line;
        }
        text += " " + line;
      }
    }
    EXPECT_EQ(text.substr(1), segments[0].text);
  }
}

TEST(Subtitles, a_pause_is_a_better_place_than_any_other) {
  SegmentRecord segment = with_words({" one", " two", " three", " four", " five", " six"}, 0.0, 1.2);
  for (std::size_t i = 2; i < 6; ++i) {  // 0.6 s after the second word
    segment.words[i].range.start = segment.words[i].range.start + Duration::from_ms(600);
    segment.words[i].range.end = segment.words[i].range.end + Duration::from_ms(600);
  }
  const auto cues = make_cues(std::vector{segment}, {});
  ASSERT_EQ(cues.size(), 2U);
  EXPECT_EQ(cues[0].lines, (std::vector<std::string>{"one two"}));
}

TEST(Subtitles, a_short_cue_stays_until_it_can_be_read_or_the_next_one_comes) {
  const auto cues =
      make_cues(std::vector{plain("Yes.", 1.0, 1.2), plain("No.", 1.5, 1.6), plain("Why?", 9.0, 9.1)}, {});
  ASSERT_EQ(cues.size(), 3U);
  EXPECT_EQ(cues[0].range, range(1.0, 1.5));
  EXPECT_EQ(cues[1].range, range(1.5, 2.3));
  EXPECT_EQ(cues[2].range, range(9.0, 9.8));
}

TEST(Subtitles, writing_without_spaces_is_cut_between_its_characters) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += i % 10 == 9 ? "。" : "字";
  const auto cues = make_cues(std::vector{plain(text, 0.0, 6.0)}, {});
  ASSERT_EQ(cues.size(), 1U);
  ASSERT_EQ(cues[0].lines.size(), 2U);
  EXPECT_EQ(cues[0].lines[0] + cues[0].lines[1], text);
  EXPECT_FALSE(cues[0].lines[1].starts_with("。"));
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
