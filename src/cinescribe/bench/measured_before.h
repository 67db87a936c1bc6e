#pragma once

#include <map>
#include <string>

#include "cinescribe/bench/raw_record.h"
#include "cinescribe/core/status.h"

namespace cinescribe::bench {

/// How many passes of each kind a file of measurements holds.
class MeasuredBefore {
 public:
  /// A missing file holds none. Errors: kInput (a file that is none of ours).
  static Result<MeasuredBefore> read(const std::string& path);

  /// Finished passes without errors and without anything taken over, on a machine like that of `session`.
  [[nodiscard]] int passes(const SessionRecord& session, const PassRecord& pass) const;

 private:
  std::map<std::string, int> passes_;
};

}  // namespace cinescribe::bench
