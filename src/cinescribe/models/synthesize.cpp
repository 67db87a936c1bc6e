#include "cinescribe/models/synthesize.h"

#include <algorithm>
#include <memory>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "cinescribe/core/file.h"
#include "cinescribe/models/cache.h"
#include "cinescribe/models/checkpoint_files.h"
#include "cinescribe/models/file_lock.h"
#include "cinescribe/models/import_plan.h"
#include "cinescribe/models/installed_model.h"
#include "cinescribe/models/language_gguf.h"
#include "cinescribe/models/model_folder_writer.h"
#include "cinescribe/models/random_weights.h"
#include "cinescribe/models/synthetic_checkpoint.h"
#include "cinescribe/text/tokenizer.h"

namespace cinescribe::models {

namespace fs = std::filesystem;

namespace {

/// A folder for the small files, removed in the end.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(fs::path path) : path_(std::move(path)) {}
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Status check_name(std::string_view name) {
  const auto known = synthetic_names();
  if (std::find(known.begin(), known.end(), name) != known.end()) return {};
  std::string list;
  for (const std::string& item : known) list += (list.empty() ? "" : ", ") + item;
  return Error{ErrorCode::kModel, "the shapes of '" + std::string(name) + "' are not known; known are " + list};
}

}  // namespace

Result<ImportReport> synthesize_model(std::string_view name, int layers, const fs::path& out, ImportOptions options) {
  CINESCRIBE_TRY(check_name(name));
  CINESCRIBE_TRY(check_cache_is_writable());
  const TemporaryFolder temporary(staging_folder(std::string(name) + ".synthetic." + std::to_string(::getpid())));
  CINESCRIBE_TRY(write_synthetic_checkpoint(name, layers, temporary.path()));
  CINESCRIBE_ASSIGN(const CheckpointFiles files, CheckpointFiles::read(temporary.path()));
  CINESCRIBE_ASSIGN(const auto tokenizer, text::Tokenizer::load(temporary.path()));
  const RandomWeights weights;
  const VocabularyFacts facts{tokenizer->vocabulary().size(),
                              [&tokenizer](std::string_view token) { return tokenizer->find(token); }};
  ModelFolderContent content;
  CINESCRIBE_ASSIGN(content.plan, plan_import(files, weights, facts));
  tensor::ModelCard& card = content.plan.card;
  card.name = std::string(name) + " (synthetic)";
  card.source = "random weights in the shapes of " + std::string(name) + ", made by cinescribe models synthesize";
  card.licence = "CC0-1.0";
  card.is_synthetic = true;
  CINESCRIBE_ASSIGN(content.vocabulary,
                    gguf_vocabulary(tokenizer->vocabulary(), card.language.vocabulary, card.tokens.image));
  content.tokenizer_folder = temporary.path();
  content.installed_as = options.installed_as;
  return write_model_folder(std::move(content), weights, out, options);
}

Result<ImportReport> install_synthetic(std::string_view name, int layers, const ImportOptions& options) {
  CINESCRIBE_TRY(check_name(name));
  CINESCRIBE_TRY(check_cache_is_writable());
  CINESCRIBE_ASSIGN(const FileLock lock, FileLock::acquire(lock_path(name), options.stop));
  const auto installed = read_installed(name);
  if (installed.ok() && !installed->is_synthetic && !options.is_forced) {
    return Error{ErrorCode::kUsage,
                 "the real model '" + std::string(name) + "' is installed; --force replaces it with random weights"};
  }
  ImportOptions own = options;
  own.installed_as = std::string(name);
  return synthesize_model(name, layers, installed_folder(name), std::move(own));
}

}  // namespace cinescribe::models
