#include <cstdio>
#include <memory>

#include "cinescribe/cli/evaluate_commands.h"
#include "cinescribe/cli/evaluated_file.h"
#include "cinescribe/cli/evaluation.h"
#include "cinescribe/quality/transcript_file.h"
#include "cinescribe/quality/word_errors.h"

namespace cinescribe::cli {

namespace {

using Json = nlohmann::ordered_json;

struct SpeechFlags {
  std::string reference;
  std::string result;
  bool is_exact = false;
  bool is_json = false;
  QualityLog log;
};

Json as_json(const quality::EditCounts& counts) {
  return {{"hits", counts.hits},
          {"substitutions", counts.substitutions},
          {"insertions", counts.insertions},
          {"deletions", counts.deletions}};
}

void print_row(const char* name, double rate, const quality::EditCounts& counts, std::int64_t length) {
  std::printf("%-10s  %6.2f %%  %9lld  %13lld  %10lld  %9lld  %9lld\n", name, 100.0 * rate,
              static_cast<long long>(counts.hits), static_cast<long long>(counts.substitutions),
              static_cast<long long>(counts.insertions), static_cast<long long>(counts.deletions),
              static_cast<long long>(length));
}

std::vector<bench::QualityRecord> records_of(const std::string& reference, const std::string& result, bool is_exact,
                                             const quality::WordErrors& errors) {
  const std::string command = "speech " + reference + " " + result + (is_exact ? " --exact" : "");
  auto words = quality_record("word error rate", errors.word_error_rate(), "speech", result, command);
  auto characters = quality_record("character error rate", errors.character_error_rate(), "speech", result, command);
  words.count = errors.reference_words;
  characters.count = errors.reference_characters;
  words.is_lower_better = characters.is_lower_better = true;
  words.reference = characters.reference = reference;
  return {words, characters};
}

void print_as_table(const quality::WordErrors& errors) {
  std::puts("            error rate       hits  substitutions  insertions  deletions  reference");
  print_row("words", errors.word_error_rate(), errors.words, errors.reference_words);
  print_row("characters", errors.character_error_rate(), errors.characters, errors.reference_characters);
}

}  // namespace

Result<Evaluation> evaluate_speech(const std::string& reference, const std::string& result, bool is_exact) {
  CINESCRIBE_ASSIGN(const std::string said, quality::read_transcript(evaluated_file(reference, "base_data.json")));
  CINESCRIBE_ASSIGN(const std::string heard, quality::read_transcript(evaluated_file(result, "base_data.json")));
  const auto form = is_exact ? quality::TextForm::kExact : quality::TextForm::kPlain;
  const auto errors = quality::word_errors(said, heard, form);
  if (!errors.ok()) return errors.error().with_context("cannot compare with " + reference);
  return Evaluation{records_of(reference, result, is_exact, *errors),
                    {{"schema_version", 1},
                     {"word_error_rate", errors->word_error_rate()},
                     {"character_error_rate", errors->character_error_rate()},
                     {"reference_words", errors->reference_words},
                     {"result_words", errors->result_words},
                     {"reference_characters", errors->reference_characters},
                     {"words", as_json(errors->words)},
                     {"characters", as_json(errors->characters)},
                     {"text", is_exact ? "exact" : "plain"}},
                    [errors = *errors] { print_as_table(errors); }};
}

Command add_evaluate_speech(CLI::App& evaluate) {
  auto flags = std::make_shared<SpeechFlags>();
  CLI::App* app = evaluate.add_subcommand("speech", "Word and character error rate of a transcript");
  const char* kinds =
      "Text, .srt, .vtt, or .json as `transcribe` and other Whisper programs write it, or a folder with base_data.json";
  app->add_option("reference", flags->reference, std::string("What was said. ") + kinds)->required();
  app->add_option("result", flags->result, std::string("What was heard. ") + kinds)->required();
  app->add_flag("--exact", flags->is_exact,
                "Compare words as they stand; by default case and punctuation do not count");
  app->add_flag("--json", flags->is_json, "Write JSON to stdout");
  flags->log.add_to(*app);
  app->footer(
      "By default letters become lower case, apostrophes inside of words vanish, everything else that is no letter,\n"
      "digit or mark parts words, and every ideograph is a word of its own. Numbers stay as they are written.\n"
      "Example:  cinescribe evaluate speech said.txt results/base/talk/transcript.srt");
  return {app, [flags] {
            return conclude(evaluate_speech(flags->reference, flags->result, flags->is_exact), flags->log,
                            flags->is_json);
          }};
}

}  // namespace cinescribe::cli
