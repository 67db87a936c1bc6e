#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "cinescribe/core/atomic_file.h"
#include "cinescribe/core/status.h"
#include "cinescribe/results/base_data.h"
#include "cinescribe/results/records.h"

namespace cinescribe::results {

/// Writes `base_data.json` scene by scene; memory does not grow with their number. Without `finish()` nothing appears.
///
/// The same facts give the same bytes; timings stand last, in an object of their own. Not thread-safe.
class BaseDataWriter {
 public:
  /// Writes everything before the scenes. `data.timings` is not used here. Errors: kResource.
  static Result<BaseDataWriter> create(const std::filesystem::path& path, const BaseData& data);
  /// The next scene, in order. Errors: kResource.
  Status scene(const SceneRecord& scene);
  /// Writes the end and makes the file visible. Errors: kResource.
  Status finish(const std::vector<StageTiming>& timings);

 private:
  explicit BaseDataWriter(AtomicFile file) : file_(std::move(file)) {}

  AtomicFile file_;
  std::int64_t scenes_ = 0;
};

}  // namespace cinescribe::results
