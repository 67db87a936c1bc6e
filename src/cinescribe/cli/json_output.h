#pragma once

#include <nlohmann/json.hpp>

namespace cinescribe::cli {

/// Writes a JSON object and a line end to stdout; bytes that are no UTF-8 (in paths) are replaced.
void print_json(const nlohmann::ordered_json& json);

}  // namespace cinescribe::cli
