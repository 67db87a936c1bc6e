#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::objects {

/// The 80 classes of COCO in the order of detectors (0 "person" ... 79 "toothbrush").
std::span<const std::string_view> coco_names();

/// Reads class names as Ultralytics stores them in a model's metadata: {0: 'person', 1: "dog's bed", ...} (or a list
/// ['a', 'b']), also as JSON. Empty when the text is something else.
std::vector<std::string> parse_names(std::string_view text);

/// Reads a class file: one name per line (blank lines at the end are ignored), or what `parse_names` takes. Errors:
/// kInput (unreadable, no names).
Result<std::vector<std::string>> read_class_file(const std::filesystem::path& file);

}  // namespace cinescribe::objects
