#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/objects/detector_layout.h"
#include "cinescribe/objects/object_detector.h"
#include "cinescribe/ort/session.h"

namespace cinescribe::objects {

/// A loaded network whose layout is known. Private to the room.
struct DetectorGraph {
  std::unique_ptr<ort::Session> session;
  LayoutChoice layout;
  std::string input_name;
  std::string size_input_name;            ///< Empty if there is none.
  std::vector<std::string> output_names;  ///< In the order the layout names them.
  int max_batch = 0;                      ///< 0 = free.
  std::vector<std::string> names;         ///< Class names from the model's metadata or its folder; may be empty.
};

/// Finds the model file, loads it and recognises its layout; a network that leaves its output sizes open is asked by
/// one run over an empty picture. Errors as `make_detector`.
Result<DetectorGraph> load_detector_graph(const std::filesystem::path& model, const DetectorOptions& options);

}  // namespace cinescribe::objects
