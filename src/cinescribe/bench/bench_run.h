#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/bench/raw_record.h"
#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/analysis.h"
#include "cinescribe/pipeline/caption_run.h"
#include "cinescribe/pipeline/progress_listener.h"

namespace cinescribe::bench {

/// A captioner as it was just found: loaded by nobody yet, so that loading it can be measured.
struct FreshCaptioner {
  pipeline::CaptionerSource source;
  pipeline::CaptionRunOptions options;
};

struct CaptionerPlan {
  ModelRecord model;  ///< `session` is filled in.
  std::function<Result<FreshCaptioner>()> find;
};

struct BenchOptions {
  std::filesystem::path folder;  ///< measurements.jsonl, and the results of every pass below `runs`.
  std::vector<std::filesystem::path> videos;
  pipeline::AnalysisOptions stage1;  ///< `output` is set for each pass.
  std::vector<CaptionerPlan> captioners;
  /// How good the stage-1 result in a folder is by what is known of a video (its file name); may be empty.
  std::function<Result<std::vector<QualityRecord>>(const std::string&, const std::filesystem::path&)> judge;
  int repeats = 3;
  int warm_ups = 1;        ///< Passes before, recorded as such.
  bool is_forced = false;  ///< Measure again what was measured with the same settings on the same machine.
  /// Version, build, engines, devices, command; the rest is filled in.
  SessionRecord session;
  std::string device;
  int threads = 0;
  /// What besides their settings decides how fast the stages and the captioners go: each has repeats of its own, and
  /// captioners in another batch must not measure stage 1 again.
  std::string stage1_execution_json = "{}";
  std::string caption_execution_json = "{}";
};

/// Hears what is measured.
class BenchListener {
 public:
  virtual ~BenchListener() = default;
  /// Progress of one pass; lives as long as the pass.
  virtual std::unique_ptr<pipeline::ProgressListener> begin_pass(const PassRecord& pass) = 0;
  virtual void end_pass(const PassRecord& pass) = 0;
  /// An input that is not there or is no media.
  virtual void cannot_begin(const std::filesystem::path& video, const Error& error) = 0;
  /// What is known of this video cannot be compared with what was found.
  virtual void cannot_judge(const std::filesystem::path& video, const Error& error) = 0;
  /// Measured before; `passes` of it are kept.
  virtual void skip(const PassRecord& pass, int passes) = 0;
};

struct BenchReport {
  std::int64_t measured = 0;  ///< Passes that ended well.
  std::int64_t skipped = 0;
  std::int64_t failed = 0;
};

/// Runs stage 1 and every captioner over every video, `warm_ups` + `repeats` times, each time from an empty folder and
/// with models loaded anew, and appends what was measured to measurements.jsonl. A pass counts when its last record is
/// on the disk: a bench that was stopped or killed goes on with the passes that are missing. What fails for one video
/// or one captioner is recorded and costs that alone.
/// Errors: kUsage, kResource, kInterrupted; kModel before anything was measured.
Result<BenchReport> run_bench(const BenchOptions& options, BenchListener& listener, const std::stop_token& stop);

}  // namespace cinescribe::bench
