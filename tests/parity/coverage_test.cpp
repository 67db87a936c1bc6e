#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "parity/parity_cases.h"
#include <gtest/gtest.h>

namespace cinescribe::parity {
namespace {

std::set<std::string> families_with_a_suite() {
  std::set<std::string> covered;
  for (const auto& suite : std::filesystem::directory_iterator(CINESCRIBE_PARITY_SUITES)) {
    std::ifstream list(suite.path() / "families.txt");
    for (std::string family; std::getline(list, family);) {
      if (!family.empty()) covered.insert(family);
    }
  }
  return covered;
}

/// Families, and "FAMILY/geometry" for those with a table of picture sizes, which has suites of its own.
std::vector<std::string> families_and_tables() {
  std::vector<std::string> found;
  for (const std::string& family : families()) {
    found.push_back(family);
    if (std::filesystem::exists(root() / family / "geometry.json")) found.push_back(family + "/geometry");
  }
  return found;
}

TEST(ParityCoverage, families_without_a_suite_are_listed_as_not_covered) {
  const std::vector<std::string> found = families_and_tables();
  ASSERT_FALSE(found.empty()) << "no parity families under " << root();
  const std::set<std::string> covered = families_with_a_suite();
  ASSERT_FALSE(covered.empty());
  std::string missing;
  for (const std::string& family : found) {
    const bool is_covered = covered.count(family) != 0;
    std::printf("parity family %s: %s\n", family.c_str(), is_covered ? "has a suite" : "not covered");
    if (!is_covered) missing += " " + family;
  }
  if (!missing.empty()) GTEST_SKIP() << "not covered:" << missing;
}

}  // namespace
}  // namespace cinescribe::parity
