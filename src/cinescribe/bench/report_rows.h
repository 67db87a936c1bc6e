#pragma once

#include <string>
#include <vector>

#include "cinescribe/bench/measurements.h"
#include "cinescribe/bench/row_figures.h"
#include "cinescribe/bench/status_rules.h"

namespace cinescribe::bench {

/// A row with all that is made of it.
struct ReportRow {
  const Row* row = nullptr;
  RowFigures figures;
  Judgement judgement;
  std::string subject;  ///< "stage 1" or the captioner, with its type, and with what tells it from its namesakes.
  std::string video;    ///< With its machine where there are several.
};

/// In the order of the videos, stage 1 before captioners. `measurements` must outlive them.
std::vector<ReportRow> report_rows(const Measurements& measurements);

/// "1 of 46 scenes" of a row whose captioner described the first scenes alone; else empty.
std::string part_text(const RowFigures& figures);

/// Rows that have figures.
inline bool has_figures(const ReportRow& row) { return !row.row->repeats.empty(); }

}  // namespace cinescribe::bench
