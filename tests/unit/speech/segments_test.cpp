#include "cinescribe/speech/segments.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::speech {
namespace {

constexpr std::int64_t kSecond = 16000;

SpeechWindow window_of(const std::vector<SampleRange>& regions) {
  SpeechWindow window;
  window.regions = regions;
  for (const SampleRange& region : regions) {
    window.samples.resize(window.samples.size() + static_cast<std::size_t>(region.length()));
  }
  return window;
}

DecodedToken word(std::string bytes, double begin) {
  static int id = 100;
  return {id++, false, std::move(bytes), 0.9, begin, -1.0};
}

DecodedToken mark(double seconds) { return {50000 + static_cast<int>(seconds * 50), true, "", 0.9, seconds, -1.0}; }

TEST(Segments, a_pause_and_a_sentence_end_segments) {
  const SpeechWindow window = window_of({{0, 10 * kSecond}, {60 * kSecond, 70 * kSecond}});
  DecodedWindow decoded;
  decoded.tokens = {word(" One", 0.5),  word(" two", 1.0),    word(" three", 2.0), word(" four", 3.0),
                    word(" five", 4.0), word(".", 4.8),       word(" Six", 5.0),   word(" seven", 5.4),
                    word(".", 6.0),     word(" Eight", 11.0), word(" nine", 12.0), word(".", 12.5)};
  const auto segments = make_segments(decoded, window, "en", WordTimes::kExact);
  ASSERT_EQ(segments.size(), 3U);
  EXPECT_EQ(segments[0].text, "One two three four five.");
  EXPECT_EQ(segments[1].text, "Six seven.");
  EXPECT_EQ(segments[2].text, "Eight nine.");
  EXPECT_DOUBLE_EQ(segments[0].range.start.seconds(), 0.5);
  EXPECT_DOUBLE_EQ(segments[0].range.end.seconds(), 4.8);
  EXPECT_GE(segments[2].range.start.seconds(), 60.0);
  EXPECT_NEAR(segments[2].range.end.seconds(), 62.5, 1e-6);
  for (std::size_t i = 1; i < segments.size(); ++i) EXPECT_GE(segments[i].range.start, segments[i - 1].range.end);
}

TEST(Segments, a_long_sentence_ends_at_a_clause_and_a_very_long_one_at_a_short_pause) {
  const SpeechWindow window = window_of({{0, 30 * kSecond}});
  DecodedWindow decoded;
  decoded.tokens = {word(" So", 0.5), word(",", 1.0)};
  for (int i = 0; i < 5; ++i) decoded.tokens.push_back(word(" on", 1.2 + i));
  decoded.tokens.push_back(word(",", 6.0));
  for (int i = 0; i < 12; ++i) {
    DecodedToken next = word(" and", 6.4 + i);
    next.end_seconds = 6.4 + i + (i == 10 ? 0.6 : 1.0);  // a pause of 0.4 s after the eleventh
    decoded.tokens.push_back(next);
  }
  const auto segments = make_segments(decoded, window, "en", WordTimes::kExact);
  ASSERT_EQ(segments.size(), 3U);
  EXPECT_EQ(segments[0].text, "So, on on on on on,");  // not at the first comma
  EXPECT_EQ(segments[1].text, "and and and and and and and and and and and");
  EXPECT_EQ(segments[2].text, "and");
}

TEST(Segments, time_marks_end_segments_where_there_are_no_words) {
  const SpeechWindow window = window_of({{10 * kSecond, 20 * kSecond}});
  DecodedWindow decoded;
  decoded.tokens = {mark(0.0), word(" One", -1.0), mark(2.0), mark(2.5), word(" two", -1.0), mark(4.0)};
  const auto segments = make_segments(decoded, window, "en", WordTimes::kOff);
  ASSERT_EQ(segments.size(), 2U);
  EXPECT_EQ(segments[0].text, "One");
  EXPECT_DOUBLE_EQ(segments[0].range.start.seconds(), 10.0);
  EXPECT_DOUBLE_EQ(segments[0].range.end.seconds(), 12.0);
  EXPECT_DOUBLE_EQ(segments[1].range.start.seconds(), 12.5);
  EXPECT_DOUBLE_EQ(segments[1].range.end.seconds(), 14.0);
  EXPECT_TRUE(segments[0].words.empty());
}

TEST(Segments, without_marks_and_words_the_window_is_one_segment_over_its_regions) {
  const SpeechWindow window = window_of({{10 * kSecond, 12 * kSecond}, {30 * kSecond, 33 * kSecond}});
  DecodedWindow decoded;
  decoded.tokens = {word(" One", -1.0), word(" two.", -1.0)};
  const auto segments = make_segments(decoded, window, "en", WordTimes::kOff);
  ASSERT_EQ(segments.size(), 1U);
  EXPECT_DOUBLE_EQ(segments[0].range.start.seconds(), 10.0);
  EXPECT_DOUBLE_EQ(segments[0].range.end.seconds(), 33.0);
}

TEST(Segments, text_without_a_letter_is_no_segment) {
  const SpeechWindow window = window_of({{0, 5 * kSecond}});
  DecodedWindow decoded;
  decoded.tokens = {word(" ...", 0.5), word(" -", 1.0)};
  EXPECT_TRUE(make_segments(decoded, window, "en", WordTimes::kExact).empty());
  EXPECT_TRUE(make_segments(decoded, window, "en", WordTimes::kOff).empty());
  EXPECT_TRUE(make_segments({}, window, "en", WordTimes::kExact).empty());
  decoded.tokens = {word(" (hum", 0.5), word("ming)", 1.0)};
  EXPECT_TRUE(make_segments(decoded, window, "en", WordTimes::kExact).empty());
  decoded.tokens = {word(" (Aside)", 0.5), word(" hello", 1.0)};
  EXPECT_EQ(make_segments(decoded, window, "en", WordTimes::kExact).size(), 1U);
}

TEST(Segments, hostile_times_stay_inside_the_recording) {
  const SpeechWindow window = window_of({{5 * kSecond, 8 * kSecond}});
  DecodedWindow decoded;
  decoded.tokens = {word(" a", 99.0), word(" b", -1.0), word(" c", 1.0), mark(29.98)};
  for (const WordTimes times : {WordTimes::kOff, WordTimes::kExact}) {
    for (const Segment& segment : make_segments(decoded, window, "en", times)) {
      EXPECT_GE(segment.range.start.seconds(), 5.0);
      EXPECT_LE(segment.range.end.seconds(), 8.0);
      EXPECT_LE(segment.range.start, segment.range.end);
    }
  }
}

}  // namespace
}  // namespace cinescribe::speech
