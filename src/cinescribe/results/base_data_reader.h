#pragma once

#include <filesystem>
#include <functional>

#include "cinescribe/core/status.h"
#include "cinescribe/results/base_data.h"
#include "cinescribe/results/records.h"

namespace cinescribe::results {

/// Receives the scenes of a file in order. A failure ends the reading and comes back from it.
using SceneSink = std::function<Status(SceneRecord&&)>;

/// Reads `base_data.json`, handing out scene after scene; memory does not grow with their number. The file may come
/// from anywhere. Errors: kInput (missing, no JSON, another schema_version, keys missing), or the sink's.
Result<BaseData> read_base_data(const std::filesystem::path& path, const SceneSink& sink);

}  // namespace cinescribe::results
