#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/models/checkpoint_import.h"
#include "cinescribe/models/import_plan.h"
#include "cinescribe/models/language_gguf.h"
#include "cinescribe/models/weight_source.h"

namespace cinescribe::models {

/// What a model folder is made of.
struct ModelFolderContent {
  ImportPlan plan;  ///< Its card with name, source and licence.
  GgufVocabulary vocabulary;
  std::filesystem::path tokenizer_folder;  ///< The checkpoint's; its tokenizer files are copied.
  std::string installed_as;                ///< Not empty: with the record of an installed model of this name.
};

/// Writes the model folder `out`, which appears whole or not at all. Errors: as `import_checkpoint`.
Result<ImportReport> write_model_folder(ModelFolderContent content, const WeightSource& weights,
                                        const std::filesystem::path& out, const ImportOptions& options);

}  // namespace cinescribe::models
