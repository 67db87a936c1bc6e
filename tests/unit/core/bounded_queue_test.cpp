#include "cinescribe/core/bounded_queue.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe {
namespace {

TEST(BoundedQueue, HandsOutItemsInOrder) {
  BoundedQueue<int> queue(4);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(queue.push(i));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(queue.pop(), i);
}

TEST(BoundedQueue, NeverHoldsMoreThanItsCapacity) {
  BoundedQueue<int> queue(3);
  std::atomic<std::size_t> highest{0};
  std::jthread producer([&] {
    for (int i = 0; i < 1000; ++i) queue.push(i);
    queue.close();
  });
  int expected = 0;
  while (auto item = queue.pop()) {
    highest = std::max<std::size_t>(highest, queue.size());
    EXPECT_EQ(*item, expected++);
  }
  EXPECT_EQ(expected, 1000);
  EXPECT_LE(highest, 3U);
}

TEST(BoundedQueue, DrainsAfterClose) {
  BoundedQueue<int> queue(2);
  queue.push(1);
  queue.close();
  EXPECT_FALSE(queue.push(2));
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(BoundedQueue, CancelWakesAProducerThatWaitsForRoom) {
  BoundedQueue<int> queue(1);
  queue.push(1);
  std::jthread consumer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    queue.cancel();
  });
  EXPECT_FALSE(queue.push(2));
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(BoundedQueue, StopTokenEndsAWait) {
  BoundedQueue<int> queue(1);
  std::stop_source source;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    source.request_stop();
  });
  EXPECT_EQ(queue.pop(source.get_token()), std::nullopt);
}

}  // namespace
}  // namespace cinescribe
