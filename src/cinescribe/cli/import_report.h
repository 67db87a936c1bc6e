#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "cinescribe/cli/progress.h"
#include "cinescribe/models/checkpoint_import.h"

namespace cinescribe::cli {

/// One task of the progress display that begins with the first report and knows its total only then.
class ImportDisplay {
 public:
  ImportDisplay(Progress& progress, std::string task, std::string item)
      : progress_(progress), task_(std::move(task)), item_(std::move(item)) {}

  void show(std::uint64_t done_bytes, std::uint64_t total_bytes);
  void end(const char* outcome);

 private:
  Progress& progress_;
  std::string task_;
  std::string item_;
  bool is_started_ = false;
};

/// Says which matrices are stored in another type than asked for, and what was left out.
void tell_import(Progress& progress, const models::ImportReport& report, bool is_quiet);

/// The report as docs/cli.md has it.
nlohmann::ordered_json import_json(const models::ImportReport& report, const std::string& path,
                                   const std::string& type);

}  // namespace cinescribe::cli
