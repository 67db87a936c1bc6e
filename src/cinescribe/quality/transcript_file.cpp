#include "cinescribe/quality/transcript_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <nlohmann/json.hpp>

#include "cinescribe/core/file.h"
#include "cinescribe/text/utf8.h"

namespace cinescribe::quality {

namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMostBytes = 256ULL << 20U;

Error unreadable(const std::string& name, const std::string& why) {
  return {ErrorCode::kInput, "cannot read a transcript from " + name + ": " + why};
}

std::string ending_of(const std::string& name) {
  std::string ending = std::filesystem::path(name).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending;
}

/// Text between `open` and `close` goes; an opening that never closes stays.
std::string without(std::string_view line, char open, char close) {
  std::string kept;
  while (true) {
    const std::size_t begin = line.find(open);
    const std::size_t end = begin == std::string_view::npos ? begin : line.find(close, begin);
    if (end == std::string_view::npos) return kept.append(line);
    kept.append(line.substr(0, begin));
    line.remove_prefix(end + 1);
  }
}

std::string with_characters(std::string line) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kEntities = {
      {{"&lt;", "<"}, {"&gt;", ">"}, {"&nbsp;", " "}, {"&lrm;", ""}, {"&rlm;", ""}, {"&quot;", "\""}, {"&amp;", "&"}}};
  for (const auto& [entity, character] : kEntities) {
    for (std::size_t at = line.find(entity); at != std::string::npos; at = line.find(entity, at + character.size())) {
      line.replace(at, entity.size(), character);
    }
  }
  return line;
}

/// Cues begin with a line of times and end with an empty line; headers, numbers and notes stand outside of them.
Result<std::string> subtitle_text(std::string_view bytes, const std::string& name) {
  std::string text;
  bool is_cue = false;
  bool has_cues = false;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.find("-->") != std::string_view::npos) {
      is_cue = has_cues = true;
    } else if (line.find_first_not_of(" \t") == std::string_view::npos) {
      is_cue = false;
    } else if (is_cue) {
      text += with_characters(without(without(line, '<', '>'), '{', '}')) + "\n";
    }
  }
  if (!has_cues) return unreadable(name, "there is no line of times (00:00:01,000 --> 00:00:02,000)");
  return text;
}

/// Appends the texts of a list of segments; false when it is no such list.
bool append_segments(const Json& list, std::string& text) {
  if (!list.is_array()) return false;
  for (const Json& segment : list) {
    if (!segment.is_object()) return false;
    const auto found = segment.find("text");
    if (found == segment.end() || !found->is_string()) return false;
    text += found->get_ref<const std::string&>() + "\n";
  }
  return true;
}

Result<std::string> json_text(std::string_view bytes, const std::string& name) {
  const Json root = Json::parse(bytes, nullptr, false);
  if (root.is_discarded()) return unreadable(name, "it is no valid JSON");
  std::string text;
  if (root.is_array() && append_segments(root, text)) return text;
  if (!root.is_object()) return unreadable(name, "a JSON object was expected");
  if (const auto segments = root.find("segments"); segments != root.end()) {
    if (append_segments(*segments, text)) return text;
    return unreadable(name, "\"segments\" is no list of objects with a \"text\"");
  }
  if (const auto scenes = root.find("scenes"); scenes != root.end() && scenes->is_array()) {
    for (const Json& scene : *scenes) {
      if (!scene.is_object() || !scene.contains("speech") || !append_segments(scene["speech"], text)) {
        return unreadable(name, "a scene has no list \"speech\" of objects with a \"text\"");
      }
    }
    return text;
  }
  if (const auto whole = root.find("text"); whole != root.end() && whole->is_string()) return whole->get<std::string>();
  return unreadable(name, "it has none of \"segments\", \"scenes\" and \"text\"");
}

}  // namespace

Result<std::string> transcript_text(std::string_view bytes, const std::string& name) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (bytes.substr(0, kByteOrderMark.size()) == kByteOrderMark) bytes.remove_prefix(kByteOrderMark.size());
  if (!text::is_valid_utf8(bytes)) return unreadable(name, "it is not UTF-8; convert it (iconv -t UTF-8)");
  const std::string ending = ending_of(name);
  if (ending == ".json") return json_text(bytes, name);
  if (ending == ".srt" || ending == ".vtt") return subtitle_text(bytes, name);
  return std::string(bytes);
}

Result<std::string> read_transcript(const std::filesystem::path& path) {
  CINESCRIBE_ASSIGN(const std::string bytes, read_file(path, kMostBytes));
  return transcript_text(bytes, path.string());
}

}  // namespace cinescribe::quality
