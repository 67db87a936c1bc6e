#include "cinescribe/cli/quality_log.h"

#include <filesystem>
#include <utility>

#include "cinescribe/bench/record_file.h"

namespace cinescribe::cli {

bench::QualityRecord quality_record(std::string measure, double value, std::string subject, std::string video,
                                    const std::string& command) {
  bench::QualityRecord record;
  record.measure = std::move(measure);
  record.value = value;
  record.unit = "share";
  record.subject = std::move(subject);
  record.video = std::move(video);
  record.command = "cinescribe evaluate " + command;
  return record;
}

void QualityLog::add_to(CLI::App& app) {
  app.add_option("--record", folder_, "Also write what was found into this bench folder, for its report");
  app.add_option("--subject", subject_, "With --record: what was judged (a model, a stage)");
  app.add_option("--video", video_, "With --record: what it was judged on");
}

Status QualityLog::append(std::vector<bench::QualityRecord> records) const {
  if (folder_.empty()) return {};
  CINESCRIBE_ASSIGN(auto file, bench::RecordFile::open(std::filesystem::path(folder_) / bench::kRecordFileName));
  for (bench::QualityRecord& record : records) {
    if (!subject_.empty()) record.subject = subject_;
    if (!video_.empty()) record.video = video_;
    CINESCRIBE_TRY(file.append(record));
  }
  return file.sync();
}

}  // namespace cinescribe::cli
