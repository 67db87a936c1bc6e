#include "cinescribe/pipeline/caption_journal.h"

#include <fstream>

#include <nlohmann/json.hpp>

#include "cinescribe/pipeline/journal.h"
#include "cinescribe/results/caption_json.h"

namespace cinescribe::pipeline {

namespace {

using Json = nlohmann::json;

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t count_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

bool is_lost(const Json& unit) {
  const auto error = unit.find("error");
  return error != unit.end() && error->is_object() && !text_of(*error, "lost_to").empty();
}

}  // namespace

CaptionJournalState read_caption_journal(const std::filesystem::path& path) {
  CaptionJournalState state;
  std::ifstream stream(path, std::ios::binary);
  std::uint64_t offset = 0;
  for (std::string line; std::getline(stream, line); offset += line.size() + 1) {
    const auto record = parse_journal_line(line);
    if (!record) break;
    if (record->stage != kCaptionStage) continue;
    const Json data = Json::parse(record->data, nullptr, false);
    if (!data.is_object()) break;
    if (record->type == "begin") {
      state = {};
      state.key = text_of(data, "key");
    } else if (record->type == "unit") {
      const std::int64_t scene = count_of(data, "scene_index");
      state.units[scene] = offset;
      state.lost.erase(scene);
      if (is_lost(data)) state.lost.insert(scene);
    } else if (record->type == "written") {
      state.written_key = text_of(data, "key");
      state.written_totals = {count_of(data, "scenes"),        count_of(data, "captions"),
                              count_of(data, "failures"),      count_of(data, "suspects"),
                              count_of(data, "prompt_tokens"), count_of(data, "generated_tokens")};
    }
  }
  return state;
}

Result<results::CaptionRecord> read_caption_unit(const std::filesystem::path& path, std::uint64_t offset) {
  std::ifstream stream(path, std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(offset));
  std::string line;
  const auto record = std::getline(stream, line) ? parse_journal_line(line) : std::nullopt;
  if (record) {
    Result<results::CaptionRecord> caption = results::caption_from_json(record->data);
    if (caption.ok()) return caption;
  }
  return Error{ErrorCode::kInternal,
               "the journal " + path.string() + " changed while it was read; run the command again with --force"};
}

}  // namespace cinescribe::pipeline
