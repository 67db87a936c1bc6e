#pragma once

#include <cstdlib>
#include <filesystem>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "parity/parity_cases.h"
#include <gtest/gtest.h>

namespace cinescribe::parity {

/// The stored scores of a clip: a CSV of numbers with one header line; empty fields are NaN.
class ScoreTable {
 public:
  explicit ScoreTable(const std::filesystem::path& file) {
    std::istringstream lines(read_text(file));
    std::string line;
    std::vector<std::string> names;
    if (std::getline(lines, line)) names = fields(line);
    while (std::getline(lines, line)) {
      const std::vector<std::string> values = fields(line);
      EXPECT_EQ(values.size(), names.size()) << file;
      for (std::size_t i = 0; i < std::min(values.size(), names.size()); ++i) {
        columns_[names[i]].push_back(values[i].empty() ? std::numeric_limits<double>::quiet_NaN()
                                                       : std::strtod(values[i].c_str(), nullptr));
      }
      ++row_count_;
    }
  }

  [[nodiscard]] long row_count() const { return row_count_; }
  /// The values of a column; a failure and an empty column if there is none of that name.
  [[nodiscard]] const std::vector<double>& column(const std::string& name) const {
    static const std::vector<double> kNothing;
    const auto found = columns_.find(name);
    EXPECT_NE(found, columns_.end()) << "no column " << name;
    return found == columns_.end() ? kNothing : found->second;
  }

 private:
  static std::vector<std::string> fields(const std::string& line) {
    std::vector<std::string> values(1);
    for (const char c : line) {
      if (c == ',') {
        values.emplace_back();
      } else if (c != '\r') {
        values.back() += c;
      }
    }
    return values;
  }

  std::map<std::string, std::vector<double>> columns_;
  long row_count_ = 0;
};

}  // namespace cinescribe::parity
