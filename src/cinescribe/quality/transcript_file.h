#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "cinescribe/core/status.h"

namespace cinescribe::quality {

/// The words of a transcript without times, by the ending of `name`: `.srt`, `.vtt`, `.json` (of `cinescribe
/// transcribe` and of other Whisper programs: `segments[].text`, else `text`; `base_data.json`: the speech of all
/// scenes), else plain text. Marks of subtitles (<i>, {\an8}, &amp;) are taken out. Errors: kInput, naming `name`.
Result<std::string> transcript_text(std::string_view bytes, const std::string& name);

/// The same from a file of at most 256 MiB.
Result<std::string> read_transcript(const std::filesystem::path& path);

}  // namespace cinescribe::quality
