#include "cinescribe/cli/json_output.h"

#include <cstdio>

namespace cinescribe::cli {

void print_json(const nlohmann::ordered_json& json) {
  const std::string text = json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::fprintf(stdout, "%s\n", text.c_str());
}

}  // namespace cinescribe::cli
