#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace cinescribe::test {

/// Members of a made-up archive: names and contents. A content of "@link:TARGET" makes a symbolic link.
using Members = std::vector<std::pair<std::string, std::string>>;

/// Writes a zip file, as wheels are.
void write_zip(const std::filesystem::path& path, const Members& members);
/// Writes a gzipped tar file, as npm packages are.
void write_tgz(const std::filesystem::path& path, const Members& members);

}  // namespace cinescribe::test
