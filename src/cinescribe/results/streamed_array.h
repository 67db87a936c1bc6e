#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <utility>

#include "cinescribe/results/json_values.h"

namespace cinescribe::results {

/// Receives one element of the array.
using ElementSink = std::function<Status(const Json& element)>;

/// Reads a JSON file of any length: objects of the array `array` of its top object go to `sink` as soon as each is
/// complete and are then forgotten; the rest comes back. Private to this room. Errors: kInput, naming the file and the
/// element (as "`element` 12"), or the sink's.
inline Result<Json> read_streamed_array(const std::filesystem::path& path, const std::string& array,
                                        const std::string& element, const ElementSink& sink) {
  constexpr int kDeepest = 64;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return Error{ErrorCode::kInput, "cannot read " + path.string() + ": it is missing or unreadable"};
  Status status;
  bool is_inside = false;
  std::int64_t count = 0;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kDeepest && status.ok()) status = Error{ErrorCode::kInput, "nested too deep"};
    if (!status.ok()) return false;
    if (depth == 1 && event == Json::parse_event_t::key) is_inside = parsed == array;
    if (!is_inside || depth != 2 || event != Json::parse_event_t::object_end) return true;
    status = sink(parsed);
    if (!status.ok() && status.error().code == ErrorCode::kInput) {
      status = status.error().with_context(element + " " + std::to_string(count));
    }
    ++count;
    return false;
  };
  Json root = Json::parse(stream, watch, false);
  if (!status.ok()) {
    const Error& error = status.error();
    return error.code == ErrorCode::kInput ? error.with_context("cannot read " + path.string()) : error;
  }
  if (root.is_discarded()) return Error{ErrorCode::kInput, "cannot read " + path.string() + ": it is no valid JSON"};
  return root;
}

}  // namespace cinescribe::results
