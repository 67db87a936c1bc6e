#include "cinescribe/models/model_folder_writer.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <thread>
#include <utility>

#include "cinescribe/core/file.h"
#include "cinescribe/models/atomic_folder.h"
#include "cinescribe/models/import_type.h"
#include "cinescribe/models/installed_model.h"
#include "cinescribe/models/sha256.h"
#include "cinescribe/models/tensor_stream.h"
#include "cinescribe/tensor/gguf_writer.h"

namespace cinescribe::models {

namespace fs = std::filesystem;

namespace {

using tensor::WeightType;

constexpr std::array<const char*, 8> kTokenizerFiles = {
    "tokenizer.json",    "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json", "vocab.txt",       "chat_template.json",    "chat_template.jinja"};
constexpr std::uint64_t kSpareDisk = 64U << 20U;
constexpr std::uint64_t kLargestTokenizerFile = 256U << 20U;

/// Writes the files of one model folder into `folder_`. Lives for one import.
class FolderWriter {
 public:
  FolderWriter(ModelFolderContent& content, const WeightSource& weights, fs::path folder, const ImportOptions& options,
               ImportType type, ImportType vision_type)
      : content_(content),
        weights_(weights),
        folder_(std::move(folder)),
        options_(options),
        type_(std::move(type)),
        vision_type_(std::move(vision_type)) {
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    stream_.threads = options.threads > 0 ? options.threads : static_cast<int>(cores);
    stream_.stop = options.stop;
    stream_.on_bytes = [this](std::uint64_t bytes) {
      report_.bytes += bytes;
      if (options_.on_progress) options_.on_progress(report_.bytes, total_bytes_);
    };
  }

  Result<ImportReport> run() {
    choose_types();
    CINESCRIBE_TRY(check_disk());
    CINESCRIBE_TRY(write_language());
    CINESCRIBE_TRY(write_vision());
    CINESCRIBE_TRY(copy_tokenizer("tokenizer", content_.tokenizer_folder));
    if (content_.plan.card.qformer) {
      CINESCRIBE_TRY(copy_tokenizer("qformer_tokenizer", content_.tokenizer_folder / "qformer_tokenizer"));
    }
    CINESCRIBE_TRY(write_card());
    if (!content_.installed_as.empty()) CINESCRIBE_TRY(write_install_record());
    report_.family = content_.plan.card.family;
    report_.name = content_.plan.card.name;
    return std::move(report_);
  }

 private:
  using Types = std::vector<WeightType>;

  void note(const WantedTensor& wanted, const ImportType& type, const StoredType& stored) {
    if (!stored.is_fallback) return;
    report_.fallbacks.push_back(
        {wanted.name, tensor::weight_type_name(type.base), tensor::weight_type_name(stored.type)});
  }

  void choose_types() {
    const tensor::LanguageCard& language = content_.plan.language.card;
    const MixtureFacts facts{language.layers, language.heads, language.kv_heads, content_.plan.language.is_tied};
    for (const WantedTensor& wanted : content_.plan.language.tensors) {
      const StoredType stored = language_type(type_, wanted, facts);
      note(wanted, type_, stored);
      language_types_.push_back(stored.type);
      total_bytes_ += stored_bytes(wanted, stored.type);
    }
    for (const WantedTensor& wanted : content_.plan.vision) {
      const StoredType stored = plain_type(vision_type_, wanted);
      note(wanted, vision_type_, stored);
      vision_types_.push_back(stored.type);
      total_bytes_ += stored_bytes(wanted, stored.type);
    }
  }

  [[nodiscard]] Status check_disk() const {
    std::error_code code;
    const auto space = fs::space(folder_, code);
    if (code || space.available >= total_bytes_ + kSpareDisk) return {};
    return Error{ErrorCode::kResource, "the model needs " + std::to_string((total_bytes_ + kSpareDisk) >> 20U) +
                                           " MiB, but there are only " + std::to_string(space.available >> 20U) +
                                           " MiB free at " + folder_.parent_path().string()};
  }

