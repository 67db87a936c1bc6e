#include "cinescribe/bench/report.h"

#include <system_error>
#include <utility>

#include "cinescribe/bench/number_text.h"
#include "cinescribe/bench/sections.h"
#include "cinescribe/core/file.h"

namespace cinescribe::bench {

namespace {

namespace fs = std::filesystem;

fs::path record_path(const fs::path& given) {
  std::error_code ignored;
  return fs::is_directory(given, ignored) ? given / kRecordFileName : given;
}

std::string subtitle_of(const Measurements& measurements) {
  const SessionRecord& last = measurements.sessions.back();
  std::string text = "cinescribe " + last.version + " on " + last.cpu + ", " + std::to_string(last.cores) + " cores, " +
                     bytes_text(last.memory_bytes) + " of memory; measured " +
                     measurements.sessions.front().started_at.substr(0, 10);
  if (measurements.machines.size() > 1) {
    text += "; " + std::to_string(measurements.machines.size()) + " machines or builds";
  }
  return text;
}

struct Read {
  Measurements measurements;
  std::vector<ReportRow> rows;  ///< Refer to the measurements, so a `Read` stays where it is.
};

Status read(const fs::path& given, Read& into) {
  const fs::path path = record_path(given);
  CINESCRIBE_ASSIGN(into.measurements, read_measurements(path));
  if (into.measurements.sessions.empty()) {
    return Error{ErrorCode::kInput, path.string() + " does not say where it was measured (no line of kind 'session')"};
  }
  into.rows = report_rows(into.measurements);
  return {};
}

ReportDocument document_of(const Read& now, const Read* old) {
  const ReportInput input{now.measurements, now.rows};
  ReportDocument document;
  document.title = "cinescribe benchmark";
  document.subtitle = subtitle_of(now.measurements);
  const auto add = [&](Section section) {
    if (!section.blocks.empty()) document.sections.push_back(std::move(section));
  };
  if (!now.rows.empty()) {
    add(summary_section(input));
    if (old != nullptr) add(changes_section(input, {old->measurements, old->rows}));
    add(rtf_section(input));
  }
  add(stage1_section(input));
  add(captions_section(input));
  add(scenes_section(input));
  add(memory_section(input));
  add(quality_section(input));
  add(models_section(input));
  add(guide_section(input));
  add(requirements_section(input));
  add(warm_up_section(input));
  add(method_section(input));
  return document;
}

}  // namespace

Result<ReportDocument> make_report(const fs::path& folder, const fs::path& compare) {
  Read now;
  CINESCRIBE_TRY(read(folder, now));
  Read old;
  if (!compare.empty()) CINESCRIBE_TRY(read(compare, old));
  return document_of(now, compare.empty() ? nullptr : &old);
}

Result<ReportFiles> write_report(const fs::path& folder, const fs::path& compare, const fs::path& output) {
  Read now;
  CINESCRIBE_TRY(read(folder, now));
  Read old;
  if (!compare.empty()) CINESCRIBE_TRY(read(compare, old));
  const ReportDocument document = document_of(now, compare.empty() ? nullptr : &old);
  ReportFiles files{output / "report.md", output / "report.html", static_cast<std::int64_t>(now.rows.size()),
                    now.measurements.reading.bad_lines};
  CINESCRIBE_TRY(write_file_atomically(files.markdown, to_markdown(document)));
  CINESCRIBE_TRY(write_file_atomically(files.page, to_html(document)));
  return files;
}

}  // namespace cinescribe::bench
