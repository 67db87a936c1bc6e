#include "cinescribe/pipeline/caption_schedule.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::pipeline {
namespace {

using Task = CaptionSchedule::Task;

TEST(CaptionSchedule, VideosGoToWhoeverIsFreeInOrder) {
  CaptionSchedule schedule(3, 2, 8);
  const auto first = schedule.next({});
  const auto second = schedule.next({});
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->video, 0U);
  EXPECT_EQ(second->video, 1U);
  EXPECT_TRUE(first->is_first);
  schedule.opened(*first, 5);
  EXPECT_TRUE(schedule.done(*first, false));
  const auto third = schedule.next({});
  ASSERT_TRUE(third);
  EXPECT_EQ(third->video, 2U);
}

TEST(CaptionSchedule, WhoHasNothingToDoTakesOverTheUpperHalfOfTheLongestPart) {
  CaptionSchedule schedule(1, 3, 4);
  const auto first = schedule.next({});
  ASSERT_TRUE(first);
  schedule.opened(*first, 100);
  for (int scene = 0; scene < 20; ++scene) EXPECT_TRUE(schedule.claim(*first, scene));
  const auto second = schedule.next({});
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->is_first);
  EXPECT_EQ(schedule.range(*second), (std::pair<std::int64_t, std::int64_t>(60, 100)));
  EXPECT_EQ(schedule.range(*first), (std::pair<std::int64_t, std::int64_t>(20, 60)));
  EXPECT_FALSE(schedule.claim(*first, 60));
  EXPECT_TRUE(schedule.claim(*first, 59));
  const auto third = schedule.next({});
  ASSERT_TRUE(third);
  EXPECT_EQ(schedule.range(*third), (std::pair<std::int64_t, std::int64_t>(80, 100)));
  EXPECT_FALSE(schedule.done(*first, false));
  EXPECT_FALSE(schedule.done(*third, false));
  EXPECT_TRUE(schedule.done(*second, false)) << "the last one finishes the video";
  EXPECT_FALSE(schedule.next({}).has_value());
}

TEST(CaptionSchedule, AShortVideoIsNotDivided) {
  CaptionSchedule schedule(1, 2, 8);
  const auto first = schedule.next({});
  schedule.opened(*first, 15);
  std::jthread other([&] { EXPECT_FALSE(schedule.next({}).has_value()); });
  EXPECT_TRUE(schedule.done(*first, false));
}

TEST(CaptionSchedule, WhatALostWorkerLeavesIsDealtOutAgain) {
  CaptionSchedule schedule(1, 2, 8);
  const auto first = schedule.next({});
  schedule.opened(*first, 10);
  EXPECT_TRUE(schedule.claim(*first, 3));
  EXPECT_FALSE(schedule.done(*first, true));
  const auto again = schedule.next({});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->video, 0U);
  EXPECT_TRUE(again->is_first);
  schedule.opened(*again, 10);
  EXPECT_TRUE(schedule.claim(*again, 3)) << "what was claimed and not finished comes again";
  EXPECT_TRUE(schedule.done(*again, true)) << "nobody is left";
}

TEST(CaptionSchedule, AStopEndsTheWaiting) {
  CaptionSchedule schedule(1, 2, 8);
  ASSERT_TRUE(schedule.next({}).has_value()) << "at work for ever";
  std::stop_source stop;
  std::jthread other([&] { EXPECT_FALSE(schedule.next(stop.get_token()).has_value()); });
  stop.request_stop();
  other.join();
  EXPECT_FALSE(schedule.next(stop.get_token()).has_value());
}

/// Workers of random speed, of which one dies: every scene of every video comes exactly once, whatever happens.
TEST(CaptionSchedule, EverySceneComesOnceWhoeverTakesIt) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const std::vector<std::int64_t> lengths = {200, 3, 0, 77, 41};
    CaptionSchedule schedule(lengths.size(), 4, 4);
    std::mutex mutex;
    std::vector<std::multiset<std::int64_t>> described(lengths.size());
    std::multiset<std::size_t> finished;
    const auto work = [&](unsigned worker) {
      std::mt19937 random(seed * 10 + worker);
      int left = worker == 3 ? 50 : 1'000'000;  // scenes until it dies
      while (const auto task = schedule.next({})) {
        if (task->is_first) schedule.opened(*task, lengths[task->video]);
        const auto [begin, end] = schedule.range(*task);
        bool is_lost = false;
        for (std::int64_t scene = begin; scene < end && !is_lost; ++scene) {
          {
            const std::lock_guard lock(mutex);
            if (described[task->video].contains(scene)) continue;  // as the journal tells
          }
          if (!schedule.claim(*task, scene)) break;
          is_lost = --left == 0;
          if (random() % 4 == 0) std::this_thread::yield();
          const std::lock_guard lock(mutex);
          if (!is_lost) described[task->video].insert(scene);
        }
        if (schedule.done(*task, is_lost)) {
          const std::lock_guard lock(mutex);
          finished.insert(task->video);
        }
        if (is_lost) return;
      }
    };
    {
      std::vector<std::jthread> threads;
      for (unsigned worker = 0; worker < 4; ++worker) threads.emplace_back(work, worker);
    }
    EXPECT_EQ(finished, (std::multiset<std::size_t>{0, 1, 2, 3, 4}));
    for (std::size_t video = 0; video < lengths.size(); ++video) {
      ASSERT_EQ(static_cast<std::int64_t>(described[video].size()), lengths[video]) << video;
      std::int64_t expected = 0;
      for (const std::int64_t scene : described[video]) EXPECT_EQ(scene, expected++);
    }
  }
}

}  // namespace
}  // namespace cinescribe::pipeline
