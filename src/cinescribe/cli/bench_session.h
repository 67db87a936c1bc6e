#pragma once

#include "cinescribe/bench/raw_record.h"
#include "cinescribe/captions/captioner.h"
#include "cinescribe/core/status.h"

namespace cinescribe::cli {

/// What this program knows of a session of measuring: version, build, engines, devices, the command that was typed.
bench::SessionRecord bench_session();

/// A captioner for the comparison of models; `name` as given to --captioner. Errors: kModel.
Result<bench::ModelRecord> captioner_record(const std::string& name, const captions::CaptionerFacts& facts);

}  // namespace cinescribe::cli
