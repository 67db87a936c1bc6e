#include "cinescribe/speech/remote_answer.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "cinescribe/http/api_server.h"

namespace cinescribe::speech {

namespace {

using nlohmann::json;

Error malformed(const std::string& what, std::string_view text) {
  return {ErrorCode::kResource, "the transcription server's answer cannot be used: " + what +
                                    "; it begins with: " + http::one_line(text.substr(0, 200))};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::optional<double> number_in(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  const double value = found->get<double>();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::string text_in(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// "start" and "end" of an object, moved into the chunk and made an ordered range; nothing when they are missing.
std::optional<TimeRange> times_in(const json& object, TimeRange chunk) {
  const auto start = number_in(object, "start");
  const auto end = number_in(object, "end");
  if (!start || !end) return std::nullopt;
  // Clamped before they become times: a sum with a huge number would overflow.
  const double length = chunk.length().seconds();
  TimeRange range;
  range.start = std::min(chunk.end, chunk.start + Duration::from_seconds(std::clamp(*start, 0.0, length)));
  range.end = std::clamp(chunk.start + Duration::from_seconds(std::clamp(*end, 0.0, length)), range.start, chunk.end);
  return range;
}

/// Words of a list; items without a text or times are left out.
std::vector<Word> words_in(const json& object, TimeRange chunk) {
  std::vector<Word> words;
  const auto list = object.find("words");
  if (list == object.end() || !list->is_array()) return words;
  for (const json& item : *list) {
    if (!item.is_object()) continue;
    const auto range = times_in(item, chunk);
    const std::string text(trimmed(text_in(item, "word")));
    if (!range || text.empty()) continue;
    words.push_back({*range, text, std::clamp(number_in(item, "probability").value_or(0.0), 0.0, 1.0)});
  }
  std::stable_sort(words.begin(), words.end(),
                   [](const Word& a, const Word& b) { return a.range.start < b.range.start; });
  return words;
}

/// The API gives bare words ("country", not " country."): take each with its surroundings from the segment's text.
void spell_like_text(std::vector<Word>& words, std::string_view text) {
  std::vector<std::size_t> places;
  std::size_t cursor = 0;
  for (const Word& word : words) {
    const std::size_t place = text.find(word.text, cursor);
    places.push_back(place);
    if (place != std::string_view::npos) cursor = place + word.text.size();
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (places[i] == std::string_view::npos) {
      words[i].text.insert(0, " ");
      continue;
    }
    std::size_t end = text.size();
    for (std::size_t next = i + 1; next < words.size(); ++next) {
      if (places[next] == std::string_view::npos) continue;
      end = places[next];
      break;
    }
    const std::size_t known_end = places[i] + words[i].text.size();
    const std::size_t space = text.find(' ', known_end);
    const std::size_t begin = places[i];
    const bool has_space = begin == 0 || text[begin - 1] == ' ';
    words[i].text = (has_space ? " " : "") + std::string(text.substr(begin, std::min(space, end) - begin));
  }
}

/// Gives each word of the whole answer to the segment in which its middle lies, else to the nearest before it.
void share_out(std::vector<Word> words, std::vector<Segment>& segments) {
  if (segments.empty()) return;
  std::size_t at = 0;
  for (Word& word : words) {
    const Timestamp middle = word.range.start + word.range.length() / 2;
    while (at + 1 < segments.size() && segments[at + 1].range.start <= middle) ++at;
    segments[at].words.push_back(std::move(word));
  }
}

Result<Segment> segment_of(const json& item, TimeRange chunk, std::string_view answer) {
  if (!item.is_object()) return malformed("a segment is no object", answer);
  const auto range = times_in(item, chunk);
  if (!range) return malformed("a segment has no times", answer);
  Segment segment;
  segment.range = *range;
  segment.text = trimmed(text_in(item, "text"));
  segment.avg_logprob = number_in(item, "avg_logprob").value_or(0.0);
  segment.no_speech_prob = number_in(item, "no_speech_prob").value_or(0.0);
  segment.compression_ratio = number_in(item, "compression_ratio").value_or(0.0);
  segment.temperature = number_in(item, "temperature").value_or(0.0);
  segment.words = words_in(item, chunk);
  return segment;
}

}  // namespace

Result<RemoteAnswer> parse_remote_answer(std::string_view text, TimeRange range) {
  const json answer = json::parse(text, nullptr, false);
  if (!answer.is_object()) return malformed("it is no JSON object", text);
  RemoteAnswer parsed;
  parsed.language = text_in(answer, "language");
  const auto list = answer.find("segments");
  if (list == answer.end() || !list->is_array()) {
    const auto words = answer.find("text");
    if (words != answer.end() && words->is_string() && trimmed(words->get<std::string>()).empty()) return parsed;
    return malformed("it has no segments; use a model that answers with times (response_format verbose_json)", text);
  }
  for (const json& item : *list) {
    CINESCRIBE_ASSIGN(Segment segment, segment_of(item, range, text));
    if (!segment.text.empty()) parsed.segments.push_back(std::move(segment));
  }
  std::stable_sort(parsed.segments.begin(), parsed.segments.end(),
                   [](const Segment& a, const Segment& b) { return a.range.start < b.range.start; });
  const bool has_own_words = std::any_of(parsed.segments.begin(), parsed.segments.end(),
                                         [](const Segment& segment) { return !segment.words.empty(); });
  if (!has_own_words) share_out(words_in(answer, range), parsed.segments);
  for (Segment& segment : parsed.segments) spell_like_text(segment.words, segment.text);
  return parsed;
}

}  // namespace cinescribe::speech
