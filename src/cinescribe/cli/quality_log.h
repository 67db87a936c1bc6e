#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cinescribe/bench/raw_record.h"
#include "cinescribe/core/status.h"

namespace cinescribe::cli {

/// `--record FOLDER`: what an evaluation found goes beside the raw measurements of a bench, for its report.
class QualityLog {
 public:
  void add_to(CLI::App& app);

  /// A record of this evaluation; `subject` and `video` are those of the flags where given. `command` is what measures
  /// it again, after "cinescribe evaluate ".
  [[nodiscard]] bench::QualityRecord record(std::string measure, double value, std::string subject, std::string video,
                                            const std::string& command) const;
  /// Appends to FOLDER/measurements.jsonl; nothing without the flag. Errors: kResource.
  [[nodiscard]] Status append(const std::vector<bench::QualityRecord>& records) const;

 private:
  std::string folder_;
  std::string subject_;
  std::string video_;
};

}  // namespace cinescribe::cli
