#include "cinescribe/cli/config.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

#include "cinescribe/models/nearest_name.h"

namespace cinescribe::cli {

namespace {

/// The name of an option in a file; empty for inputs and for what cannot be configured.
std::string setting_name(const CLI::Option& option) {
  constexpr std::array<std::string_view, 3> kNotSettings = {"help", "config", "print-config"};
  if (option.get_lnames().empty()) return {};
  const std::string& name = option.get_lnames().front();
  return std::find(kNotSettings.begin(), kNotSettings.end(), name) == kNotSettings.end() ? name : std::string();
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

/// Groups of options are commands without a name to the parser; they add nothing to the key.
std::string prefix_of(const CLI::App& command, const std::string& prefix) {
  return command.get_name().empty() ? prefix : prefix + command.get_name() + ".";
}

void collect_keys(const CLI::App& app, const std::string& prefix, std::vector<std::string>& keys) {
  for (const CLI::Option* option : app.get_options()) {
    if (const std::string name = setting_name(*option); !name.empty()) keys.push_back(prefix + name);
  }
  for (const CLI::App* command : commands_of(app)) collect_keys(*command, prefix_of(*command, prefix), keys);
}

std::string joined(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ",") + value;
  return text;
}

}  // namespace

std::string process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? value : "";
}

std::vector<std::filesystem::path> config_files(const std::string& asked_for, Environment environment) {
  std::vector<std::filesystem::path> files;
  const std::string named = !asked_for.empty() ? asked_for : environment("CINESCRIBE_CONFIG");
  if (!named.empty()) files.emplace_back(named);
  std::vector<std::filesystem::path> standard = {"cinescribe.toml"};
  const std::string home = environment("HOME");
  const std::string xdg = environment("XDG_CONFIG_HOME");
  if (!xdg.empty()) {
    standard.push_back(std::filesystem::path(xdg) / "cinescribe" / "config.toml");
  } else if (!home.empty()) {
    standard.push_back(std::filesystem::path(home) / ".config" / "cinescribe" / "config.toml");
  }
  for (std::filesystem::path& file : standard) {
    std::error_code code;
    if (std::filesystem::is_regular_file(file, code)) files.push_back(std::move(file));
  }
  return files;
}

std::string environment_name(const std::string& key) {
  std::string name = "CINESCRIBE_";
  for (const char c : key) name += c == '.' || c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return name;
}

Result<Configuration> Configuration::read(const CLI::App& root, const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> keys;
  collect_keys(root, "", keys);
  Configuration configuration;
  for (const std::filesystem::path& file : files) {
    CINESCRIBE_ASSIGN(std::vector<ConfigEntry> entries, read_config_file(file));
    for (ConfigEntry& entry : entries) {
      if (std::find(keys.begin(), keys.end(), entry.key) == keys.end()) {
        const std::string nearest = models::nearest_name(entry.key, keys);
        return Error{ErrorCode::kUsage, entry.where + ": there is no setting '" + entry.key + "'" +
                                            (nearest.empty() ? "; --print-config shows all settings"
                                                             : "; did you mean '" + nearest + "'?")};
      }
      configuration.entries_.try_emplace(entry.key, std::move(entry));
    }
  }
  return configuration;
}

Status Configuration::apply(CLI::App& root, Environment environment) {
  settings_.clear();
  return apply_to(root, "", environment);
}

Status Configuration::apply_to(CLI::App& app, const std::string& prefix, Environment environment) {
  for (CLI::Option* option : app.get_options()) {
    const std::string name = setting_name(*option);
    if (!name.empty()) CINESCRIBE_TRY(apply_to(*option, prefix + name, environment));
  }
  const bool has_choice = !app.get_subcommands().empty();
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    const bool is_in_force = command->get_name().empty() || !has_choice || command->parsed();
    if (is_in_force) CINESCRIBE_TRY(apply_to(*command, prefix_of(*command, prefix), environment));
  }
  return {};
}

Status Configuration::apply_to(CLI::Option& option, const std::string& key, Environment environment) {
  if (option.count() > 0) {
    settings_.push_back({key, joined(option.results()), "flag"});
    return {};
  }
  std::vector<std::string> values;
  std::string origin;
  if (const std::string value = environment(environment_name(key)); !value.empty()) {
    values = {value};
    origin = "environment " + environment_name(key);
  } else if (const auto entry = entries_.find(key); entry != entries_.end()) {
    values = entry->second.values;
    origin = entry->second.where;
  } else {
    const bool is_flag = option.get_items_expected_max() == 0;
    settings_.push_back(
        {key, option.get_default_str().empty() && is_flag ? "false" : option.get_default_str(), "default"});
    return {};
  }
  try {
    for (const std::string& value : values) option.add_result(value);
    option.run_callback();
  } catch (const CLI::Error& error) {
    return Error{ErrorCode::kUsage,
                 "cannot use '" + joined(values) + "' for " + key + " (" + origin + "): " + error.what()};
  }
  settings_.push_back({key, joined(values), origin});
  return {};
}

void relax_requirements(CLI::App& root) {
  root.require_subcommand(0);
  for (CLI::Option* option : root.get_options()) option->required(false);
  for (CLI::App* command : root.get_subcommands([](CLI::App*) { return true; })) relax_requirements(*command);
}

}  // namespace cinescribe::cli
