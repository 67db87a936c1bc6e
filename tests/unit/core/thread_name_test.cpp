#include "cinescribe/core/thread_name.h"

#include <array>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <pthread.h>

namespace cinescribe {
namespace {

std::string current_name() {
  std::array<char, 16> text{};
  pthread_getname_np(pthread_self(), text.data(), text.size());
  return text.data();
}

TEST(ThreadName, LastsAsLongAsTheObjectAndIsInheritedByThreadsStartedMeanwhile) {
  const std::string before = current_name();
  {
    const ThreadName name("speech");
    EXPECT_EQ(current_name(), "speech");
    std::string inherited;
    std::thread([&] { inherited = current_name(); }).join();
    EXPECT_EQ(inherited, "speech");
  }
  EXPECT_EQ(current_name(), before);
}

TEST(ThreadName, KeepsWhatTheSystemTakesOfALongName) {
  const ThreadName name("a name that is much too long");
  EXPECT_EQ(current_name(), "a name that is ");
}

}  // namespace
}  // namespace cinescribe
