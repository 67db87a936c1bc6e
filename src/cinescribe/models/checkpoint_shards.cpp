#include "cinescribe/models/checkpoint_shards.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "cinescribe/models/safetensors.h"

namespace cinescribe::models {

namespace {

constexpr const char* kIndex = "model.safetensors.index.json";

std::string replace_last(const std::string& path, const std::string& name) {
  const std::size_t slash = path.find_last_of("/:");  // a ':' ends what comes before the path of hf: and file:
  return (slash == std::string::npos ? std::string() : path.substr(0, slash + 1)) + name;
}

}  // namespace

Source beside(const Source& source, const std::string& name) {
  Source other = source;
  other.path = replace_last(source.path, name);
  other.text = replace_last(source.text, name);
  return other;
}

Result<std::vector<CatalogueFile>> find_shards(const CatalogueEntry& entry, const std::filesystem::path& folder) {
  std::error_code code;
  std::vector<CatalogueFile> shards;
  const auto listed = [&entry](const std::string& path) {
    return std::find_if(entry.files.begin(), entry.files.end(),
                        [&path](const CatalogueFile& file) { return file.path == path; });
  };
  const auto index = listed(kIndex);
  if (index == entry.files.end() || !std::filesystem::exists(folder / kIndex, code)) return shards;
  CINESCRIBE_ASSIGN(const auto names, shard_names(folder / kIndex));
  for (const std::string& name : names) {
    if (listed(name) != entry.files.end()) continue;
    CatalogueFile shard;
    shard.path = name;
    for (const SourceParts& parts : index->sources) {
      if (parts.size() == 1) shard.sources.push_back({beside(parts.front(), name)});
    }
    if (!shard.sources.empty()) shards.push_back(std::move(shard));
  }
  return shards;
}

}  // namespace cinescribe::models
