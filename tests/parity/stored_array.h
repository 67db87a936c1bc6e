#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "parity/parity_cases.h"
#include <nlohmann/json.hpp>

namespace cinescribe::parity {

/// The named array of a safetensors file; empty when it is not there. `T` must be the stored type.
template <typename T>
std::vector<T> read_array(const std::filesystem::path& file, const std::string& name) {
  const std::string bytes = read_text(file);
  std::uint64_t length = 0;
  if (bytes.size() < 8) return {};
  std::memcpy(&length, bytes.data(), 8);
  const auto header = nlohmann::json::parse(bytes.substr(8, length), nullptr, false);
  if (!header.is_object() || !header.contains(name)) return {};
  const std::size_t begin = header[name]["data_offsets"][0];
  const std::size_t end = header[name]["data_offsets"][1];
  std::vector<T> values((end - begin) / sizeof(T));
  std::memcpy(values.data(), bytes.data() + 8 + length + begin, values.size() * sizeof(T));
  return values;
}

}  // namespace cinescribe::parity
