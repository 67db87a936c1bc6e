#pragma once

#include <string>

#include "cinescribe/bench/raw_record.h"

namespace cinescribe::bench {

/// What measurements must share to be compared as repeats: the machine and the build.
std::string machine_key(const SessionRecord& session);

/// By what passes are repeats of each other: machine, part, captioner, video, settings.
std::string row_key(const std::string& machine, const PassRecord& pass);

}  // namespace cinescribe::bench
