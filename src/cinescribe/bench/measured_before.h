#pragma once

#include <map>
#include <set>
#include <string>

#include "cinescribe/bench/raw_record.h"
#include "cinescribe/core/status.h"

namespace cinescribe::bench {

/// What a file of measurements holds already.
class MeasuredBefore {
 public:
  /// A missing file holds none. Errors: kInput (a file that is none of ours).
  static Result<MeasuredBefore> read(const std::string& path);

  /// Finished passes without errors and without anything taken over, on a machine like that of `session`.
  [[nodiscard]] int passes(const SessionRecord& session, const PassRecord& pass) const;

  /// Whether this measure was filed with this value, by whichever session.
  [[nodiscard]] bool has(const QualityRecord& quality) const;

 private:
  std::map<std::string, int> passes_;
  std::set<std::string> quality_;
};

}  // namespace cinescribe::bench
