#pragma once

#include "cinescribe/bench/raw_record.h"

namespace cinescribe::bench {

/// Fills in what the system tells: a fresh name of the session, time, system, processor, memory, where energy figures
/// come from, driver. Version, build, engines and devices are the caller's to say.
void add_host_facts(SessionRecord& session);

}  // namespace cinescribe::bench
