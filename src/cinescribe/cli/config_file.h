#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::cli {

/// One `key = value` of a configuration file. The keys of nested tables are joined by dots: `scenes.threshold`.
struct ConfigEntry {
  std::string key;
  std::vector<std::string> values;  ///< As they would be written on the command line; several for an array.
  std::string where;                ///< "cinescribe.toml:3", for messages.
};

/// Reads a TOML file. Errors: kUsage (missing, unreadable, no TOML, values that no flag could have), naming the line.
Result<std::vector<ConfigEntry>> read_config_file(const std::filesystem::path& file);

}  // namespace cinescribe::cli