  Status stream(const std::vector<WantedTensor>& tensors, const Types& types, tensor::GgufWriter& writer) {
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      CINESCRIBE_TRY(writer.declare(tensors[i].name, types[i], tensors[i].shape));
    }
    CINESCRIBE_TRY(writer.begin(options_.stop));
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      CINESCRIBE_TRY(stream_tensor(tensors[i], types[i], weights_, writer, stream_));
      ++report_.tensors;
    }
    return writer.finish();
  }

  Status write_language() {
    tensor::GgufWriter writer(folder_ / "language.gguf");
    write_language_metadata(content_.plan.language, content_.plan.card, content_.vocabulary, type_, writer);
    return stream(content_.plan.language.tensors, language_types_, writer);
  }

  Status write_vision() {
    tensor::GgufWriter writer(folder_ / "vision.gguf");
    writer.set_text("general.architecture", "cinescribe-vision");
    writer.set_text("general.name", gguf_name(content_.plan.card.name));
    writer.set_unsigned("general.file_type", vision_type_.file_type);
    writer.set_text("cinescribe.family", content_.plan.card.family);
    writer.set_flag("cinescribe.is_synthetic", content_.plan.card.is_synthetic);
    return stream(content_.plan.vision, vision_types_, writer);
  }

  Status copy_tokenizer(const std::string& name, const fs::path& from) {
    CINESCRIBE_TRY(create_folder(folder_ / name));
    int copied = 0;
    for (const char* file : kTokenizerFiles) {
      std::error_code code;
      if (!fs::is_regular_file(from / file, code)) continue;
      auto content = read_file(from / file, kLargestTokenizerFile);
      if (!content.ok()) return Error{ErrorCode::kModel, content.error().message};
      CINESCRIBE_TRY(write_file_atomically(folder_ / name / file, *content));
      ++copied;
    }
    if (copied == 0) return Error{ErrorCode::kModel, "there are no tokenizer files in " + from.string()};
    return {};
  }

  Status write_card() {
    tensor::ModelCard& card = content_.plan.card;
    card.type = type_.name;
    card.vision_type = vision_type_.name;
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      if (!entry.is_regular_file()) continue;
      CINESCRIBE_ASSIGN(const std::string digest, sha256_of_file(entry.path(), options_.stop));
      card.sha256[entry.path().lexically_relative(folder_).generic_string()] = digest;
    }
    return write_file_atomically(folder_ / "model.json", tensor::model_card_json(card));
  }

  /// model.json comes first: with the checksums in it, it stands for the whole model.
  Status write_install_record() {
    const tensor::ModelCard& card = content_.plan.card;
    InstalledModel model;
    model.name = content_.installed_as;
    model.family = card.family;
    model.licence = card.licence;
    model.is_synthetic = card.is_synthetic;
    CINESCRIBE_ASSIGN(const std::string digest, sha256_of_file(folder_ / "model.json"));
    std::error_code code;
    model.files.push_back({"model.json", fs::file_size(folder_ / "model.json", code), digest, false, card.source});
    for (const auto& [file, sum] : card.sha256) {
      model.files.push_back({file, fs::file_size(folder_ / file, code), sum, false, card.source});
    }
    return write_record(folder_, model);
  }

  ModelFolderContent& content_;
  const WeightSource& weights_;
  fs::path folder_;
  const ImportOptions& options_;
  ImportType type_, vision_type_;
  StreamOptions stream_;
  Types language_types_, vision_types_;
  std::uint64_t total_bytes_ = 0;
  ImportReport report_;
};

}  // namespace

Result<ImportReport> write_model_folder(ModelFolderContent content, const WeightSource& weights, const fs::path& out,
                                        const ImportOptions& options) {
  CINESCRIBE_ASSIGN(ImportType type, parse_import_type(options.type));
  const std::string vision = options.vision_type.empty() ? (type.name == "f32" ? "f32" : "f16") : options.vision_type;
  CINESCRIBE_ASSIGN(ImportType vision_type, parse_import_type(vision));
  CINESCRIBE_ASSIGN(AtomicFolder folder, AtomicFolder::create(out));
  FolderWriter writer(content, weights, folder.part(), options, std::move(type), std::move(vision_type));
  CINESCRIBE_ASSIGN(ImportReport report, writer.run());
  CINESCRIBE_TRY(folder.commit());
  return report;
}

}  // namespace cinescribe::models
