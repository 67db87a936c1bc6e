#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

/// Data-driven parity tests: cases are files under `<root>/<family>/`, where root is the environment variable
/// CINESCRIBE_PARITY_DIR or, without it, tests/data/parity. Every case found is run, and prints one line.
///
/// A suite names the families it runs in `tests/parity/<suite>/families.txt`, one per line; families without a suite
/// are listed as not covered by tests/parity/coverage_test.cpp.
namespace cinescribe::parity {

/// Folder of the families.
inline std::filesystem::path root() {
  const char* from_environment = std::getenv("CINESCRIBE_PARITY_DIR");
  return from_environment != nullptr && *from_environment != '\0' ? from_environment : CINESCRIBE_PARITY_DEFAULT;
}

/// Paths directly in `<root>/<family>` whose name ends in `suffix` (files or folders), sorted. Empty: the fixture is
/// missing, which must fail the test.
inline std::vector<std::filesystem::path> cases(std::string_view family, std::string_view suffix = "") {
  std::vector<std::filesystem::path> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(root() / family, ignored)) {
    if (entry.path().filename().string().ends_with(suffix)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Folders in `<root>/<family>` that hold a checkpoint case (`case.json`), sorted.
inline std::vector<std::filesystem::path> model_cases(std::string_view family) {
  std::vector<std::filesystem::path> found = cases(family);
  std::erase_if(found, [](const auto& folder) { return !std::filesystem::is_regular_file(folder / "case.json"); });
  return found;
}

/// Names of all families under the root, sorted.
inline std::vector<std::string> families() {
  std::vector<std::string> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(root(), ignored)) {
    if (entry.is_directory()) found.push_back(entry.path().filename().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// A media file of this name in CINESCRIBE_MEDIA_DIR (or its folder `synthetic`), else in tests/data/media; empty if
/// it is in none of them.
inline std::filesystem::path find_media(std::string_view name) {
  std::vector<std::filesystem::path> folders;
  const char* from_environment = std::getenv("CINESCRIBE_MEDIA_DIR");
  if (from_environment != nullptr && *from_environment != '\0') {
    folders.emplace_back(from_environment);
    folders.push_back(std::filesystem::path(from_environment) / "synthetic");
  }
  folders.push_back(std::filesystem::path(CINESCRIBE_TEST_DATA) / "media");
  for (const auto& folder : folders) {
    if (std::filesystem::is_regular_file(folder / name)) return folder / name;
  }
  return {};
}

/// Whole content of a file; empty if it cannot be read.
inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// The largest error of one case.
class Errors {
 public:
  /// Compares two numbers; two NaN are equal, one NaN is an infinite error.
  void add(double actual, double expected) {
    double error = std::abs(actual - expected);
    if (std::isnan(actual) && std::isnan(expected)) error = 0.0;
    if (std::isnan(error)) error = HUGE_VAL;
    largest_ = std::max(largest_, error);
    ++count_;
  }
  [[nodiscard]] double largest() const { return largest_; }
  [[nodiscard]] long count() const { return count_; }

 private:
  double largest_ = 0.0;
  long count_ = 0;
};

/// Prints the line of one case: "parity <family>/<case>: <verdict>, largest error <e> over <n> values (allowed <t>)".
inline void report(std::string_view family, std::string_view name, const Errors& errors, double allowed, bool is_ok) {
  std::printf("parity %.*s/%.*s: %s, largest error %.3g over %ld values (allowed %.3g)\n",
              static_cast<int>(family.size()), family.data(), static_cast<int>(name.size()), name.data(),
              is_ok ? "ok" : "DIFFERS", errors.largest(), errors.count(), allowed);
  std::fflush(stdout);
}

/// Prints that a case could not be run here, and why. A suite must still fail when none of its cases ran.
inline void report_not_run(std::string_view family, std::string_view name, std::string_view why) {
  std::printf("parity %.*s/%.*s: not run: %.*s\n", static_cast<int>(family.size()), family.data(),
              static_cast<int>(name.size()), name.data(), static_cast<int>(why.size()), why.data());
  std::fflush(stdout);
}

}  // namespace cinescribe::parity
