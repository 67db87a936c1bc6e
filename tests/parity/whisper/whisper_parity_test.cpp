#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "parity/parity_cases.h"
#include "word_errors.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/media/decode_pass.h"
#include "cinescribe/models/model_store.h"
#include "cinescribe/models/whisper_convert.h"
#include "cinescribe/speech/dense_kernels.h"
#include "cinescribe/speech/whisper_engine.h"

namespace cinescribe::speech {
namespace {

using Json = nlohmann::json;

/// The reference ran in float32.
constexpr double kLargestWordErrorRate = 0.1;

struct Heard {
  std::string text;
  std::vector<Word> words;
};

Result<Heard> transcribe(WhisperEngine& engine, const std::filesystem::path& file,
                         const TranscriptionOptions& options) {
  CINESCRIBE_ASSIGN(const auto pass, media::DecodePass::open(file));
  Heard heard;
  CINESCRIBE_ASSIGN(const auto transcriber, engine.make_transcriber(options,
                                                                    [&](Segment&& segment) {
                                                                      heard.text += " " + segment.text;
                                                                      for (Word& word : segment.words)
                                                                        heard.words.push_back(std::move(word));
                                                                      return Status();
                                                                    },
                                                                    {}));
  media::AudioSource& source = pass->add_audio();
  Status decoded;
  std::jthread decoder([&] { decoded = pass->run({}); });
  Status status;
  while (status.ok()) {
    const auto block = source.pop();
    if (!block) break;
    status = transcriber->push(block->view());
  }
  source.cancel();
  decoder.join();
  CINESCRIBE_TRY(status);
  CINESCRIBE_TRY(decoded);
  CINESCRIBE_TRY(transcriber->finish());
  return heard;
}

struct ReferenceWord {
  std::string text;
  double start = 0.0;
  double end = 0.0;
};

std::vector<ReferenceWord> reference_words(const Json& run) {
  std::vector<ReferenceWord> words;
  for (const Json& segment : run.at("segments")) {
    for (const Json& word : segment.value("words", Json::array())) words.push_back({word[0], word[1], word[2]});
  }
  return words;
}

template <typename Words>
std::vector<std::string> plain_texts(const Words& words) {
  std::vector<std::string> texts;
  for (const auto& word : words) {
    std::string text;
    for (const std::string& part : parity::plain_words(word.text)) text += part;
    texts.push_back(text);
  }
  return texts;
}

/// Whether the reference itself calls a part of its text guesswork (its own limit for another attempt).
bool is_doubtful(const Json& run) {
  constexpr double kLimit = -1.0;
  const Json& segments = run.at("segments");
  return std::any_of(segments.begin(), segments.end(),
                     [](const Json& segment) { return segment.value("avg_logprob", 0.0) < kLimit; });
}

/// Texts that count as right: the run's own, and where that is doubtful, what the same model heard in its other runs.
std::vector<std::vector<std::string>> accepted_texts(const Json& runs, const Json& run) {
  std::vector<std::vector<std::string>> texts = {parity::plain_words(run.at("text").get<std::string>())};
  if (!is_doubtful(run)) return texts;
  for (const Json& other : runs) {
    if (!is_doubtful(other)) texts.push_back(parity::plain_words(other.at("text").get<std::string>()));
  }
  return texts;
}

double word_error_rate_of(const std::string& text, const std::vector<std::vector<std::string>>& accepted) {
  double lowest = 1.0;
  for (const auto& expected : accepted) {
    const auto alignment = parity::align(parity::plain_words(text), expected);
    lowest = std::min(lowest, static_cast<double>(alignment.edits) / static_cast<double>(expected.size()));
  }
  return lowest;
}

/// Times of the words that both heard.
parity::Errors time_errors(const std::vector<Word>& words, const std::vector<ReferenceWord>& reference) {
  parity::Errors errors;
  const parity::WordAlignment alignment = parity::align(plain_texts(words), plain_texts(reference));
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (alignment.match[i] < 0) continue;
    const auto at = static_cast<std::size_t>(alignment.match[i]);
    const ReferenceWord& expected = reference[at];
    // After a pause the reference moves a word's start to its end less twice the usual length: not a measurement, but
    // a bound.
    const bool is_guess = at > 0 && expected.start > reference[at - 1].end;
    const double start = words[i].range.start.seconds();
    errors.add(is_guess && start < expected.end ? std::min(start, expected.start) : start, expected.start);
    errors.add(words[i].range.end.seconds(), expected.end);
  }
  return errors;
}

Result<std::shared_ptr<WhisperEngine>> load(const models::LocatedModel& model, const std::filesystem::path& vad,
                                            WhisperRunner runner) {
  models::WhisperOptions convert;
  convert.weights = tensor::WeightType::kF16;
  CINESCRIBE_ASSIGN(const auto ready, models::prepare_whisper(model, convert));
  WhisperEngineOptions options;
  options.model = ready.ggml_path;
  options.alignment_heads = ready.alignment_heads;
  options.vad_model = vad;
  options.runner = runner;
  return WhisperEngine::load(options);
}

struct Setup {
  std::string model;
  WhisperRunner runner = WhisperRunner::kAuto;
};

std::string name_of(const Setup& setup) {
  return setup.model + (setup.runner == WhisperRunner::kEightBit ? "_eight_bits" : "_whisper_cpp");
}

class WhisperParity : public testing::TestWithParam<Setup> {};

TEST_P(WhisperParity, words_and_their_times_are_the_references) {
  const std::string model_name = GetParam().model;
  if (GetParam().runner == WhisperRunner::kEightBit && fastest_dense_kernels() == nullptr) {
    GTEST_SKIP() << "this processor has no fast eight-bit kernels (AVX-512 VNNI); whisper.cpp serves it";
  }
  const auto model = models::locate("whisper-" + model_name);
  if (!model.ok()) GTEST_SKIP() << "whisper-" << model_name << " is not installed: " << model.error().message;
  const auto vad = models::locate("silero-vad");
  if (!vad.ok()) GTEST_SKIP() << "silero-vad is not installed: " << vad.error().message;
  const auto engine = load(*model, vad->path, GetParam().runner);
  ASSERT_TRUE(engine.ok()) << engine.error().message;

  int ran = 0;
  const auto files = parity::cases("whisper", ".json");
  ASSERT_FALSE(files.empty()) << "no reference transcripts under " << parity::root();
  for (const auto& file : files) {
    const Json data = Json::parse(parity::read_text(file));
    const std::string name = file.stem().string() + "/" + name_of(GetParam());
    const std::filesystem::path media = parity::find_media(data.at("audio").get<std::string>());
    if (media.empty() || !data.at("models").contains(model_name)) {
      parity::report_not_run("whisper", name, "the recording is not here (CINESCRIBE_MEDIA_DIR)");
      continue;
    }
    const double allowed = data.at("tolerances").at("word_seconds");
    const Json& runs = data.at("models").at(model_name).at("runs");
    for (const auto& [run_name, run] : runs.items()) {
      TranscriptionOptions options;
      options.language = "en";
      options.beam_size = run.at("options").at("beam_size");
      options.use_time_marks = !run.at("options").value("without_timestamps", false);
      const auto accepted = accepted_texts(runs, run);
      // Once as people run it, once without voice activity detection like the reference, for the times: left-out
      // pauses move the ends of the words beside them.
      double word_error_rate = 0.0;
      Heard heard;
      for (const bool has_vad : {true, false}) {
        options.use_vad = has_vad;
        auto result = transcribe(**engine, media, options);
        ASSERT_TRUE(result.ok()) << result.error().message;
        heard = *std::move(result);
        word_error_rate = std::max(word_error_rate, word_error_rate_of(heard.text, accepted));
        EXPECT_LE(word_error_rate, kLargestWordErrorRate) << name << " " << run_name << ":" << heard.text;
      }
      const auto reference = reference_words(run);
      const parity::Errors errors = time_errors(heard.words, reference);
      std::printf("parity whisper/%s/%s: word error rate %.3f, ", name.c_str(), run_name.c_str(), word_error_rate);
      std::printf("largest word time error %.2f s over %ld times (allowed %.2f)\n", errors.largest(), errors.count(),
                  allowed);
      std::fflush(stdout);
      if (!reference.empty()) {
        EXPECT_GT(errors.count(), 0) << name;
        EXPECT_LE(errors.largest(), allowed) << name << " " << run_name;
      }
      ++ran;
    }
  }
  EXPECT_GT(ran, 0) << "no case could be run";
}

INSTANTIATE_TEST_SUITE_P(models, WhisperParity,
                         testing::Values(Setup{"base", WhisperRunner::kEightBit},
                                         Setup{"base", WhisperRunner::kWhisperCpp},
                                         Setup{"tiny.en", WhisperRunner::kEightBit}),
                         [](const auto& test) {
                           std::string name = name_of(test.param);
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace cinescribe::speech
