// One suite for everything that implements speech::Transcriber: a stub, the one behind a server, and Whisper (which is
// skipped, by name, where its model is not installed).
#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "support/beeps.h"
#include "support/scratch_folder.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cinescribe/core/audio.h"
#include "cinescribe/models/model_store.h"
#include "cinescribe/models/whisper_convert.h"
#include "cinescribe/speech/remote_transcriber.h"
#include "cinescribe/speech/transcriber.h"
#include "cinescribe/speech/whisper_engine.h"

namespace cinescribe::speech {
namespace {

/// An implementation under test, and sound in which it hears something.
class Candidate {
 public:
  virtual ~Candidate() = default;
  virtual std::string reason_to_skip() { return {}; }
  virtual std::vector<float> sound() = 0;
  virtual Result<std::unique_ptr<Transcriber>> make(SegmentSink sink, std::stop_token stop) = 0;
};

/// Hears a "beep" in every second that is not silent.
class StubTranscriber final : public Transcriber {
 public:
  StubTranscriber(SegmentSink sink, std::stop_token stop) : sink_(std::move(sink)), stop_(std::move(stop)) {}

  Status push(std::span<const float> samples) override {
    if (stop_.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped"};
    for (const float sample : samples) {
      is_loud_ = is_loud_ || sample > 0.01F;
      if (++position_ % kAudioRateHz == 0) CINESCRIBE_TRY(deliver(kAudioRateHz));
    }
    return {};
  }
  Status finish() override {
    if (stop_.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped"};
    return deliver(position_ % kAudioRateHz);
  }
  [[nodiscard]] Language language() const override { return has_heard_ ? Language{"en", 1.0} : Language{}; }
  [[nodiscard]] Timestamp done_until() const override { return Timestamp::from_ticks(position_, {1, kAudioRateHz}); }

 private:
  Status deliver(std::int64_t length) {
    if (!std::exchange(is_loud_, false)) return {};
    has_heard_ = true;
    Segment segment;
    segment.range = {Timestamp::from_ticks(position_ - length, {1, kAudioRateHz}), done_until()};
    segment.text = "beep";
    segment.words.push_back({segment.range, " beep", 1.0});
    return sink_(std::move(segment));
  }

  SegmentSink sink_;
  std::stop_token stop_;
  std::int64_t position_ = 0;
  bool is_loud_ = false;
  bool has_heard_ = false;
};

class StubCandidate final : public Candidate {
 public:
  std::vector<float> sound() override { return test::beeps(20); }
  Result<std::unique_ptr<Transcriber>> make(SegmentSink sink, std::stop_token stop) override {
    return std::unique_ptr<Transcriber>(std::make_unique<StubTranscriber>(std::move(sink), std::move(stop)));
  }
};

class RemoteCandidate final : public Candidate {
 public:
  std::vector<float> sound() override { return test::beeps(20); }
  Result<std::unique_ptr<Transcriber>> make(SegmentSink sink, std::stop_token stop) override {
    RemoteTranscriberOptions options;
    options.base_url = server_.url("/v1");
    options.longest_chunk = Duration::from_seconds(4.0);
    return make_remote_transcriber(options, {}, std::move(sink), std::move(stop));
  }

 private:
  test::SpeechServer server_{[](const test::SpeechRequest& request) {
    return test::SpeechReply{.body = test::transcript_of_beeps(request.part("file"))};
  }};
};

class WhisperCandidate final : public Candidate {
 public:
  explicit WhisperCandidate(WhisperRunner runner = WhisperRunner::kAuto, WordTimes word_times = WordTimes::kExact)
      : word_times_(word_times), runner_(runner) {}
  std::string reason_to_skip() override {
    for (const char* name : {"whisper-base", "silero-vad"}) {
      const auto model = models::locate(name);
      if (!model.ok()) return std::string(name) + " is not installed: " + model.error().message;
    }
    return {};
  }
  /// tests/data/media/speech_10s.wav: 16 kHz mono, 16 bit, behind the usual 44 bytes.
  std::vector<float> sound() override {
    const std::string wav = test::read_bytes(CINESCRIBE_TEST_DATA "/media/speech_10s.wav");
    std::vector<float> samples;
    for (std::size_t i = 44; i + 2 <= wav.size(); i += 2) {
      std::int16_t sample = 0;
      std::memcpy(&sample, wav.data() + i, 2);
      samples.push_back(static_cast<float>(sample) / 32768.0F);
    }
    return samples;
  }
  Result<std::unique_ptr<Transcriber>> make(SegmentSink sink, std::stop_token stop) override {
    return make_with({}, std::move(sink), std::move(stop));
  }
  Result<std::unique_ptr<Transcriber>> make_with(const TranscriptionOptions& options, SegmentSink sink,
                                                 std::stop_token stop = {}) {
    if (!engine_) CINESCRIBE_TRY(load());
    return engine_->make_transcriber(options, std::move(sink), std::move(stop));
  }

 private:
  WordTimes word_times_;

  Status load() {
    CINESCRIBE_ASSIGN(const auto located, models::locate("whisper-base"));
    CINESCRIBE_ASSIGN(const auto model, models::prepare_whisper(located));
    CINESCRIBE_ASSIGN(const auto vad, models::locate("silero-vad"));
    WhisperEngineOptions options;
    options.model = model.ggml_path;
    options.alignment_heads = model.alignment_heads;
    options.vad_model = vad.path;
    options.runner = runner_;
    options.word_times = word_times_;
    CINESCRIBE_ASSIGN(engine_, WhisperEngine::load(options));
    return {};
  }
  WhisperRunner runner_;
  std::shared_ptr<WhisperEngine> engine_;
};

using MakeCandidate = std::function<std::unique_ptr<Candidate>()>;

class TranscriberConformance : public testing::TestWithParam<std::pair<const char*, MakeCandidate>> {
 protected:
  void SetUp() override {
    candidate_ = GetParam().second();
    const std::string reason = candidate_->reason_to_skip();
    if (!reason.empty()) GTEST_SKIP() << reason;
  }

  std::unique_ptr<Transcriber> make(std::stop_token stop = {}) {
    auto made = candidate_->make(
        [this](Segment&& segment) {
          segments_.push_back(std::move(segment));
          return sink_answer_;
        },
        std::move(stop));
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
    return made.ok() ? *std::move(made) : nullptr;
  }

  static Status push_all(Transcriber& transcriber, std::span<const float> samples) {
    constexpr std::size_t kPiece = 7919;
    for (std::size_t i = 0; i < samples.size(); i += kPiece) {
      CINESCRIBE_TRY(transcriber.push(samples.subspan(i, std::min(kPiece, samples.size() - i))));
    }
    return {};
  }

  std::unique_ptr<Candidate> candidate_;
  std::vector<Segment> segments_;
  Status sink_answer_;
};

TEST_P(TranscriberConformance, segments_come_in_order_and_lie_inside_the_recording) {
  const auto sound = candidate_->sound();
  const auto transcriber = make();
  ASSERT_NE(transcriber, nullptr);
  ASSERT_TRUE(push_all(*transcriber, sound).ok());
  ASSERT_TRUE(transcriber->finish().ok());
  ASSERT_FALSE(segments_.empty());
  const Timestamp end = Timestamp::from_ticks(static_cast<std::int64_t>(sound.size()), {1, kAudioRateHz});
  Timestamp until;
  for (const Segment& segment : segments_) {
    EXPECT_GE(segment.range.start, until);
    EXPECT_GT(segment.range.end, segment.range.start);
    EXPECT_LE(segment.range.end, end);
    EXPECT_FALSE(segment.text.empty());
    EXPECT_NE(segment.text.front(), ' ');
    EXPECT_NE(segment.text.back(), ' ');
    until = segment.range.end;
  }
  EXPECT_GE(transcriber->done_until(), segments_.back().range.end);
  EXPECT_LE(transcriber->done_until(), end);
  EXPECT_EQ(transcriber->language().code, "en");
}

TEST_P(TranscriberConformance, words_lie_inside_their_segment_and_spell_it) {
  const auto transcriber = make();
  ASSERT_NE(transcriber, nullptr);
  ASSERT_TRUE(push_all(*transcriber, candidate_->sound()).ok());
  ASSERT_TRUE(transcriber->finish().ok());
  for (const Segment& segment : segments_) {
    ASSERT_FALSE(segment.words.empty());
    std::string spelled;
    Timestamp until = segment.range.start;
    for (const Word& word : segment.words) {
      EXPECT_GE(word.range.start, until);
      EXPECT_GE(word.range.end, word.range.start);
      EXPECT_LE(word.range.end, segment.range.end);
      EXPECT_GE(word.probability, 0.0);
      EXPECT_LE(word.probability, 1.0);
      until = word.range.end;
      spelled += word.text;
    }
    spelled.erase(0, spelled.find_first_not_of(' '));
    EXPECT_EQ(spelled, segment.text);
  }
}

TEST_P(TranscriberConformance, silence_has_no_segments) {
  const auto transcriber = make();
  ASSERT_NE(transcriber, nullptr);
  ASSERT_TRUE(push_all(*transcriber, std::vector<float>(40 * kAudioRateHz, 0.0F)).ok());
  ASSERT_TRUE(transcriber->finish().ok());
  EXPECT_TRUE(segments_.empty());
}

TEST_P(TranscriberConformance, a_recording_without_sound_ends_well) {
  const auto transcriber = make();
  ASSERT_NE(transcriber, nullptr);
  EXPECT_TRUE(transcriber->push({}).ok());
  EXPECT_TRUE(transcriber->finish().ok());
  EXPECT_TRUE(segments_.empty());
  EXPECT_EQ(transcriber->language().code, "");
}

TEST_P(TranscriberConformance, the_error_of_the_sink_ends_the_transcription) {
  sink_answer_ = Error{ErrorCode::kResource, "the disk is full"};
  const auto transcriber = make();
  ASSERT_NE(transcriber, nullptr);
  Status status = push_all(*transcriber, candidate_->sound());
  if (status.ok()) status = transcriber->finish();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "the disk is full");
  EXPECT_EQ(segments_.size(), 1U);
}

TEST_P(TranscriberConformance, a_stop_request_is_answered_as_interrupted) {
  std::stop_source stop;
  const auto transcriber = make(stop.get_token());
  ASSERT_NE(transcriber, nullptr);
  ASSERT_TRUE(push_all(*transcriber, candidate_->sound()).ok());
  stop.request_stop();
  const Status status = transcriber->finish();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInterrupted);
  EXPECT_FALSE(transcriber->push(std::vector<float>(16, 0.0F)).ok());
}

TEST_P(TranscriberConformance, one_that_is_dropped_in_the_middle_does_not_hang) {
  const auto sound = candidate_->sound();
  const auto transcriber = make();
  ASSERT_NE(transcriber, nullptr);
  EXPECT_TRUE(push_all(*transcriber, std::span(sound).first(sound.size() * 2 / 3)).ok());
}

class WhisperTranscriber : public testing::TestWithParam<WhisperRunner> {};

TEST_P(WhisperTranscriber, noise_tones_and_silence_are_no_words) {
  WhisperCandidate whisper(GetParam());
  const std::string reason = whisper.reason_to_skip();
  if (!reason.empty()) GTEST_SKIP() << reason;
  constexpr std::size_t kLength = 8 * kAudioRateHz;
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0.0F, 0.1F);
  std::vector<float> noise(kLength);
  std::generate(noise.begin(), noise.end(), [&] { return normal(random); });
  std::vector<float> tone(kLength);
  for (std::size_t i = 0; i < kLength; ++i) tone[i] = 0.3F * std::sin(0.17279F * static_cast<float>(i));  // 440 Hz
  for (const bool has_vad : {true, false}) {
    for (const auto& sound : {noise, tone, std::vector<float>(kLength, 0.0F)}) {
      std::vector<std::string> heard;
      TranscriptionOptions options;
      options.use_vad = has_vad;
      const auto transcriber = whisper.make_with(options, [&](Segment&& segment) {
        heard.push_back(segment.text);
        return Status();
      });
      ASSERT_TRUE(transcriber.ok()) << transcriber.error().message;
      ASSERT_TRUE((*transcriber)->push(sound).ok());
      ASSERT_TRUE((*transcriber)->finish().ok());
      EXPECT_THAT(heard, testing::IsEmpty()) << (has_vad ? "with" : "without") << " voice activity detection";
    }
  }
}

/// What Whisper hears in its sound.
std::vector<Segment> heard(WhisperCandidate& whisper, const TranscriptionOptions& options) {
  std::vector<Segment> segments;
  const auto transcriber = whisper.make_with(options, [&](Segment&& segment) {
    segments.push_back(std::move(segment));
    return Status();
  });
  EXPECT_TRUE(transcriber.ok()) << (transcriber.ok() ? "" : transcriber.error().message);
  if (!transcriber.ok()) return {};
  EXPECT_TRUE((*transcriber)->push(whisper.sound()).ok());
  EXPECT_TRUE((*transcriber)->finish().ok());
  return segments;
}

std::string text_of(const std::vector<Segment>& segments) {
  std::string text;
  for (const Segment& segment : segments) text += " " + segment.text;
  return text;
}

TEST_P(WhisperTranscriber, an_initial_prompt_sets_the_spelling) {
  WhisperCandidate whisper(GetParam());
  const std::string reason = whisper.reason_to_skip();
  if (!reason.empty()) GTEST_SKIP() << reason;
  TranscriptionOptions options;
  options.language = "en";
  EXPECT_THAT(text_of(heard(whisper, options)), testing::HasSubstr("harbor"));
  options.initial_prompt = "The grey harbour, the colour of the theatre.";
  const std::string text = text_of(heard(whisper, options));
  EXPECT_THAT(text, testing::HasSubstr("harbour"));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("theatre")));  // it was not said
}

