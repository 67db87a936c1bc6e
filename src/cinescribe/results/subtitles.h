#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/results/base_data.h"
#include "cinescribe/results/records.h"

/// Transcripts as files for people and players.
namespace cinescribe::results {

/// How text is laid out in subtitles. The defaults are what broadcasters ask for.
struct SubtitleLayout {
  int max_line_width = 42;   ///< Characters per line, wide ones count twice; 0 = lines are not broken.
  int max_lines = 2;         ///< Lines shown at once; 0 = no limit. Only with a line width.
  double max_seconds = 7.0;  ///< Longest time on the screen; 0 = no limit.
};

/// What is on the screen at one time.
struct Cue {
  TimeRange range;
  std::vector<std::string> lines;
};

/// Breaks segments into cues: at ends of sentences, clauses and pauses where that fits, at words else, never inside one
/// (a word longer than a line stands alone). The cues of one segment take their times from its words, or from their
/// share of the text where there are no words. Cues do not overlap; very short ones stay until they can be read, if
/// nothing follows at once.
std::vector<Cue> make_cues(std::span<const SegmentRecord> segments, const SubtitleLayout& layout);

/// One cue of a SubRip or WebVTT file with the empty line after it; SubRip numbers count from 1.
std::string srt_cue(std::size_t number, const Cue& cue);
std::string vtt_header();
std::string vtt_cue(const Cue& cue);

/// SubRip: numbered cues, times HH:MM:SS,mmm.
std::string to_srt(std::span<const SegmentRecord> segments, const SubtitleLayout& layout = {});
/// WebVTT; markup characters in the text are escaped.
std::string to_vtt(std::span<const SegmentRecord> segments, const SubtitleLayout& layout = {});
/// Tab-separated start and end in milliseconds, and text, with a header line.
std::string to_tsv(std::span<const SegmentRecord> segments);
/// The text alone, a line per segment.
std::string to_txt(std::span<const SegmentRecord> segments);
/// One object: language, its probability, and the segments with their words (docs/schema).
std::string transcript_json(const SpokenLanguage& language, std::span<const SegmentRecord> segments);

enum class TranscriptFormat { kTxt, kSrt, kVtt, kTsv, kJson };

/// "txt", "srt", ...: also the file name extension.
const char* extension_of(TranscriptFormat format);
/// Reads "txt,srt,json". Error: kUsage, naming the formats there are.
Result<std::vector<TranscriptFormat>> parse_transcript_formats(std::string_view list);

/// The transcript in one of the formats; ends with a line end.
std::string write_transcript(TranscriptFormat format, const SpokenLanguage& language,
                             std::span<const SegmentRecord> segments, const SubtitleLayout& layout);

}  // namespace cinescribe::results
