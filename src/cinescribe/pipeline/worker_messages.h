#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cinescribe/captions/captioner.h"
#include "cinescribe/captions/vlm_options.h"
#include "cinescribe/core/log.h"
#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/wire.h"

/// What the main process and a captioner's process say to each other (pipeline/wire.h carries it). Every message is an
/// object with a "type":
///
/// main to worker:   load (a captioner)  forecast (a typical scene)  run  scene | end (answers to next)
/// worker to main:   hello  loaded  forecast  next (wants a scene)  done (an outcome)  ended (a run, or what failed)
///                   alive (steps done, processor time)  log
namespace cinescribe::pipeline {

/// Both ends must have the same: they come from one build, unless somebody exchanged the program meanwhile.
inline constexpr int kWorkerProtocol = 1;

enum class WorkerSays { kHello, kLoaded, kForecast, kNext, kDone, kEnded, kAlive, kLog };
enum class WorkerTold { kLoad, kForecast, kRun, kScene, kEnd };

/// Which captioner a worker is to be.
struct WorkerOrder {
  std::string name;  ///< As on the command line.
  captions::VlmOptions options;
  bool may_be_synthetic = false;
  std::string checksum;  ///< Of the captioner that was chosen; another one is refused.
};

/// Anything that a worker says.
struct WorkerWords {
  WorkerSays says = WorkerSays::kHello;
  int protocol = 0;                // hello
  captions::CaptionerFacts facts;  // loaded
  std::optional<captions::CaptionerForecast> forecast;
  captions::CaptionOutcome outcome{0, Error{}};  // done
  Status status;                                 // ended
  captions::CaptionerWork work;                  // of the process so far
  std::uint64_t steps = 0;                       // alive
  double cpu_seconds = 0.0;
  LogLevel level = LogLevel::kInfo;  // log
  std::string text;
};

/// Anything that a worker is told.
struct WorkerTask {
  WorkerTold told = WorkerTold::kEnd;
  WorkerOrder order;               // load
  captions::CaptionRequest scene;  // scene, forecast
  std::int64_t scenes = 0;         // forecast
};

std::string worker_says(const WorkerWords& words);
/// Errors: kInternal, naming what is wrong with it.
Result<WorkerWords> parse_worker_words(const std::string& text);

/// The text of a task; the pixels of its pictures go beside it (`pixels_of`) but for forecasts, which need sizes alone.
std::string worker_task(const WorkerTask& task);
std::vector<std::span<const std::uint8_t>> pixels_of(const captions::CaptionRequest& scene);
/// Errors: kInternal, naming what is wrong with it; sizes of pictures that do not fit the bytes, too.
Result<WorkerTask> parse_worker_task(const WireMessage& message);

}  // namespace cinescribe::pipeline
