#include "cinescribe/bench/measured_before.h"

#include <filesystem>

#include "cinescribe/bench/machine_key.h"
#include "cinescribe/bench/raw_record_json.h"
#include "cinescribe/bench/record_file.h"

namespace cinescribe::bench {

namespace {

std::string key_of(const std::string& machine, const PassRecord& pass) {
  return row_key(machine, pass) + (pass.is_warm_up ? "\nwarm-up" : "");
}

std::string key_of(QualityRecord quality) {
  quality.session.clear();
  return record_json(quality);
}

}  // namespace

Result<MeasuredBefore> MeasuredBefore::read(const std::string& path) {
  MeasuredBefore before;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored) || std::filesystem::file_size(path, ignored) == 0) return before;
  std::map<std::string, std::string> machines;  // session -> its machine
  const auto report = read_records(path, [&](RawRecord&& record) -> Status {
    if (const auto* session = std::get_if<SessionRecord>(&record)) {
      machines[session->session] = machine_key(*session);
    } else if (const auto* pass = std::get_if<PassRecord>(&record)) {
      const auto machine = machines.find(pass->session);
      const bool is_good = pass->error.empty() && pass->resumed_scenes == 0 && pass->resumed_stages == 0;
      if (is_good && machine != machines.end()) ++before.passes_[key_of(machine->second, *pass)];
    } else if (const auto* quality = std::get_if<QualityRecord>(&record)) {
      before.quality_.insert(key_of(*quality));
    }
    return {};
  });
  CINESCRIBE_TRY(report);
  return before;
}

bool MeasuredBefore::has(const QualityRecord& quality) const { return quality_.contains(key_of(quality)); }

int MeasuredBefore::passes(const SessionRecord& session, const PassRecord& pass) const {
  const auto found = passes_.find(key_of(machine_key(session), pass));
  return found == passes_.end() ? 0 : found->second;
}

}  // namespace cinescribe::bench
