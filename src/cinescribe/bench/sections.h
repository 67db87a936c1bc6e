#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cinescribe/bench/measurements.h"
#include "cinescribe/bench/report_document.h"
#include "cinescribe/bench/report_rows.h"

/// The parts of a report; a section without blocks is left out.
namespace cinescribe::bench {

struct ReportInput {
  const Measurements& measurements;
  const std::vector<ReportRow>& rows;
};

Section summary_section(const ReportInput& input);
Section rtf_section(const ReportInput& input);
Section stage1_section(const ReportInput& input);
Section captions_section(const ReportInput& input);
Section scenes_section(const ReportInput& input);
Section memory_section(const ReportInput& input);
/// The newest of every measure, put together by what is judged.
Section quality_section(const ReportInput& input);
/// How much of the writing in pictures a captioner misreads; empty where it was not measured.
std::string reading_text(const Measurements& measurements, const std::string& captioner);
Section models_section(const ReportInput& input);
Section guide_section(const ReportInput& input);
Section requirements_section(const ReportInput& input);
Section warm_up_section(const ReportInput& input);
Section method_section(const ReportInput& input);
/// What changed since `old`.
Section changes_section(const ReportInput& input, const ReportInput& old);

}  // namespace cinescribe::bench