TEST_P(WhisperTranscriber, translation_gives_english_whatever_language_is_named) {
  WhisperCandidate whisper(GetParam());
  const std::string reason = whisper.reason_to_skip();
  if (!reason.empty()) GTEST_SKIP() << reason;
  TranscriptionOptions options;
  options.language = "fr";  // of English speech: the model then writes French
  EXPECT_THAT(text_of(heard(whisper, options)), testing::HasSubstr("station de"));
  options.translate = true;
  const std::string text = text_of(heard(whisper, options));
  EXPECT_THAT(text, testing::HasSubstr(" the "));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("station de")));
}

TEST(WhisperWordTimes, fast_ones_are_words_near_the_exact_ones) {
  WhisperCandidate exact(WhisperRunner::kAuto, WordTimes::kExact);
  const std::string reason = exact.reason_to_skip();
  if (!reason.empty()) GTEST_SKIP() << reason;
  WhisperCandidate fast(WhisperRunner::kAuto, WordTimes::kFast);
  TranscriptionOptions options;
  options.language = "en";
  const auto words_of = [&](WhisperCandidate& whisper) {
    std::vector<Word> words;
    for (Segment& segment : heard(whisper, options)) {
      for (Word& word : segment.words) words.push_back(std::move(word));
    }
    return words;
  };
  const std::vector<Word> expected = words_of(exact);
  const std::vector<Word> words = words_of(fast);
  ASSERT_GT(words.size(), 20U);
  Timestamp until;
  int near = 0;
  for (const Word& word : words) {
    EXPECT_GE(word.range.start, until);
    EXPECT_GE(word.range.end, word.range.start);
    until = word.range.end;
    near += std::any_of(expected.begin(), expected.end(),
                        [&](const Word& other) {
                          return other.text == word.text &&
                                 std::abs((other.range.start - word.range.start).seconds()) < 1.0;
                        })
                ? 1
                : 0;
  }
  EXPECT_GE(near, static_cast<int>(words.size() * 3 / 4));
}

