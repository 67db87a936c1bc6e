#include "cinescribe/cli/config_file.h"

#include <array>
#include <charconv>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include <toml++/toml.h>

#include "cinescribe/core/file.h"

namespace cinescribe::cli {

namespace {

constexpr std::uint64_t kLargestFile = 1 << 20;

/// The shortest text that reads as the same number.
template <typename Number>
std::string number_text(Number value) {
  std::array<char, 64> text{};
  const auto [end, code] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end};
}

std::optional<std::string> scalar_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return number_text(number->get());
  if (const auto* number = node.as_floating_point()) return number_text(number->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  return std::nullopt;
}

class Flattener {
 public:
  Flattener(std::string file, std::vector<ConfigEntry>& entries) : file_(std::move(file)), entries_(entries) {}

  Status add(const toml::table& table, const std::string& prefix) {
    for (const auto& [name, node] : table) {
      const std::string key = prefix + std::string(name.str());
      if (const auto* inner = node.as_table()) {
        CINESCRIBE_TRY(add(*inner, key + "."));
      } else {
        CINESCRIBE_TRY(add_value(key, node));
      }
    }
    return {};
  }

 private:
  Status add_value(const std::string& key, const toml::node& node) {
    ConfigEntry entry{key, {}, file_ + ":" + std::to_string(node.source().begin.line)};
    const Error wrong_kind = {ErrorCode::kUsage, entry.where + ": the setting '" + key +
                                                     "' must be text, a number, true or false, or a list of these"};
    if (const auto* list = node.as_array()) {
      for (const toml::node& item : *list) {
        const auto text = scalar_text(item);
        if (!text) return wrong_kind;
        entry.values.push_back(*text);
      }
    } else {
      const auto text = scalar_text(node);
      if (!text) return wrong_kind;
      entry.values.push_back(*text);
    }
    entries_.push_back(std::move(entry));
    return {};
  }

  const std::string file_;
  std::vector<ConfigEntry>& entries_;
};

}  // namespace

Result<std::vector<ConfigEntry>> read_config_file(const std::filesystem::path& file) {
  const Result<std::string> text = read_file(file, kLargestFile);
  if (!text.ok()) return Error{ErrorCode::kUsage, text.error().message};
  std::vector<ConfigEntry> entries;
  try {
    const toml::table table = toml::parse(std::string_view(*text), file.string());
    CINESCRIBE_TRY(Flattener(file.string(), entries).add(table, ""));
  } catch (const toml::parse_error& error) {
    return Error{ErrorCode::kUsage, file.string() + ":" + std::to_string(error.source().begin.line) + ": " +
                                        std::string(error.description())};
  }
  return entries;
}

}  // namespace cinescribe::cli
