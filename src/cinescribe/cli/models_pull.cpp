#include <cstdio>
#include <optional>
#include <string>

#include "cinescribe/cli/json_output.h"
#include "cinescribe/cli/models_commands.h"
#include "cinescribe/cli/progress.h"
#include "cinescribe/models/catalogue.h"
#include "cinescribe/models/installer.h"

namespace cinescribe::cli {

namespace {

using Json = nlohmann::ordered_json;

/// Turns the installer's reports into tasks of the progress display: one per file or package on its way.
class PullDisplay {
 public:
  explicit PullDisplay(ProgressStyle style) : progress_(style) {}

  void show(const models::PullProgress& report) {
    if (report.step == models::PullStep::kWaiting) {
      progress_.message(report.model + ": another process is fetching it; waiting");
      return;
    }
    const std::string verb = report.step == models::PullStep::kVerifying   ? "verify"
                             : report.step == models::PullStep::kImporting ? "import"
                                                                           : "fetch";
    const std::string task = verb + " " + report.model + " " + report.item;
    if (task != task_ || report.total_bytes != total_) {
      end("done");
      task_ = task;
      total_ = report.total_bytes;
      progress_.start(task_, report.item, ProgressUnit::kBytes, static_cast<double>(total_));
    }
    progress_.update(task_, static_cast<double>(report.done_bytes));
  }
  void end(const char* outcome) {
    if (!task_.empty()) progress_.finish(task_, outcome);
    task_.clear();
  }
  void message(const std::string& words, bool is_error = false) { progress_.message(words, is_error); }

 private:
  Progress progress_;
  std::string task_;
  std::uint64_t total_ = 0;
};

Result<std::vector<std::string>> wanted_names(const ModelsArguments& arguments, const models::Catalogue& catalogue) {
  std::vector<std::string> names;
  for (const auto& entry : catalogue.entries()) {
    if (arguments.is_default && entry.is_default) names.push_back(entry.name);
  }
  names.insert(names.end(), arguments.names.begin(), arguments.names.end());
  if (names.empty()) {
    return Error{ErrorCode::kUsage, "say which models to fetch: `cinescribe models pull NAME…` or `--default`"};
  }
  for (const std::string& name : names) CINESCRIBE_TRY(catalogue.get(name));
  return names;
}

void tell(PullDisplay& display, const std::string& name, const models::PullOutcome& done, bool is_quiet) {
  for (const std::string& failed : done.failed_sources) display.message("warning: passed over " + failed);
  for (const std::string& file : done.unpinned) {
    std::string words = "note: no checksum is published for ";
    words.append(name).append("/").append(file).append("; recorded now, required from now on");
    display.message(words);
  }
  if (is_quiet) return;
  display.message(name + (done.was_installed ? " is installed in " : ": installed in ") + done.folder.string());
}

}  // namespace

Outcome pull_models(const ModelsArguments& arguments, const CommonOptions& common) {
  CINESCRIBE_ASSIGN(const models::Catalogue catalogue, models::Catalogue::load());
  CINESCRIBE_ASSIGN(const std::vector<std::string> names, wanted_names(arguments, catalogue));
  PullDisplay display(progress_style(common));
  models::PullOptions options;
  options.is_offline = common.offline;
  options.is_forced = arguments.is_forced;
  options.type = arguments.type;
  options.vision_type = arguments.vision_type;
  options.threads = common.threads;
  options.stop = common.stop;
  options.on_progress = [&display](const auto& report) { display.show(report); };
  models::Installer installer(catalogue, std::move(options));
  Json list = Json::array();
  std::optional<Error> first_error;
  bool has_success = false;
  for (const std::string& name : names) {
    const auto done = installer.pull(name);
    display.end(done.ok() ? "done" : "failed");
    if (done.ok()) {
      has_success = true;
      tell(display, name, *done, common.quiet);
      list.push_back({{"name", name}, {"path", done->folder.string()}, {"was_installed", done->was_installed}});
      continue;
    }
    if (done.error().code == ErrorCode::kInterrupted || names.size() == 1) return done.error();
    display.message("error: " + done.error().message, true);
    list.push_back({{"name", name}, {"error", done.error().message}});
    if (!first_error) first_error = done.error();
  }
  if (arguments.is_json) print_json({{"schema_version", 1}, {"models", std::move(list)}});
  if (first_error && !has_success) return Error{first_error->code, "no model could be fetched"};
  return first_error ? 1 : 0;
}

}  // namespace cinescribe::cli
