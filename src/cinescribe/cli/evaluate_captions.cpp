#include <cstdio>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "cinescribe/cli/evaluate_commands.h"
#include "cinescribe/cli/evaluated_file.h"
#include "cinescribe/cli/evaluation.h"
#include "cinescribe/core/log.h"
#include "cinescribe/models/model_store.h"
#include "cinescribe/quality/caption_set.h"
#include "cinescribe/quality/sentence_model.h"

namespace cinescribe::cli {

namespace {

using Json = nlohmann::ordered_json;

struct CaptionsFlags {
  std::vector<std::string> files;
  std::string sentence_model = "auto";
  bool is_json = false;
  QualityLog log;
};

struct Pair {
  std::size_t a = 0;
  std::size_t b = 0;
  quality::CaptionAgreement agreement;
};

Json or_null(bool is_known, double value) { return is_known ? Json(value) : Json(nullptr); }

/// The model that is installed or asked for; null = none.
Result<std::unique_ptr<quality::SentenceModel>> sentence_model(const std::string& name, const CommonOptions& common) {
  constexpr const char* kDefault = "minilm-l6-v2";
  if (name == "none") return std::unique_ptr<quality::SentenceModel>();
  const auto located = models::locate(name == "auto" ? kDefault : name);
  if (!located.ok() && name == "auto") {
    log(LogLevel::kInfo, std::string("meanings are not compared: cinescribe models pull ") + kDefault);
    return std::unique_ptr<quality::SentenceModel>();
  }
  CINESCRIBE_TRY(located);
  const int threads = common.threads > 0 ? common.threads : static_cast<int>(std::thread::hardware_concurrency());
  // A catalogue model of several files stands for their folder.
  return quality::SentenceModel::load(located->path, threads);
}

Json habits_json(const quality::CaptionSet& set) {
  const quality::CaptionHabits habits = quality::caption_habits(set);
  return {{"captioner", set.captioner},
          {"video", set.video},
          {"scenes", set.scenes},
          {"captions", set.captions.size()},
          {"failures", set.failures},
          {"suspects", set.suspects},
          {"empties", habits.empties},
          {"cap_hits", set.cap_hits},
          {"mean_words", habits.mean_words},
          {"fewest_words", habits.fewest_words},
          {"most_words", habits.most_words},
          {"repetition_rate", habits.repetition_rate},
          {"twin_rate", habits.twin_rate}};
}

void print_habits(const quality::CaptionSet& set) {
  const quality::CaptionHabits habits = quality::caption_habits(set);
  std::printf("  %-24s  %6zu  %6.1f (%lld to %lld)  %9.1f %%  %5.1f %%  %4lld  %7lld  %8lld  %7lld\n",
              set.captioner.c_str(), set.captions.size(), habits.mean_words,
              static_cast<long long>(habits.fewest_words), static_cast<long long>(habits.most_words),
              100.0 * habits.repetition_rate, 100.0 * habits.twin_rate, static_cast<long long>(set.cap_hits),
              static_cast<long long>(habits.empties), static_cast<long long>(set.suspects),
              static_cast<long long>(set.failures));
}

void print_as_table(const std::vector<quality::CaptionSet>& sets, const std::vector<Pair>& pairs) {
  std::printf("%s\n  %-24s  scenes  words                repeated    twins  caps  empties  suspects  failures\n",
              sets.front().video.c_str(), "captioner");
  for (const auto& set : sets) print_habits(set);
  if (pairs.empty()) return;
  std::puts("agreement (what other scenes' captions give in brackets)");
  for (const Pair& pair : pairs) {
    const auto& a = pair.agreement;
    std::printf("  %s / %s over %lld scenes: characters %.3f (%.3f), words %.3f (%.3f)", sets[pair.a].captioner.c_str(),
                sets[pair.b].captioner.c_str(), static_cast<long long>(a.scenes), a.character_likeness,
                a.chance_character_likeness, a.word_likeness, a.chance_word_likeness);
    if (a.has_meaning) std::printf(", meaning %.3f (%.3f)", a.meaning_likeness, a.chance_meaning_likeness);
    std::puts("");
  }
}

Json as_json(const std::vector<quality::CaptionSet>& sets, const std::vector<Pair>& pairs) {
  Json json = {{"schema_version", 1}, {"captioners", Json::array()}, {"agreement", Json::array()}};
  for (const auto& set : sets) json["captioners"].push_back(habits_json(set));
  for (const Pair& pair : pairs) {
    json["agreement"].push_back(
        {{"a", sets[pair.a].captioner},
         {"b", sets[pair.b].captioner},
         {"scenes", pair.agreement.scenes},
         {"character_likeness", pair.agreement.character_likeness},
         {"word_likeness", pair.agreement.word_likeness},
         {"chance_character_likeness", pair.agreement.chance_character_likeness},
         {"chance_word_likeness", pair.agreement.chance_word_likeness},
         {"meaning_likeness", or_null(pair.agreement.has_meaning, pair.agreement.meaning_likeness)},
         {"chance_meaning_likeness", or_null(pair.agreement.has_meaning, pair.agreement.chance_meaning_likeness)}});
  }
  return json;
}

std::vector<bench::QualityRecord> records_of(const CaptionsFlags& flags, const std::vector<quality::CaptionSet>& sets,
                                             const std::vector<Pair>& pairs) {
  std::string command = "captions";
  for (const std::string& file : flags.files) command += " " + file;
  std::vector<bench::QualityRecord> records;
  for (const auto& set : sets) {
    auto record = quality_record("repetition rate", quality::caption_habits(set).repetition_rate, set.captioner,
                                 set.video, command);
    record.is_lower_better = true;
    record.count = static_cast<std::int64_t>(set.captions.size());
    records.push_back(std::move(record));
  }
  for (const Pair& pair : pairs) {
    const auto add = [&](const char* measure, double value) {
      auto record = quality_record(measure, value, sets[pair.a].captioner, sets[pair.a].video, command);
      record.reference = sets[pair.b].captioner;
      record.count = pair.agreement.scenes;
      records.push_back(std::move(record));
    };
    add("caption agreement (characters)", pair.agreement.character_likeness);
    if (pair.agreement.has_meaning) add("caption agreement (meaning)", pair.agreement.meaning_likeness);
  }
  return records;
}

Result<Evaluation> evaluate_captions(const CaptionsFlags& flags, const CommonOptions& common) {
  std::vector<quality::CaptionSet> sets;
  for (const std::string& file : flags.files) {
    CINESCRIBE_ASSIGN(auto set, quality::read_caption_set(evaluated_file(file, "vlm_captions.json")));
    sets.push_back(std::move(set));
  }
  std::unique_ptr<quality::SentenceModel> sentences;
  if (sets.size() > 1) {
    CINESCRIBE_ASSIGN(sentences, sentence_model(flags.sentence_model, common));
  }
  std::vector<Pair> pairs;
  for (std::size_t a = 0; a < sets.size(); ++a) {
    for (std::size_t b = a + 1; b < sets.size(); ++b) {
      CINESCRIBE_ASSIGN(const auto agreement,
                        quality::caption_agreement(sets[a], sets[b], sentences.get(), common.stop));
      pairs.push_back({a, b, agreement});
    }
  }
  auto records = records_of(flags, sets, pairs);
  auto json = as_json(sets, pairs);
  return Evaluation{std::move(records), std::move(json), [sets, pairs] { print_as_table(sets, pairs); }};
}

}  // namespace

Command add_evaluate_captions(CLI::App& evaluate, const CommonOptions& common) {
  auto flags = std::make_shared<CaptionsFlags>();
  CLI::App* app = evaluate.add_subcommand("captions", "How captioners write, and how far they agree");
  app->add_option("captions", flags->files, "vlm_captions.json of one video by each captioner, or the folders of them")
      ->required();
  app->add_option("--sentence-model", flags->sentence_model,
                  "BERT of the sentence-transformers kind that compares meanings: a catalogue name or folder; auto = "
                  "minilm-l6-v2 if it is installed; none")
      ->capture_default_str();
  app->add_flag("--json", flags->is_json, "Write JSON to stdout");
  flags->log.add_to(*app);
  app->footer(
      "Agreement: F1 of character sequences (chrF with beta 1) and of words, 0 to 1, and with a sentence model the\n"
      "cosine of meanings, mean over scenes; beside it what captions of different scenes give, owed to style alone.\n"
      "Example:  cinescribe evaluate captions results/narrator/talk results/qwen3-vl-2b/talk");
  return {app, [flags, &common] { return conclude(evaluate_captions(*flags, common), flags->log, flags->is_json); }};
}

}  // namespace cinescribe::cli
