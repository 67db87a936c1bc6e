#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

#include "cinescribe/cli/evaluate_commands.h"
#include "cinescribe/cli/json_output.h"
#include "cinescribe/cli/quality_log.h"
#include "cinescribe/quality/caption_set.h"

namespace cinescribe::cli {

namespace {

using Json = nlohmann::ordered_json;

struct CaptionsFlags {
  std::vector<std::string> files;
  bool is_json = false;
  QualityLog log;
};

struct Pair {
  std::size_t a = 0;
  std::size_t b = 0;
  quality::CaptionAgreement agreement;
};

/// `results/<captioner>/<video>` stands for the file in it.
std::filesystem::path file_of(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored) ? std::filesystem::path(path) / "vlm_captions.json"
                                                      : std::filesystem::path(path);
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
    std::printf("  %s / %s: characters %.3f (%.3f), words %.3f (%.3f) over %lld scenes\n",
                sets[pair.a].captioner.c_str(), sets[pair.b].captioner.c_str(), a.character_likeness,
                a.chance_character_likeness, a.word_likeness, a.chance_word_likeness, static_cast<long long>(a.scenes));
  }
}

void print_as_json(const std::vector<quality::CaptionSet>& sets, const std::vector<Pair>& pairs) {
  Json json = {{"schema_version", 1}, {"captioners", Json::array()}, {"agreement", Json::array()}};
  for (const auto& set : sets) json["captioners"].push_back(habits_json(set));
  for (const Pair& pair : pairs) {
    json["agreement"].push_back({{"a", sets[pair.a].captioner},
                                 {"b", sets[pair.b].captioner},
                                 {"scenes", pair.agreement.scenes},
                                 {"character_likeness", pair.agreement.character_likeness},
                                 {"word_likeness", pair.agreement.word_likeness},
                                 {"chance_character_likeness", pair.agreement.chance_character_likeness},
                                 {"chance_word_likeness", pair.agreement.chance_word_likeness}});
  }
  print_json(json);
}

std::vector<bench::QualityRecord> records_of(const CaptionsFlags& flags, const std::vector<quality::CaptionSet>& sets,
                                             const std::vector<Pair>& pairs) {
  std::string command = "captions";
  for (const std::string& file : flags.files) command += " " + file;
  std::vector<bench::QualityRecord> records;
  for (const auto& set : sets) {
    auto record = flags.log.record("repetition rate", quality::caption_habits(set).repetition_rate, set.captioner,
                                   set.video, command);
    record.is_lower_better = true;
    record.count = static_cast<std::int64_t>(set.captions.size());
    records.push_back(std::move(record));
  }
  for (const Pair& pair : pairs) {
    auto record = flags.log.record("caption agreement", pair.agreement.character_likeness, sets[pair.a].captioner,
                                   sets[pair.a].video, command);
    record.reference = sets[pair.b].captioner;
    record.count = pair.agreement.scenes;
    records.push_back(std::move(record));
  }
  return records;
}

Outcome evaluate_captions(const CaptionsFlags& flags) {
  std::vector<quality::CaptionSet> sets;
  for (const std::string& file : flags.files) {
    CINESCRIBE_ASSIGN(auto set, quality::read_caption_set(file_of(file)));
    sets.push_back(std::move(set));
  }
  std::vector<Pair> pairs;
  for (std::size_t a = 0; a < sets.size(); ++a) {
    for (std::size_t b = a + 1; b < sets.size(); ++b) {
      CINESCRIBE_ASSIGN(const auto agreement, quality::caption_agreement(sets[a], sets[b]));
      pairs.push_back({a, b, agreement});
    }
  }
  CINESCRIBE_TRY(flags.log.append(records_of(flags, sets, pairs)));
  if (flags.is_json) {
    print_as_json(sets, pairs);
  } else {
    print_as_table(sets, pairs);
  }
  return 0;
}

}  // namespace

Command add_evaluate_captions(CLI::App& evaluate) {
  auto flags = std::make_shared<CaptionsFlags>();
  CLI::App* app = evaluate.add_subcommand("captions", "How captioners write, and how far they agree");
  app->add_option("captions", flags->files, "vlm_captions.json of one video by each captioner, or the folders of them")
      ->required();
  app->add_flag("--json", flags->is_json, "Write JSON to stdout");
  flags->log.add_to(*app);
  app->footer(
      "Agreement is lexical: F1 of character sequences (chrF with beta 1) and of words, 0 to 1, mean over scenes; "
      "beside\n"
      "it what captions of different scenes give, which is owed to style alone.\n"
      "Example:  cinescribe evaluate captions results/narrator/talk results/qwen3-vl-2b/talk");
  return {app, [flags] { return evaluate_captions(*flags); }};
}

}  // namespace cinescribe::cli
