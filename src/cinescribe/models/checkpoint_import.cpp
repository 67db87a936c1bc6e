#include "cinescribe/models/checkpoint_import.h"

#include <algorithm>
#include <memory>
#include <set>
#include <system_error>
#include <utility>

#include "cinescribe/models/checkpoint_files.h"
#include "cinescribe/models/checkpoint_weights.h"
#include "cinescribe/models/import_plan.h"
#include "cinescribe/models/import_type.h"
#include "cinescribe/models/language_gguf.h"
#include "cinescribe/models/model_folder.h"
#include "cinescribe/models/model_folder_writer.h"
#include "cinescribe/models/tensor_stream.h"
#include "cinescribe/tensor/json_fields.h"
#include "cinescribe/text/tokenizer.h"
#include "cinescribe/text/wordpiece.h"

namespace cinescribe::models {

namespace fs = std::filesystem;

namespace {

using tensor::JsonFields;

/// 4-bit bitsandbytes is read; every other way to store small weights would be misread.
Status check_quantisation(const CheckpointFiles& files) {
  const JsonFields config(files.config, (files.folder / "config.json").string());
  if (!config.has("quantization_config")) return {};
  CINESCRIBE_ASSIGN(const JsonFields quantisation, config.object("quantization_config"));
  CINESCRIBE_TRY(quantisation.word("quant_method", {"bitsandbytes"}, "bitsandbytes"));
  for (const char* key : {"load_in_8bit", "_load_in_8bit"}) {
    CINESCRIBE_ASSIGN(const bool is_on, quantisation.flag(key, false));
    if (is_on) return quantisation.bad(key, "false: 8-bit checkpoints (LLM.int8) cannot be imported, 4-bit ones can");
  }
  return {};
}

/// Tensors that are known to be idle: buffers that are computed anew, and what comes after the last layer that is used.
bool is_idle(const std::string& name) {
  return name.ends_with("rotary_emb.inv_freq") || name.ends_with("position_ids") ||
         name.find("post_layernorm.") != std::string::npos || name == "lm_head.weight" ||
         name.starts_with("vision_tower.encoder.layers.") ||
         name.find("img_processor.vision_model.encoder.layers.") != std::string::npos;
}

std::vector<std::string> find_unused(const ImportPlan& plan, const CheckpointWeights& weights) {
  std::set<std::string> used;
  for (const WantedTensor& tensor : plan.language.tensors) used.insert(tensor.source);
  for (const WantedTensor& tensor : plan.vision) used.insert(tensor.source);
  std::vector<std::string> unused;
  for (std::string& name : weights.names()) {
    if (used.count(name) == 0 && !is_idle(name)) unused.push_back(std::move(name));
  }
  return unused;
}

Status check_destination(const fs::path& out, bool is_forced) {
  std::error_code code;
  if (!fs::exists(out, code)) return {};
  if (!fs::is_directory(out, code)) {
    return Error{ErrorCode::kUsage,
                 "cannot write a model folder to " + out.string() + ": there is a file of that name"};
  }
  if (is_forced || fs::is_empty(out, code)) return {};
  return Error{ErrorCode::kUsage, out.string() + " is there already; remove it, choose another name or use --force"};
}

/// A second tokenizer whose ids reach beyond its embedding would read foreign memory in a run.
Status check_qformer_tokenizer(const CheckpointFiles& files, const ImportPlan& plan) {
  if (!plan.card.qformer) return {};
  CINESCRIBE_ASSIGN(const auto tokenizer, text::WordPiece::load(files.folder / "qformer_tokenizer"));
  if (tokenizer->size() <= static_cast<std::size_t>(plan.card.qformer->vocabulary)) return {};
  return Error{ErrorCode::kModel, "the Q-Former's tokenizer has " + std::to_string(tokenizer->size()) +
                                      " tokens, its embedding " + std::to_string(plan.card.qformer->vocabulary) +
                                      " rows; they do not belong together"};
}

}  // namespace

Result<ImportReport> import_checkpoint(const fs::path& folder, const fs::path& out, const ImportOptions& options) {
  CINESCRIBE_TRY(parse_import_type(options.type));
  if (!options.vision_type.empty()) CINESCRIBE_TRY(parse_import_type(options.vision_type));
  CINESCRIBE_TRY(check_destination(out, options.is_forced));
  CINESCRIBE_ASSIGN(const CheckpointFiles files, CheckpointFiles::read(folder));
  CINESCRIBE_TRY(check_family(files));
  CINESCRIBE_TRY(check_quantisation(files));
  CINESCRIBE_ASSIGN(const auto weights, CheckpointWeights::open(folder));
  CINESCRIBE_ASSIGN(const auto tokenizer, text::Tokenizer::load(folder));
  const VocabularyFacts facts{tokenizer->vocabulary().size(),
                              [&tokenizer](std::string_view token) { return tokenizer->find(token); }};
  ModelFolderContent content;
  CINESCRIBE_ASSIGN(content.plan, plan_import(files, *weights, facts));
  for (const auto* tensors : {&content.plan.language.tensors, &content.plan.vision}) {
    const Status checked = check_sources(*tensors, *weights);
    if (!checked.ok()) return checked.error().with_context(folder.string());
  }
  tensor::ModelCard& card = content.plan.card;
  auto vocabulary = gguf_vocabulary(tokenizer->vocabulary(), card.language.vocabulary, card.tokens.image);
  if (!vocabulary.ok()) return vocabulary.error().with_context(folder.string());
  content.vocabulary = *std::move(vocabulary);
  CINESCRIBE_TRY(check_qformer_tokenizer(files, content.plan));
  card.name = options.name.empty() ? folder_name(folder) : options.name;
  card.source = options.source.empty() ? folder.string() : options.source;
  card.licence = options.licence;
  content.tokenizer_folder = folder;
  content.installed_as = options.installed_as;
  auto unused = find_unused(content.plan, *weights);
  CINESCRIBE_ASSIGN(ImportReport report, write_model_folder(std::move(content), *weights, out, options));
  report.unused = std::move(unused);
  return report;
}

}  // namespace cinescribe::models
