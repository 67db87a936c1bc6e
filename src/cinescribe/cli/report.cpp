#include "cinescribe/bench/report.h"

#include <cstdio>
#include <memory>
#include <string>

#include "cinescribe/cli/commands.h"

namespace cinescribe::cli {

namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::string input;
  std::string compare;
  std::string output;
};

Outcome run(const Arguments& arguments) {
  std::error_code ignored;
  const fs::path input = arguments.input;
  const fs::path folder = !arguments.output.empty()          ? fs::path(arguments.output)
                          : fs::is_directory(input, ignored) ? input
                                                             : input.parent_path();
  CINESCRIBE_ASSIGN(const bench::ReportFiles files, bench::write_report(input, arguments.compare, folder));
  if (files.bad_lines > 0) {
    std::fprintf(stderr,
                 "warning: %lld lines of the measurements could not be read and were skipped; the report names them\n",
                 static_cast<long long>(files.bad_lines));
  }
  std::printf("%s\n%s\n", files.markdown.c_str(), files.page.c_str());
  return 0;
}

}  // namespace

Command add_report(CLI::App& root, const CommonOptions&) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app = root.add_subcommand("report", "Make tables and a page of plots from what `bench` measured");
  app->add_option("DIR", arguments->input, "Folder with measurements.jsonl, or that file")->required();
  app->add_option("--compare", arguments->compare,
                  "An older folder or file: show what changed, and whether it is sure");
  app->add_option("-o,--output", arguments->output,
                  "Folder for report.md and report.html; default: beside the measurements");
  return {app, [arguments] { return run(*arguments); }};
}

}  // namespace cinescribe::cli
