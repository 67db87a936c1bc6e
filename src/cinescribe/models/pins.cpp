#include "cinescribe/models/pins.h"

#include <filesystem>

#include <nlohmann/json.hpp>

#include "cinescribe/core/file.h"
#include "cinescribe/models/cache.h"
#include "cinescribe/models/sha256.h"

namespace cinescribe::models {

namespace {
constexpr std::uint64_t kLargestPinsFile = 1U << 20U;
}

Result<Pins> read_pins(std::string_view model) {
  const auto path = pins_path(model);
  std::error_code code;
  Pins pins;
  if (!std::filesystem::exists(path, code)) return pins;
  const auto damaged = [&path] {
    return Error{ErrorCode::kModel,
                 "the recorded checksums in " + path.string() + " are damaged; remove that file to record them anew"};
  };
  const auto text = read_file(path, kLargestPinsFile);
  if (!text.ok()) return damaged();
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object()) return damaged();
  for (const auto& item : json.items()) {
    if (!item.value().is_string() || !is_sha256(item.value().get_ref<const std::string&>())) return damaged();
    pins[item.key()] = item.value().get<std::string>();
  }
  return pins;
}

Status write_pins(std::string_view model, const Pins& pins) {
  return write_file_atomically(pins_path(model), nlohmann::json(pins).dump(2) + "\n");
}

}  // namespace cinescribe::models
