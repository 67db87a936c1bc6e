#include "cinescribe/results/subtitles.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "cinescribe/results/cue_breaks.h"
#include "cinescribe/results/json_values.h"
#include "cinescribe/results/markup.h"

namespace cinescribe::results {

namespace {

/// A cue stays at least this long when nothing follows.
constexpr Duration kShortestCue = Duration::from_ms(800);

std::vector<CuePiece> pieces_of_words(const SegmentRecord& segment) {
  std::vector<CuePiece> pieces;
  for (const WordRecord& word : segment.words) {
    std::string text = on_one_line(word.text);
    if (text.empty()) continue;
    const bool has_space = word.text.front() == ' ' && !pieces.empty();
    pieces.push_back({(has_space ? " " : "") + text, word.range});
  }
  return pieces;
}

/// CJK and fullwidth punctuation, which begins no line.
bool is_wide_mark(char32_t c) { return (c >= 0x3001 && c <= 0x303F) || (c >= 0xFF00 && c <= 0xFF0F) || c == 0xFF1F; }

/// Where the piece of text that begins at `begin` ends: at a space, or after a character of a script without spaces.
std::size_t next_break(std::string_view text, std::size_t begin) {
  std::size_t at = begin + (text[begin] == ' ' ? 1 : 0);
  bool is_after_wide = false;
  while (at < text.size() && text[at] != ' ') {
    const CodePoint next = code_point_at(text, at);
    if (at > begin && is_after_wide && !is_wide_mark(next.value)) return at;
    if (at > begin && text[at - 1] != ' ' && is_wide(next.value) && !is_wide_mark(next.value)) return at;
    is_after_wide = is_wide(next.value);
    at += next.size;
  }
  return std::min(at, text.size());
}

std::vector<CuePiece> pieces_of_text(const SegmentRecord& segment) {
  const std::string text = on_one_line(segment.text);
  const double total = static_cast<double>(std::max<std::size_t>(1, text.size()));
  const auto time_at = [&](std::size_t byte) {
    const double share = static_cast<double>(byte) / total;
    return segment.range.start + Duration::from_seconds(segment.range.length().seconds() * share);
  };
  std::vector<CuePiece> pieces;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = next_break(text, begin);
    pieces.push_back({text.substr(begin, end - begin), {time_at(begin), time_at(end)}});
    begin = end;
  }
  return pieces;
}

std::string srt_time(Timestamp time) {
  std::string text = format_timecode(time);
  std::replace(text.begin(), text.end(), '.', ',');
  return text;
}

std::int64_t milliseconds(Timestamp time) { return (time.ns() + 500'000) / 1'000'000; }

constexpr std::array<std::pair<std::string_view, TranscriptFormat>, 5> kFormats = {{{"txt", TranscriptFormat::kTxt},
                                                                                    {"srt", TranscriptFormat::kSrt},
                                                                                    {"vtt", TranscriptFormat::kVtt},
                                                                                    {"tsv", TranscriptFormat::kTsv},
                                                                                    {"json", TranscriptFormat::kJson}}};

}  // namespace

std::vector<Cue> make_cues(std::span<const SegmentRecord> segments, const SubtitleLayout& layout) {
  std::vector<Cue> cues;
  for (const SegmentRecord& segment : segments) {
    const std::vector<CuePiece> pieces = segment.words.empty() ? pieces_of_text(segment) : pieces_of_words(segment);
    const std::vector<std::size_t> ends = cue_ends(pieces, layout);
    std::size_t begin = 0;
    for (const std::size_t end : ends) {
      const std::span<const CuePiece> own = std::span(pieces).subspan(begin, end - begin);
      cues.push_back({{own.front().range.start, own.back().range.end}, cue_lines(own, layout)});
      begin = end;
    }
    if (ends.size() == 1) cues.back().range = segment.range;
  }
  for (std::size_t i = 1; i < cues.size(); ++i) {
    cues[i].range.start = std::max(cues[i].range.start, cues[i - 1].range.end);
    cues[i].range.end = std::max(cues[i].range.start, cues[i].range.end);
  }
  for (std::size_t i = 0; i < cues.size(); ++i) {
    Timestamp until = cues[i].range.start + kShortestCue;
    if (i + 1 < cues.size()) until = std::min(until, cues[i + 1].range.start);
    cues[i].range.end = std::max(cues[i].range.end, until);
  }
  return cues;
}

std::string srt_cue(std::size_t number, const Cue& cue) {
  std::string text =
      std::to_string(number) + "\n" + srt_time(cue.range.start) + " --> " + srt_time(cue.range.end) + "\n";
  for (const std::string& line : cue.lines) text += line + "\n";
  return text + "\n";
}

std::string vtt_header() { return "WEBVTT\n\n"; }

std::string vtt_cue(const Cue& cue) {
  std::string text = format_timecode(cue.range.start) + " --> " + format_timecode(cue.range.end) + "\n";
  for (const std::string& line : cue.lines) text += escaped_markup(line) + "\n";
  return text + "\n";
}

std::string to_srt(std::span<const SegmentRecord> segments, const SubtitleLayout& layout) {
  std::string text;
  std::size_t number = 0;
  for (const Cue& cue : make_cues(segments, layout)) text += srt_cue(++number, cue);
  return text;
}

std::string to_vtt(std::span<const SegmentRecord> segments, const SubtitleLayout& layout) {
  std::string text = vtt_header();
  for (const Cue& cue : make_cues(segments, layout)) text += vtt_cue(cue);
  return text;
}

std::string to_tsv(std::span<const SegmentRecord> segments) {
  std::string text = "start\tend\ttext\n";
  for (const SegmentRecord& segment : segments) {
    text += std::to_string(milliseconds(segment.range.start)) + "\t" + std::to_string(milliseconds(segment.range.end)) +
            "\t" + on_one_line(segment.text) + "\n";
  }
  return text;
}

std::string to_txt(std::span<const SegmentRecord> segments) {
  std::string text;
  for (const SegmentRecord& segment : segments) text += on_one_line(segment.text) + "\n";
  return text;
}

std::string transcript_json(const SpokenLanguage& language, std::span<const SegmentRecord> segments) {
  Json json = {{"schema_version", kSchemaVersion},
               {"language", language.code},
               {"language_probability", language.probability},
               {"segments", Json::array()}};
  for (const SegmentRecord& segment : segments) json["segments"].push_back(to_value(segment));
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

const char* extension_of(TranscriptFormat format) {
  for (const auto& [name, value] : kFormats) {
    if (value == format) return name.data();
  }
  return "txt";
}

Result<std::vector<TranscriptFormat>> parse_transcript_formats(std::string_view list) {
  std::vector<TranscriptFormat> formats;
  while (true) {
    const std::size_t comma = list.find(',');
    const std::string_view name = list.substr(0, comma);
    const auto* found = std::find_if(kFormats.begin(), kFormats.end(), [&](const auto& f) { return f.first == name; });
    if (found == kFormats.end()) {
      return Error{ErrorCode::kUsage,
                   "unknown transcript format '" + std::string(name) + "'; there are txt, srt, vtt, tsv and json"};
    }
    if (std::find(formats.begin(), formats.end(), found->second) == formats.end()) formats.push_back(found->second);
    if (comma == std::string_view::npos) return formats;
    list.remove_prefix(comma + 1);
  }
}

std::string write_transcript(TranscriptFormat format, const SpokenLanguage& language,
                             std::span<const SegmentRecord> segments, const SubtitleLayout& layout) {
  switch (format) {
    case TranscriptFormat::kTxt:
      return to_txt(segments);
    case TranscriptFormat::kSrt:
      return to_srt(segments, layout);
    case TranscriptFormat::kVtt:
      return to_vtt(segments, layout);
    case TranscriptFormat::kTsv:
      return to_tsv(segments);
    case TranscriptFormat::kJson:
      return transcript_json(language, segments);
  }
  return {};
}

}  // namespace cinescribe::results
