#include "cinescribe/pipeline/outside_captioners.h"

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "cinescribe/captions/gguf_captioner.h"
#include "cinescribe/captions/openai_captioner.h"
#include "cinescribe/core/file.h"
#include "cinescribe/http/api_server.h"
#include "cinescribe/http/client.h"
#include "cinescribe/models/catalogue.h"
#include "cinescribe/models/model_store.h"

namespace cinescribe::pipeline {

namespace {

using nlohmann::json;
using Maker = std::function<Result<std::unique_ptr<captions::Captioner>>(const std::stop_token&)>;

constexpr std::string_view kServer = "openai:";
constexpr std::string_view kPair = "gguf:";
constexpr std::string_view kPairFamily = "gguf";
/// A few sentences.
constexpr int kSceneTokens = 160;
constexpr std::uint64_t kLongestTemplate = 1U << 20U;
/// Of a picture with --low-detail.
constexpr int kLowDetailTokens = 128;

/// Makes it once, at the first call that succeeds.
std::function<Result<captions::Captioner*>(const std::stop_token&)> made_once(Maker maker) {
  const auto kept = std::make_shared<std::unique_ptr<captions::Captioner>>();
  return [kept, maker = std::move(maker)](const std::stop_token& stop) -> Result<captions::Captioner*> {
    if (!*kept) {
      CINESCRIBE_ASSIGN(*kept, maker(stop));
    }
    return kept->get();
  };
}

language::GenerationOptions scene_profile() {
  language::GenerationOptions generation;
  generation.max_new_tokens = kSceneTokens;
  return generation;
}

/// Options that only imported models have are refused rather than left out in silence.
Status check_options(const std::string& name, const captions::VlmOptions& options) {
  const char* flag = nullptr;
  if (options.is_frame_by_frame) flag = "--frame-by-frame";
  if (options.num_crops > 0) flag = "--num-crops";
  if (options.is_panorama_reversed) flag = "--panorama-order";
  if (!options.has_kv_cache) flag = "--no-kv-cache";
  if (flag == nullptr) return {};
  return Error{ErrorCode::kUsage,
               std::string(flag) + " is for imported models; the captioner '" + name + "' does not have it"};
}

Result<ChosenCaptioner> choose_server(const std::string& words, const captions::VlmOptions& options) {
  CINESCRIBE_ASSIGN(captions::OpenAiCaptionerOptions server, captions::parse_openai_spec(words));
  if (options.is_offline && !http::is_on_this_machine(server.base_url)) {
    return Error{ErrorCode::kUsage, "the captioner openai:" + server.model + " would send frames to " +
                                        http::printable_url(server.base_url) +
                                        "; leave --offline out, or name a server on this machine "
                                        "(http://127.0.0.1:8080/v1)"};
  }
  server.api_key = http::api_key_from_environment();
  server.concurrency = options.batch;
  ChosenCaptioner chosen;
  chosen.source.facts = captions::openai_facts(server);
  chosen.source.settings_json = json{
      {"model", server.model},
      {"base_url", http::printable_url(server.base_url)},
      {"longest_side_px", server.longest_side_px},
      {"jpeg_quality",
       server.jpeg_quality}}.dump();
  chosen.source.load =
      made_once([server](const std::stop_token& stop) { return captions::make_openai_captioner(server, stop); });
  chosen.scenes = scene_profile();
  return chosen;
}

std::uint64_t bytes_of(const std::filesystem::path& path) {
  std::error_code code;
  const std::uintmax_t bytes = std::filesystem::file_size(path, code);
  return code ? 0 : static_cast<std::uint64_t>(bytes);
}

/// The template that replaces the model's own: a file's words, or a name; the folder's where none is asked for.
Result<std::string> chosen_template(const std::string& wanted, const captions::GgufPair& pair) {
  if (wanted.empty()) return pair.chat_template;
  std::error_code code;
  if (!std::filesystem::is_regular_file(wanted, code)) return wanted;
  return read_file(wanted, kLongestTemplate);
}

Result<ChosenCaptioner> choose_pair(const std::string& words, const captions::VlmOptions& options) {
  if (words.empty()) {
    return Error{ErrorCode::kUsage, "gguf: needs a folder or the name of a model, as in gguf:smolvlm2-500m"};
  }
  CINESCRIBE_ASSIGN(const models::LocatedModel model, models::locate(words));
  std::error_code code;
  if (!std::filesystem::is_directory(model.path, code)) {
    return Error{ErrorCode::kModel, model.path.string() +
                                        " is no folder; a vision-language model has two files, language.gguf and "
                                        "mmproj.gguf, and gguf: takes the folder of both"};
  }
  CINESCRIBE_ASSIGN(const captions::GgufPair pair, captions::find_gguf_pair(model.path));
  captions::GgufCaptionerOptions gguf;
  gguf.name = model.name;
  gguf.device = options.device;
  gguf.threads = options.threads;
  gguf.gpu_layers = options.gpu_layers;
  gguf.scenes_at_once = options.batch;
  gguf.kv_type = options.kv_type;
  if (options.is_low_detail) gguf.max_image_tokens = kLowDetailTokens;
  gguf.flash_attention = options.flash_attention;
  gguf.on_overflow = options.on_overflow;
  CINESCRIBE_ASSIGN(gguf.chat_template, chosen_template(options.chat_template, pair));
  gguf.measured_from_bytes = options.measured_from_bytes;
  ChosenCaptioner chosen;
  chosen.source.facts.name = gguf.name;
  chosen.source.facts.family = kPairFamily;
  chosen.source.facts.type = pair.language.filename().string();
  chosen.source.facts.checksum = model.sha256;
  chosen.model_bytes = bytes_of(pair.language) + bytes_of(pair.mmproj);
  chosen.source.settings_json = json{{"language", pair.language.filename().string()},
                                     {"language_bytes", bytes_of(pair.language)},
                                     {"mmproj", pair.mmproj.filename().string()},
                                     {"mmproj_bytes", bytes_of(pair.mmproj)},
                                     {"chat_template", gguf.chat_template},
                                     {"max_image_tokens", gguf.max_image_tokens},
                                     {"on_overflow", captions::overflow_name(gguf.on_overflow)}}
                                    .dump();
  chosen.source.load =
      made_once([pair, gguf](const std::stop_token&) { return captions::make_gguf_captioner(pair, gguf); });
  chosen.scenes = scene_profile();
  return chosen;
}

bool is_pair_of_catalogue(const std::string& name) {
  const auto catalogue = models::Catalogue::load();
  const models::CatalogueEntry* entry = catalogue.ok() ? catalogue->find(name) : nullptr;
  return entry != nullptr && entry->family == kPairFamily;
}

}  // namespace

std::optional<Result<ChosenCaptioner>> choose_outside_captioner(const std::string& name,
                                                                const captions::VlmOptions& options) {
  const bool is_server = name.starts_with(kServer);
  const bool is_pair = name.starts_with(kPair);
  if (!is_server && !is_pair && !is_pair_of_catalogue(name)) return std::nullopt;
  if (const Status status = check_options(name, options); !status.ok()) return status.error();
  if (is_server) return choose_server(name.substr(kServer.size()), options);
  return choose_pair(is_pair ? name.substr(kPair.size()) : name, options);
}

}  // namespace cinescribe::pipeline
