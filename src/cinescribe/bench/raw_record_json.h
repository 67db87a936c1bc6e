#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cinescribe/bench/raw_record.h"
#include "cinescribe/core/status.h"

namespace cinescribe::bench {

/// One line without its line end; bytes that are no UTF-8 become U+FFFD.
std::string record_json(const RawRecord& record);

/// The record in one line, which may come from anywhere; nothing for a `kind` that is not known here. Keys that are
/// missing keep their defaults, unknown keys are skipped. Errors: kInput: no JSON object, nested too deep, a value of
/// the wrong kind, a number that cannot be (negative, not finite, beyond 10^15), a text beyond 64 KiB; another version.
Result<std::optional<RawRecord>> record_from_json(std::string_view line);

}  // namespace cinescribe::bench
