#include "cinescribe/pipeline/batch.h"

#include <algorithm>
#include <exception>
#include <map>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace cinescribe::pipeline {

namespace {

Status guarded(const std::function<Status(std::size_t)>& work, std::size_t i) {
  try {
    return work(i);
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kResource, "out of memory; close other programs or use fewer --jobs"};
  } catch (const std::exception& error) {
    return Error{ErrorCode::kInternal, std::string("failed: ") + error.what()};
  }
}

}  // namespace

Status run_batch(std::size_t count, int jobs, const std::function<void(std::size_t)>& take,
                 const std::function<Status(std::size_t)>& work) {
  std::mutex mutex;
  std::size_t next = 0;
  std::map<std::size_t, Error> failures;
  const auto run = [&] {
    for (;;) {
      std::size_t mine = 0;
      {
        const std::lock_guard lock(mutex);
        if (next >= count || !failures.empty()) return;
        mine = next++;
        take(mine);
      }
      const Status status = guarded(work, mine);
      if (status.ok()) continue;
      const std::lock_guard lock(mutex);
      failures.emplace(mine, status.error());
    }
  };
  const auto threads = std::min<std::size_t>(static_cast<std::size_t>(std::max(1, jobs)), count);
  if (threads <= 1) {
    run();
  } else {
    std::vector<std::jthread> workers;
    workers.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) workers.emplace_back(run);
  }
  if (failures.empty()) return {};
  return failures.begin()->second;
}

}  // namespace cinescribe::pipeline
