#include <cstdio>
#include <filesystem>
#include <memory>
#include <utility>

#include "cinescribe/cli/byte_count.h"
#include "cinescribe/cli/evaluate_commands.h"
#include "cinescribe/cli/evaluation.h"
#include "cinescribe/cli/type_prompts.h"
#include "cinescribe/core/log.h"
#include "cinescribe/language/type_price.h"
#include "cinescribe/models/model_store.h"
#include "cinescribe/tensor/model_card.h"
#include "cinescribe/text/prompt_template.h"
#include "cinescribe/text/tokenizer.h"

namespace cinescribe::cli {

namespace {

using Json = nlohmann::ordered_json;
using Prompts = std::vector<std::vector<text::TokenId>>;

struct TypesFlags {
  std::string reference;
  std::vector<std::string> others;
  std::string prompt_file;
  std::int64_t new_tokens = 48;
  bool is_json = false;
  QualityLog log;
};

/// A model folder with its language model loaded.
struct TypedModel {
  tensor::ModelCard card;
  std::filesystem::path folder;
  std::shared_ptr<const language::LanguageModel> language;
};

struct Priced {
  std::string name;
  std::string type;
  std::int64_t bytes = 0;
  language::TypePrice price;
};

Result<TypedModel> load(const std::string& name, const CommonOptions& common) {
  CINESCRIBE_ASSIGN(const auto located, models::locate(name));
  TypedModel model;
  model.folder = located.path;
  CINESCRIBE_ASSIGN(model.card, tensor::read_model_card(model.folder));
  language::LanguageModelOptions options;
  options.device = common.device;
  options.threads = common.threads;
  CINESCRIBE_ASSIGN(model.language, language::LanguageModel::load(model.folder / "language.gguf", options));
  return model;
}

Result<Prompts> tokenised(const TypedModel& model, const std::vector<std::string>& prompts) {
  CINESCRIBE_ASSIGN(const auto tokenizer, text::Tokenizer::load(model.folder / "tokenizer"));
  const bool has_own_start = model.card.family == "instructblip" && model.card.tokens.bos >= 0;
  Prompts list;
  for (const std::string& prompt : prompts) {
    CINESCRIBE_ASSIGN(const std::string rendered, text::render_prompt(model.card.prompt_template, prompt, 0));
    std::vector<text::TokenId> ids = tokenizer->encode(rendered, !has_own_start);
    if (has_own_start) ids.insert(ids.begin(), model.card.tokens.bos);
    list.push_back(std::move(ids));
  }
  return list;
}

void print_as_table(const TypedModel& reference, const std::vector<Priced>& list) {
  std::printf("against %s (%s, %s), %lld tokens of %lld texts\n", reference.card.name.c_str(),
              reference.card.type.c_str(),
              format_byte_count(static_cast<std::uint64_t>(reference.language->weight_bytes())).c_str(),
              static_cast<long long>(list.front().price.tokens), static_cast<long long>(list.front().price.texts));
  std::puts("  type        weights   same token   mean KL   95 % below      most   same texts   tokens in common");
  for (const Priced& priced : list) {
    std::printf("  %-10s %8s   %8.2f %%   %7.5f   %10.5f   %7.4f   %4lld of %lld   %16.1f\n", priced.type.c_str(),
                format_byte_count(static_cast<std::uint64_t>(priced.bytes)).c_str(),
                100.0 * priced.price.same_top_share, priced.price.mean_kl_nats, priced.price.p95_kl_nats,
                priced.price.most_kl_nats, static_cast<long long>(priced.price.same_texts),
                static_cast<long long>(priced.price.texts), priced.price.mean_tokens_in_common);
  }
}

Json as_json(const TypedModel& reference, const std::vector<Priced>& list) {
  Json json = {{"schema_version", 1},
               {"reference", reference.card.name},
               {"reference_type", reference.card.type},
               {"reference_bytes", reference.language->weight_bytes()},
               {"models", Json::array()}};
  for (const Priced& priced : list) {
    json["models"].push_back({{"name", priced.name},
                              {"type", priced.type},
                              {"bytes", priced.bytes},
                              {"tokens", priced.price.tokens},
                              {"same_top_share", priced.price.same_top_share},
                              {"mean_kl_nats", priced.price.mean_kl_nats},
                              {"p95_kl_nats", priced.price.p95_kl_nats},
                              {"most_kl_nats", priced.price.most_kl_nats},
                              {"texts", priced.price.texts},
                              {"same_texts", priced.price.same_texts},
                              {"mean_tokens_in_common", priced.price.mean_tokens_in_common}});
  }
  return json;
}

std::vector<bench::QualityRecord> records_of(const TypesFlags& flags, const TypedModel& reference,
                                             const std::vector<Priced>& list) {
  std::string command = "types " + flags.reference;
  for (const std::string& other : flags.others) command += " " + other;
  std::vector<bench::QualityRecord> records;
  for (const Priced& priced : list) {
    auto same = quality_record("token agreement", priced.price.same_top_share, priced.name + " " + priced.type,
                               "stored prompts", command);
    auto gap = quality_record("KL divergence", priced.price.mean_kl_nats, priced.name + " " + priced.type,
                              "stored prompts", command);
    same.reference = gap.reference = reference.card.name + " " + reference.card.type;
    same.count = gap.count = priced.price.tokens;
    gap.unit = "nats";
    gap.is_lower_better = true;
    records.push_back(std::move(same));
    records.push_back(std::move(gap));
  }
  return records;
}

Result<std::vector<std::string>> prompts_of(const TypesFlags& flags) {
  if (!flags.prompt_file.empty()) return read_type_prompts(flags.prompt_file);
  return std::vector<std::string>(kTypePrompts.begin(), kTypePrompts.end());
}

Result<Evaluation> evaluate_types(const TypesFlags& flags, const CommonOptions& common) {
  CINESCRIBE_ASSIGN(const auto prompts, prompts_of(flags));
  CINESCRIBE_ASSIGN(TypedModel reference, load(flags.reference, common));
  CINESCRIBE_ASSIGN(const Prompts ids, tokenised(reference, prompts));
  language::TypePriceOptions options;
  options.new_tokens = flags.new_tokens;
  options.end_ids.assign(reference.card.tokens.eos.begin(), reference.card.tokens.eos.end());
  log(LogLevel::kDebug, "the reference writes after " + std::to_string(ids.size()) + " prompts");
  CINESCRIBE_ASSIGN(const auto texts, language::reference_texts(reference.language, ids, options, common.stop));
  std::vector<Priced> list;
  for (const std::string& name : flags.others) {
    CINESCRIBE_ASSIGN(const TypedModel model, load(name, common));
    const auto price = language::type_price(model.language, texts, common.stop);
    if (!price.ok()) return price.error().with_context(name);
    list.push_back({model.card.name, model.card.type, model.language->weight_bytes(), *price});
  }
  auto records = records_of(flags, reference, list);
  auto json = as_json(reference, list);
  return Evaluation{std::move(records), std::move(json), [reference, list] { print_as_table(reference, list); }};
}

}  // namespace

Command add_evaluate_types(CLI::App& evaluate, const CommonOptions& common) {
  auto flags = std::make_shared<TypesFlags>();
  CLI::App* app = evaluate.add_subcommand("types", "What a model loses in fewer bits: token agreement, KL divergence");
  app->add_option("reference", flags->reference,
                  "Model folder made by `import --type f32`, or of the best type there is")
      ->required();
  app->add_option("models", flags->others, "The same model in other types")->required();
  app->add_option("--prompts", flags->prompt_file, "A prompt per line, or a JSON list; by default eight of our own");
  app->add_option("--tokens", flags->new_tokens, "How many tokens the reference writes after each prompt")
      ->check(CLI::Range(1, 2048))
      ->capture_default_str();
  app->add_flag("--json", flags->is_json, "Write JSON to stdout");
  flags->log.add_to(*app);
  app->footer(
      "The reference writes greedily after each prompt (its chat template, no pictures); the others read the same "
      "text\n"
      "and are asked at each token what they would have written. Each type runs as it does by default.\n"
      "Example:  cinescribe evaluate types llava-f32 llava-q8_0 llava-q4_k_m");
  return {app, [flags, &common] { return conclude(evaluate_types(*flags, common), flags->log, flags->is_json); }};
}

}  // namespace cinescribe::cli
