#include "cinescribe/speech/remote_answer.h"

#include <gtest/gtest.h>

#include "cinescribe/speech/sound_chunks.h"

namespace cinescribe::speech {
namespace {

TimeRange ten_seconds() { return {Timestamp::from_seconds(100.0), Timestamp::from_seconds(110.0)}; }

TEST(RemoteAnswer, WordsGetTheSpacesAndPunctuationOfTheText) {
  const auto answer = parse_remote_answer(R"({"language": "english", "segments": [
      {"start": 0.0, "end": 2.0, "text": " Well, don't ask."}, {"start": 2.0, "end": 4.0, "text": " Ask why!"}],
      "words": [{"word": "Well", "start": 0.1, "end": 0.5}, {"word": "don't", "start": 0.6, "end": 0.9},
                {"word": "ask", "start": 1.0, "end": 1.9}, {"word": "Ask", "start": 2.1, "end": 2.5},
                {"word": "why", "start": 2.6, "end": 3.0}]})",
                                          ten_seconds());
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  ASSERT_EQ(answer->segments.size(), 2U);
  std::vector<std::string> texts;
  for (const Segment& segment : answer->segments) {
    for (const Word& word : segment.words) texts.push_back(word.text);
  }
  EXPECT_EQ(texts, (std::vector<std::string>{" Well,", " don't", " ask.", " Ask", " why!"}));
  EXPECT_EQ(answer->segments[1].words.size(), 2U);
  EXPECT_NEAR(answer->segments[1].words[0].range.start.seconds(), 102.1, 1e-9);
}

TEST(RemoteAnswer, WordsInsideSegmentsKeepTheirProbability) {
  const auto answer = parse_remote_answer(R"({"segments": [{"start": 0, "end": 1, "text": "Hi there",
      "words": [{"word": " Hi", "start": 0, "end": 0.4, "probability": 0.75}, {"word": " there", "start": 0.4, "end": 1}]}]})",
                                          ten_seconds());
  ASSERT_TRUE(answer.ok());
  ASSERT_EQ(answer->segments[0].words.size(), 2U);
  EXPECT_EQ(answer->segments[0].words[0].text, " Hi");
  EXPECT_EQ(answer->segments[0].words[0].probability, 0.75);
}

TEST(RemoteAnswer, WildTimesStayWithinTheChunkAndInOrder) {
  const auto answer = parse_remote_answer(R"({"segments": [{"start": 5, "end": 1e300, "text": "b"},
      {"start": -7, "end": -8, "text": "a"}, {"start": 3, "end": 2, "text": "  "}]})",
                                          ten_seconds());
  ASSERT_TRUE(answer.ok());
  ASSERT_EQ(answer->segments.size(), 2U);
  EXPECT_EQ(answer->segments[0].text, "a");
  EXPECT_EQ(answer->segments[0].range, (TimeRange{ten_seconds().start, ten_seconds().start}));
  EXPECT_EQ(answer->segments[1].range.end, ten_seconds().end);
}

TEST(RemoteAnswer, NothingHeardIsNoError) {
  EXPECT_TRUE(parse_remote_answer(R"({"text": " "})", ten_seconds()).ok());
  EXPECT_TRUE(parse_remote_answer(R"({"text": "", "segments": []})", ten_seconds()).ok());
}

TEST(RemoteAnswer, AnAnswerCutAtAnyByteIsAnError) {
  const std::string good =
      R"({"language": "en", "segments": [{"start": 0, "end": 1, "text": "Hi \u00e9"}], "words": []})";
  for (std::size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(parse_remote_answer(good.substr(0, length), ten_seconds()).ok()) << length;
  }
  EXPECT_FALSE(parse_remote_answer(std::string(100000, '['), ten_seconds()).ok());
}

TEST(SoundChunks, NothingIsLeftOutAndCutsLieInPauses) {
  std::vector<float> samples(16000 * 25, 0.5F);
  for (std::size_t i = 16000 * 7; i < 16000 * 7 + 8000; ++i) samples[i] = 0.0F;
  ChunkCutter cutter(16000 * 10);
  std::vector<SoundChunk> chunks;
  for (std::size_t at = 0; at < samples.size(); at += 1000) cutter.push(std::span(samples).subspan(at, 1000), chunks);
  cutter.finish(chunks);
  ASSERT_GE(chunks.size(), 3U);
  EXPECT_GT(chunks[0].samples.size(), 16000U * 7U);
  EXPECT_LT(chunks[0].samples.size(), 16000U * 7U + 8000U);
  std::int64_t position = 0;
  for (const SoundChunk& chunk : chunks) {
    EXPECT_EQ(chunk.first_sample, position);
    EXPECT_LE(chunk.samples.size(), 160000U);
    position += static_cast<std::int64_t>(chunk.samples.size());
  }
  EXPECT_EQ(position, 16000 * 25);
}

TEST(SoundChunks, LoudAndBrokenSamplesAreTamed) {
  ChunkCutter cutter(100);
  std::vector<SoundChunk> chunks;
  cutter.push(std::vector<float>{2.0F, -2.0F, std::numeric_limits<float>::quiet_NaN(), 0.5F}, chunks);
  cutter.finish(chunks);
  ASSERT_EQ(chunks.size(), 1U);
  EXPECT_EQ(chunks[0].samples, (std::vector<std::int16_t>{32767, -32767, 0, 16384}));
  EXPECT_FALSE(chunks[0].is_silent);
}

}  // namespace
}  // namespace cinescribe::speech
