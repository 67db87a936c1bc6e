#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include <unistd.h>

#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/config.h"
#include "cinescribe/cli/exit_code.h"
#include "cinescribe/core/log.h"
#include "cinescribe/pipeline/caption_worker.h"

namespace cinescribe::cli {
namespace {

/// Turns SIGINT and SIGTERM into a stop request, on a thread of its own (signal handlers may do almost nothing). A
/// second signal ends the process at once; the journal loses nothing by it.
class StopOnSignal {
 public:
  StopOnSignal() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    std::thread([this] {
      int signal = 0;
      sigwait(&signals_, &signal);
      std::fputs("\nstopping; finished work is kept (once more to stop at once)\n", stderr);
      source_.request_stop();
      sigwait(&signals_, &signal);
      _exit(6);
    }).detach();
  }
  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

 private:
  sigset_t signals_{};
  std::stop_source source_;
};

void add_common_flags(CLI::App& app, CommonOptions& common) {
  app.add_option("--device", common.device, "Where models run: cpu, cuda:0, ...")->capture_default_str();
  app.add_option("--threads", common.threads, "Threads to use; 0 = as many as cores")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  app.add_option("--config", common.config_file,
                 "Configuration file (TOML) to use before the project's and the user's");
  app.add_flag("--print-config", common.print_config,
               "Print the settings in force and where each comes from, then exit");
  app.add_flag("--offline", common.offline, "Never use the network; servers on this machine are not the network");
  app.add_flag("-q,--quiet", common.quiet, "Only errors on stderr");
  app.add_flag("-v,--verbose", common.verbose, "Details on stderr");
  app.add_option("--progress", common.progress, "Progress on stderr")
      ->check(CLI::IsMember({"auto", "plain", "json", "none"}))
      ->capture_default_str();
}

/// Settings from the environment and from files, for what no flag set.
Status configure(CLI::App& root, const CommonOptions& common) {
  CINESCRIBE_ASSIGN(Configuration configuration,
                    Configuration::read(root, config_files(common.config_file, process_environment)));
  CINESCRIBE_TRY(configuration.apply(root, process_environment));
  if (!common.print_config) return {};
  for (const Setting& setting : configuration.settings()) {
    std::printf("%-32s = %-24s # %s\n", setting.key.c_str(), setting.value.c_str(), setting.origin.c_str());
  }
  return {};
}

int report(const Error& error) {
  std::fprintf(stderr, "error: %s\n", error.message.c_str());
  return exit_code(error.code);
}

/// Also the end of --help. CLI11 says that a command is missing, not which word was taken for none.
int report_parse_error(const CLI::App& root, const CLI::ParseError& error) {
  const std::vector<std::string> not_understood = root.remaining();
  if (root.get_subcommands().empty() && !not_understood.empty()) {
    std::fprintf(stderr, "there is no command or flag '%s'; see cinescribe --help\n", not_understood.front().c_str());
    return exit_code(ErrorCode::kUsage);
  }
  return root.exit(error) == 0 ? 0 : exit_code(ErrorCode::kUsage);
}

/// Where a captioner's process (`caption-worker FD PARENT`, started by ourselves) finds the one that it works for.
struct WorkerEnd {
  int fd = -1;
  long parent = 0;
};

std::optional<WorkerEnd> worker_end(int argc, char** argv) {
  if (argc != 4 || std::string_view(argv[1]) != "caption-worker") return std::nullopt;
  return WorkerEnd{std::atoi(argv[2]), std::atol(argv[3])};
}

int run(int argc, char** argv) {
  static StopOnSignal signals;  // outlives its thread
  CommonOptions common;
  common.stop = signals.token();
  CLI::App root("cinescribe watches videos on your own machine and writes down what happens, every fact with its time.",
                "cinescribe");
  root.require_subcommand(1);
  root.fallthrough();
  root.footer("Start with:  cinescribe analyze my_video.mp4\nHelp on one command:  cinescribe scenes --help");
  add_common_flags(root, common);
  const std::vector<Command> commands = {
      add_analyze(root, common),        add_bench(root, common),  add_caption(root, common),
      add_caption_scenes(root, common), add_probe(root, common),  add_report(root, common),
      add_frames(root, common),         add_scenes(root, common), add_transcribe(root, common),
      add_objects(root, common),        add_sounds(root, common), add_track(root, common),
      add_evaluate(root, common),       add_export(root, common), add_import(root, common),
      add_models(root, common),         add_doctor(root, common), add_version(root, common)};
  if (std::find(argv, argv + argc, std::string_view("--print-config")) != argv + argc) relax_requirements(root);
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report_parse_error(root, error);
  }
  if (const Status status = configure(root, common); !status.ok()) return report(status.error());
  if (common.print_config) return 0;
  set_log_sink([&common](LogLevel level, std::string_view message) {
    if (level == LogLevel::kDebug && !common.verbose) return;
    if (level < LogLevel::kError && common.quiet) return;
    std::fprintf(stderr, "%s%.*s\n",
                 level == LogLevel::kWarning ? "warning: "
                 : level == LogLevel::kError ? "error: "
                                             : "",
                 static_cast<int>(message.size()), message.data());
  });
  for (const Command& command : commands) {
    if (!command.app->parsed()) continue;
    const Outcome outcome = command.action();
    return outcome.ok() ? *outcome : report(outcome.error());
  }
  return exit_code(ErrorCode::kUsage);
}

}  // namespace
}  // namespace cinescribe::cli

int main(int argc, char** argv) {
  try {
    if (const auto worker = cinescribe::cli::worker_end(argc, argv)) {
      return cinescribe::pipeline::serve_captions(worker->fd, worker->parent);
    }
    return cinescribe::cli::run(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fputs("error: out of memory; close other programs or use a smaller model\n", stderr);
    return cinescribe::cli::exit_code(cinescribe::ErrorCode::kResource);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "internal error: %s\n", error.what());
    return cinescribe::cli::exit_code(cinescribe::ErrorCode::kInternal);
  }
}
