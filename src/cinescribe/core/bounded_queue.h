#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace cinescribe {

/// A first-in first-out queue between threads that holds at most `capacity` items: a slow consumer slows the producer.
///
/// Closable from both ends: `close()` (producer: no more items; what is queued can still be popped) and `cancel()`
/// (consumer: wants no more; queued items are dropped, pushes return false). Every wait ends when the stop token fires.
/// Thread-safe for any number of producers and consumers.
template <typename T>
class BoundedQueue {
 public:
  /// `capacity` 0 is taken as 1.
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity == 0 ? 1 : capacity) {}

  /// Waits for room. False when the queue was closed or cancelled, or a stop was requested; the item is then dropped.
  bool push(T item, const std::stop_token& stop = {}) {
    std::unique_lock lock(mutex_);
    const bool woke = has_room_.wait(lock, stop, [this] { return is_closed_ || items_.size() < capacity_; });
    if (!woke || is_closed_) return false;
    items_.push_back(std::move(item));
    lock.unlock();
    has_items_.notify_one();
    return true;
  }

  /// Waits for an item. Empty when the queue is closed and drained, cancelled, or a stop was requested.
  std::optional<T> pop(const std::stop_token& stop = {}) {
    std::unique_lock lock(mutex_);
    const bool woke = has_items_.wait(lock, stop, [this] { return is_closed_ || !items_.empty(); });
    if (!woke || items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    lock.unlock();
    has_room_.notify_one();
    return item;
  }

  /// No more items will come.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      is_closed_ = true;
    }
    has_items_.notify_all();
    has_room_.notify_all();
  }

  /// No more items are wanted: drops what is queued.
  void cancel() {
    std::deque<T> dropped;
    {
      const std::lock_guard lock(mutex_);
      is_closed_ = true;
      dropped.swap(items_);
    }
    has_items_.notify_all();
    has_room_.notify_all();
  }

  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

 private:
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable_any has_items_;
  std::condition_variable_any has_room_;
  std::deque<T> items_;
  bool is_closed_ = false;
};

}  // namespace cinescribe
