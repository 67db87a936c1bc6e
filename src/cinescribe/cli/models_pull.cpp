#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

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

std::string first_line(const std::string& text) {
  std::string line = text.substr(0, text.find('\n'));
  while (!line.empty() && line.back() == ':') line.pop_back();
  return line;
}

/// Models of which one is wanted, the best first.
using Choice = std::vector<std::string>;

/// The default models: those without alternatives, then one of each task that has several.
std::vector<Choice> default_choices(const models::Catalogue& catalogue) {
  std::vector<Choice> choices;
  std::map<std::string, std::map<int, std::string>> ranked;
  for (const auto& entry : catalogue.entries()) {
    if (entry.is_default) choices.push_back({entry.name});
    if (entry.default_rank > 0) ranked[entry.task].emplace(entry.default_rank, entry.name);
  }
  for (const auto& [task, by_rank] : ranked) {
    Choice& choice = choices.emplace_back();
    for (const auto& [rank, name] : by_rank) choice.push_back(name);
  }
  return choices;
}

Result<std::vector<Choice>> wanted_choices(const ModelsArguments& arguments, const models::Catalogue& catalogue) {
  std::vector<Choice> choices;
  if (arguments.is_default) choices = default_choices(catalogue);
  for (const std::string& name : arguments.names) {
    CINESCRIBE_TRY(catalogue.get(name));
    choices.push_back({name});
  }
  if (choices.empty()) {
    return Error{ErrorCode::kUsage, "say which models to fetch: `cinescribe models pull NAME…` or `--default`"};
  }
  return choices;
}

/// Fetches the first model of a choice that can be had; a failure of the others is only mentioned.
struct Fetched {
  std::string name;
  Result<models::PullOutcome> outcome;
};
Fetched fetch_first(const Choice& choice, models::Installer& installer, PullDisplay& display) {
  for (std::size_t i = 0;; ++i) {
    Fetched fetched{choice[i], installer.pull(choice[i])};
    display.end(fetched.outcome.ok() ? "done" : "failed");
    const bool is_last = i + 1 == choice.size();
    if (fetched.outcome.ok() || is_last || fetched.outcome.error().code == ErrorCode::kInterrupted) return fetched;
    display.message(choice[i] + " cannot be had here (" + first_line(fetched.outcome.error().message) + "); taking " +
                    choice[i + 1] + " instead");
  }
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
  CINESCRIBE_ASSIGN(const std::vector<Choice> choices, wanted_choices(arguments, catalogue));
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
  for (const Choice& choice : choices) {
    const auto [name, done] = fetch_first(choice, installer, display);
    if (done.ok()) {
      has_success = true;
      tell(display, name, *done, common.quiet);
      list.push_back({{"name", name}, {"path", done->folder.string()}, {"was_installed", done->was_installed}});
      continue;
    }
    if (done.error().code == ErrorCode::kInterrupted || choices.size() == 1) return done.error();
    display.message("error: " + done.error().message, true);
    list.push_back({{"name", name}, {"error", done.error().message}});
    if (!first_error) first_error = done.error();
  }
  if (arguments.is_json) print_json({{"schema_version", 1}, {"models", std::move(list)}});
  if (first_error && !has_success) return Error{first_error->code, "no model could be fetched"};
  return first_error ? 1 : 0;
}

}  // namespace cinescribe::cli
