#include "cinescribe/cli/bench_session.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "cinescribe_build_facts.h"
#include "cinescribe_version.h"
#include <nlohmann/json.hpp>

#include "cinescribe/models/model_folder.h"
#include "cinescribe/tensor/backends.h"
#include "cinescribe/tensor/model_card.h"

namespace cinescribe::cli {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// What was typed, with the program by its name alone.
std::string command_line() {
  std::ifstream stream("/proc/self/cmdline", std::ios::binary);
  const std::string all{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  std::string text = "cinescribe";
  for (std::size_t begin = all.find('\0'); begin != std::string::npos && begin + 1 < all.size();) {
    const std::size_t end = all.find('\0', begin + 1);
    const std::string word = all.substr(begin + 1, end == std::string::npos ? end : end - begin - 1);
    const bool is_plain = !word.empty() && word.find_first_of(" '\"\\$*?&|;<>()") == std::string::npos;
    text += is_plain ? " " + word : " '" + word + "'";
    begin = end;
  }
  return text;
}

std::uint64_t folder_bytes(const fs::path& folder) {
  std::uint64_t sum = 0;
  std::error_code code;
  for (auto entry = fs::directory_iterator(folder, code); !code && entry != fs::directory_iterator();
       entry.increment(code)) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored)) sum += entry->file_size(ignored);
  }
  return sum;
}

/// The part of model.json by which models are compared.
std::string facts_of(const tensor::ModelCard& card) {
  const Json all = Json::parse(tensor::model_card_json(card), nullptr, false);
  Json facts = Json::object();
  for (const char* key : {"family", "source", "licence", "type", "vision_type", "prompt_template", "tower", "projector",
                          "projector_activation", "qformer", "language"}) {
    if (all.contains(key)) facts[key] = all[key];
  }
  return facts.dump();
}

}  // namespace

bench::SessionRecord bench_session() {
  bench::SessionRecord session;
  session.version = kVersion;
  session.commit = kCommit;
  session.compiler = kCompiler;
  session.build_type = kBuildType;
  session.build_flags = kBuildFlags;
  session.engines = {{"llama.cpp", kLlamaVersion},
                     {"ggml", kGgmlVersion},
                     {"whisper.cpp", kWhisperVersion},
                     {"ONNX Runtime", kOrtVersion}};
  if (tensor::load_backends().ok()) {
    for (const tensor::Device& device : tensor::devices()) {
      session.devices.push_back({device.name, device.description, device.memory_total_bytes});
    }
    session.engines["ggml CPU kernels"] = tensor::cpu_variant();
  }
  session.command = command_line();
  return session;
}

Result<bench::ModelRecord> captioner_record(const std::string& name, const captions::CaptionerFacts& facts) {
  bench::ModelRecord model;
  model.name = facts.name;
  model.part = bench::kCaptions;
  model.type = facts.type;
  model.sha256 = facts.checksum;
  model.is_synthetic = facts.is_synthetic;
  model.facts_json = Json({{"family", facts.family}}).dump();
  const auto folder = models::find_model_folder(name);
  if (!folder.ok() || !models::is_model_folder(*folder)) return model;  // the narrator, a server, a pair of GGUF files
  CINESCRIBE_ASSIGN(const tensor::ModelCard card, tensor::read_model_card(*folder));
  model.size_bytes = folder_bytes(*folder);
  model.facts_json = facts_of(card);
  return model;
}

}  // namespace cinescribe::cli
