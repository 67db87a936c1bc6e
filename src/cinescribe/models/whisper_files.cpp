#include "cinescribe/models/whisper_files.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <system_error>

#include <nlohmann/json.hpp>

#include "cinescribe/core/file.h"
#include "cinescribe/models/model_store.h"
#include "cinescribe/models/sha256.h"
#include "cinescribe/models/whisper_convert.h"
#include "cinescribe/tensor/whisper_file.h"

namespace cinescribe::models {

namespace {

/// Raised when the converter writes other bytes for the same source.
constexpr const char* kConverterVersion = "1";
constexpr std::uint64_t kLargestConfigBytes = 4U << 20U;
constexpr std::uint64_t kLargestVocabularyBytes = 16U << 20U;

std::vector<std::filesystem::path> ggml_files_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  std::error_code code;
  for (std::filesystem::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
    if (tensor::looks_like_whisper_file(entry->path())) found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

bool looks_like_ct2_whisper(const std::filesystem::path& folder) {
  std::error_code code;
  const std::filesystem::path path = folder / "model.bin";
  if (!std::filesystem::is_regular_file(path, code)) return false;
  // u32 version, then the name of the specification: u16 length with its zero byte, bytes.
  std::array<char, 18> head = {};
  std::ifstream stream(path, std::ios::binary);
  stream.read(head.data(), head.size());
  constexpr std::string_view kName("\x0c\0WhisperSpec\0", 14);
  return stream.good() && std::string_view(head.data() + 4, kName.size()) == kName;
}

Result<FoundWhisper> find_whisper(const std::filesystem::path& path) {
  std::error_code code;
  if (std::filesystem::is_regular_file(path, code)) {
    if (tensor::looks_like_whisper_file(path)) return FoundWhisper{WhisperSource::kGgmlFile, path};
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    if (path.filename() == "model.bin" && looks_like_ct2_whisper(folder)) {
      return FoundWhisper{WhisperSource::kCt2Folder, folder};
    }
    return Error{ErrorCode::kModel, "cannot use " + path.string() +
                                        " as a Whisper model: it is no model file of whisper.cpp (ggml); give such a "
                                        "file, a faster-whisper folder, or a name from `cinescribe models list`"};
  }
  if (!std::filesystem::is_directory(path, code)) {
    return Error{ErrorCode::kModel, "cannot find the Whisper model " + path.string()};
  }
  if (looks_like_ct2_whisper(path)) return FoundWhisper{WhisperSource::kCt2Folder, path};
  const auto files = ggml_files_in(path);
  if (files.size() == 1) return FoundWhisper{WhisperSource::kGgmlFile, files[0]};
  if (files.size() > 1) {
    return Error{ErrorCode::kModel, "the folder " + path.string() + " holds " + std::to_string(files.size()) +
                                        " whisper.cpp models; name one of them, e.g. " + files[0].string()};
  }
  return Error{ErrorCode::kModel,
               "cannot use the folder " + path.string() +
                   " as a Whisper model: it holds neither the model.bin of a faster-whisper (CTranslate2) model nor a "
                   "model file of whisper.cpp"};
}

Result<std::vector<tensor::AlignmentHead>> read_alignment_heads(const std::filesystem::path& folder,
                                                                const tensor::WhisperShape& shape) {
  std::vector<tensor::AlignmentHead> heads;
  const std::filesystem::path path = folder / "config.json";
  std::error_code code;
  if (!std::filesystem::exists(path, code)) return heads;
  CINESCRIBE_ASSIGN(const std::string text, read_file(path, kLargestConfigBytes));
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return Error{ErrorCode::kModel, path.string() + " is no JSON object; fetch the model again"};
  const auto listed = json.find("alignment_heads");
  if (listed == json.end() || listed->is_null()) return heads;
  const Error wrong{ErrorCode::kModel, "alignment_heads in " + path.string() +
                                           " is no list of [layer, head] pairs within this model's " +
                                           std::to_string(shape.n_text_layer) + " layers of " +
                                           std::to_string(shape.n_text_head) + " heads; fetch the model again"};
  if (!listed->is_array()) return wrong;
  for (const auto& pair : *listed) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number_integer() || !pair[1].is_number_integer()) {
      return wrong;
    }
    const auto layer = pair[0].get<std::int64_t>();
    const auto head = pair[1].get<std::int64_t>();
    if (layer < 0 || layer >= shape.n_text_layer || head < 0 || head >= shape.n_text_head) return wrong;
    heads.push_back({static_cast<int>(layer), static_cast<int>(head)});
  }
  return heads;
}

Result<std::filesystem::path> converted_path(const std::filesystem::path& folder, const std::string& model_sha256,
                                             tensor::WeightType weights) {
  Sha256 key;
  key.update(std::string("cinescribe whisper ") + kConverterVersion + "\n" + model_sha256 + "\n");
  for (const char* name : {"vocabulary.json", "vocabulary.txt"}) {
    std::error_code code;
    if (!std::filesystem::exists(folder / name, code)) continue;
    CINESCRIBE_ASSIGN(const std::string text, read_file(folder / name, kLargestVocabularyBytes));
    key.update(text);
    break;
  }
  const std::string type = tensor::weight_type_name(weights);
  return cache_folder() / "converted" / ("whisper-" + key.hex().substr(0, 32) + "-" + type + ".bin");
}

}  // namespace cinescribe::models