TEST(WhisperWordTimes, off_means_segments_without_words) {
  WhisperCandidate off(WhisperRunner::kAuto, WordTimes::kOff);
  const std::string reason = off.reason_to_skip();
  if (!reason.empty()) GTEST_SKIP() << reason;
  const std::vector<Segment> segments = heard(off, {});
  ASSERT_FALSE(segments.empty());
  for (const Segment& segment : segments) EXPECT_TRUE(segment.words.empty());
}

INSTANTIATE_TEST_SUITE_P(runners, WhisperTranscriber, testing::Values(WhisperRunner::kAuto, WhisperRunner::kWhisperCpp),
                         [](const auto& test) {
                           return test.param == WhisperRunner::kAuto ? "default" : "whisper_cpp";
                         });

INSTANTIATE_TEST_SUITE_P(
    all, TranscriberConformance,
    testing::Values(std::pair<const char*, MakeCandidate>{"stub", [] { return std::make_unique<StubCandidate>(); }},
                    std::pair<const char*, MakeCandidate>{"remote", [] { return std::make_unique<RemoteCandidate>(); }},
                    std::pair<const char*, MakeCandidate>{"whisper",
                                                          [] { return std::make_unique<WhisperCandidate>(); }},
                    std::pair<const char*, MakeCandidate>{
                        "whisper_cpp", [] { return std::make_unique<WhisperCandidate>(WhisperRunner::kWhisperCpp); }}),
    [](const auto& test) { return std::string(test.param.first); });

}  // namespace
}  // namespace cinescribe::speech
