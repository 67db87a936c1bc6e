#include "cinescribe/pipeline/watch_dog.h"

#include <gtest/gtest.h>

namespace cinescribe::pipeline {
namespace {

TEST(WatchDog, AWorkerThatSaysNothingIsFoundOut) {
  WatchDog dog(0.0);
  dog.start(false);
  dog.waited(59.0);
  EXPECT_EQ(dog.verdict(), "");
  dog.waited(1.5);
  EXPECT_NE(dog.verdict().find("no sign of life"), std::string::npos);
}

TEST(WatchDog, ReportsAloneAreNoProgress) {
  WatchDog dog(0.0);
  dog.start(false);
  for (int i = 0; i < 599; ++i) {
    dog.waited(1.0);
    dog.heard(17, 0.9 * i);
    dog.heard(17, 0.9 * i + 0.5);
    EXPECT_EQ(dog.verdict(), "") << i;
  }
  dog.waited(2.0);
  EXPECT_NE(dog.verdict().find("got nowhere"), std::string::npos);
}

TEST(WatchDog, StepsAndWordsAreProgress) {
  WatchDog dog(5.0);
  dog.start(false);
  for (std::uint64_t i = 1; i < 100; ++i) {
    dog.waited(4.0);
    EXPECT_EQ(dog.verdict(), "");
    if (i % 2 == 0) {
      dog.heard(i, 0.0);
    } else {
      dog.moved();
    }
  }
}

TEST(WatchDog, WhileAModelIsLoadedUseOfTheProcessorIsProgress) {
  WatchDog dog(5.0);
  dog.start(true);
  for (int i = 1; i < 100; ++i) {
    dog.waited(4.0);
    dog.heard(0, i);
    EXPECT_EQ(dog.verdict(), "");
  }
  dog.waited(3.0);
  dog.heard(0, 99.01);
  dog.waited(3.0);
  EXPECT_NE(dog.verdict(), "");
}

TEST(WatchDog, PatienceGrowsWithTheLongestStepSeen) {
  WatchDog dog(0.0);
  dog.start(false);
  dog.waited(0.0);
  for (int i = 0; i < 50; ++i) {
    dog.waited(1.0);
    dog.heard(0, 0.0);
  }
  dog.heard(1, 0.0);  // a step took 50 s
  for (int i = 0; i < 990; ++i) {
    dog.waited(1.0);
    dog.heard(1, 0.0);
  }
  EXPECT_EQ(dog.verdict(), "");
  dog.waited(15.0);
  EXPECT_NE(dog.verdict(), "");
}

}  // namespace
}  // namespace cinescribe::pipeline
