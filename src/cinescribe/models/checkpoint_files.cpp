#include "cinescribe/models/checkpoint_files.h"

#include <limits>
#include <system_error>

#include "cinescribe/core/file.h"
#include "cinescribe/tensor/json_fields.h"

namespace cinescribe::models {

namespace {

using nlohmann::json;
using tensor::JsonFields;

constexpr std::uint64_t kLargestTemplate = 1U << 20U;
constexpr int kLargestId = std::numeric_limits<int>::max();

Result<json> read_if_there(const std::filesystem::path& path) {
  std::error_code code;
  if (!std::filesystem::exists(path, code)) return json::object();
  return tensor::read_json_object(path);
}

/// Values that no run could use count as not set, as `generate` itself only looks at them when they are used.
template <typename T, typename Read>
void take(const JsonFields& fields, const char* key, std::optional<T>& out, const Read& read) {
  if (!fields.has(key)) return;
  const auto value = read();
  if (value.ok()) out = *value;
}

}  // namespace

Result<CheckpointFiles> CheckpointFiles::read(const std::filesystem::path& folder) {
  std::error_code code;
  if (!std::filesystem::is_directory(folder, code)) {
    return Error{ErrorCode::kModel,
                 "there is no folder " + folder.string() + "; give one with a Hugging Face checkpoint"};
  }
  CheckpointFiles files;
  files.folder = folder;
  CINESCRIBE_ASSIGN(files.config, tensor::read_json_object(folder / "config.json"));
  CINESCRIBE_ASSIGN(files.preprocessor, read_if_there(folder / "preprocessor_config.json"));
  CINESCRIBE_ASSIGN(files.generation, read_if_there(folder / "generation_config.json"));
  CINESCRIBE_ASSIGN(files.tokenizer_config, read_if_there(folder / "tokenizer_config.json"));
  CINESCRIBE_ASSIGN(files.chat_template, read_if_there(folder / "chat_template.json"));
  if (files.chat_template.empty()) {  // newer releases write it as a file of its own
    const auto text = read_file(folder / "chat_template.jinja", kLargestTemplate);
    if (text.ok()) files.chat_template["chat_template"] = *text;
  }
  return files;
}

std::string CheckpointFiles::family() const {
  const auto found = config.find("model_type");
  return found != config.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Result<tensor::GenerationCard> read_generation_defaults(const json& object, const std::string& where) {
  const JsonFields f(object, where);
  tensor::GenerationCard g;
  const auto whole = [&f](const char* key, std::optional<int>& out, int low) {
    take(f, key, out, [&] { return f.small_integer(key, low, kLargestId); });
  };
  const auto real = [&f](const char* key, std::optional<double>& out, double low) {
    take(f, key, out, [&] { return f.number(key, low, 1e6); });
  };
  take(f, "do_sample", g.do_sample, [&f] { return f.flag("do_sample"); });
  real("temperature", g.temperature, 0.0);
  real("top_p", g.top_p, 0.0);
  real("repetition_penalty", g.repetition_penalty, 0.0);
  real("length_penalty", g.length_penalty, -1e6);
  whole("top_k", g.top_k, 0);
  whole("num_beams", g.num_beams, 1);
  whole("max_length", g.max_length, 1);
  // The default, written down: `generate` then counts it from the end of the prompt, as if it were not there.
  if (g.max_length == 20) g.max_length.reset();
  whole("max_new_tokens", g.max_new_tokens, 1);
  whole("min_length", g.min_length, 0);
  whole("no_repeat_ngram_size", g.no_repeat_ngram_size, 0);
  return g;
}

Result<std::vector<int>> read_ids(const json& object, const char* key, const std::string& where) {
  const JsonFields fields(object, where);
  const json* value = fields.find(key);
  std::vector<int> ids;
  if (value == nullptr) return ids;
  const json list = value->is_array() ? *value : json::array({*value});
  if (list.size() > 1024) return fields.bad(key, "at most 1024 ids");
  for (const json& item : list) {
    if (!item.is_number_integer() || item.get<std::int64_t>() < -1 || item.get<std::int64_t>() > kLargestId) {
      return fields.bad(key, "an id or a list of ids");
    }
    if (item.get<int>() >= 0) ids.push_back(item.get<int>());
  }
  return ids;
}

}  // namespace cinescribe::models
