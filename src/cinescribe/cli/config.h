#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cinescribe/cli/config_file.h"
#include "cinescribe/core/status.h"

/// Settings from outside the command line. A flag wins over the environment, that over the file named by `--config`,
/// that over the project's file (./cinescribe.toml), that over the user's, that over the default.
///
/// Every option of every command can be set: `--threshold` of `scenes` is `threshold` in the table `[scenes]` of a file
/// and CINESCRIBE_SCENES_THRESHOLD in the environment; options of all commands stand at the top (`threads`,
/// CINESCRIBE_THREADS).
namespace cinescribe::cli {

/// What an option is set to, and by what.
struct Setting {
  std::string key;
  std::string value;
  std::string origin;  ///< "flag", "environment CINESCRIBE_THREADS", "cinescribe.toml:3" or "default".
};

/// Looks up an environment variable; "" where it is not set.
using Environment = std::string (*)(const std::string& name);
std::string process_environment(const std::string& name);

/// The files that may hold settings, the strongest first: the one asked for, the project's, the user's; the last two
/// only where they exist.
std::vector<std::filesystem::path> config_files(const std::string& asked_for, Environment environment);

class Configuration {
 public:
  /// Takes the files' entries. `root` holds all commands with their options.
  /// Errors: kUsage: a file that cannot be read, or a key that is no setting (the message names the nearest one).
  static Result<Configuration> read(const CLI::App& root, const std::vector<std::filesystem::path>& files);

  /// Sets the options that no flag set, of the root and of the command that was chosen (of all if none was).
  /// Errors: kUsage: a value that the option refuses (the message says where it stands).
  Status apply(CLI::App& root, Environment environment);

  /// The settings in force, after `apply`.
  [[nodiscard]] const std::vector<Setting>& settings() const { return settings_; }

 private:
  Status apply_to(CLI::App& app, const std::string& prefix, Environment environment);
  Status apply_to(CLI::Option& option, const std::string& key, Environment environment);

  std::map<std::string, ConfigEntry> entries_;  ///< The strongest entry of each key.
  std::vector<Setting> settings_;
};

/// The environment variable of a key.
std::string environment_name(const std::string& key);

/// Lets the parser accept a command line without a command or its inputs, as `--print-config` allows.
void relax_requirements(CLI::App& root);

}  // namespace cinescribe::cli
