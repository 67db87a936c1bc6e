#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::pipeline {

/// Lends things that are dear to make and serve one borrower at a time, such as a loaded network; makes another only
/// when all are lent out. Thread-safe; must outlive what it lends.
template <typename T>
class Lender {
 public:
  using Make = std::function<Result<std::unique_ptr<T>>()>;

  /// An idle one, or a new one; it comes back when the last copy of the pointer goes. Errors: those of `make`.
  Result<std::shared_ptr<T>> borrow(const Make& make) {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) {
      CINESCRIBE_ASSIGN(std::unique_ptr<T> made, make());
      idle_.push_back(std::move(made));
    }
    auto owner = std::make_shared<std::unique_ptr<T>>(std::move(idle_.back()));
    idle_.pop_back();
    T* thing = owner->get();
    return std::shared_ptr<T>(thing, [this, owner = std::move(owner)](T*) { take_back(std::move(*owner)); });
  }

 private:
  void take_back(std::unique_ptr<T> thing) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(thing));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<T>> idle_;
};

}  // namespace cinescribe::pipeline
