#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cinescribe/bench/raw_record.h"
#include "cinescribe/core/status.h"

namespace cinescribe::cli {

/// A share that an evaluation found. `command` is what measures it again, after "cinescribe evaluate ".
bench::QualityRecord quality_record(std::string measure, double value, std::string subject, std::string video,
                                    const std::string& command);

/// `--record FOLDER`: what an evaluation found goes beside the raw measurements of a bench, for its report.
class QualityLog {
 public:
  void add_to(CLI::App& app);

  /// Appends to FOLDER/measurements.jsonl, under the subject and the video of the flags where given; nothing without
  /// the flag. Errors: kResource.
  [[nodiscard]] Status append(std::vector<bench::QualityRecord> records) const;

 private:
  std::string folder_;
  std::string subject_;
  std::string video_;
};

}  // namespace cinescribe::cli
