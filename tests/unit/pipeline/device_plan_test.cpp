#include "cinescribe/pipeline/device_plan.h"

#include <gtest/gtest.h>

namespace cinescribe::pipeline {
namespace {

TEST(DevicePlan, ListsAreReadAndHolesRefused) {
  const auto devices = parse_devices("cuda:0,cuda:1,cpu");
  ASSERT_TRUE(devices.ok());
  EXPECT_EQ(*devices, (std::vector<std::string>{"cuda:0", "cuda:1", "cpu"}));
  for (const char* text : {"", ",", "cpu,", ",cpu", "cpu,,cpu"}) {
    const auto bad = parse_devices(text);
    ASSERT_FALSE(bad.ok()) << text;
    EXPECT_EQ(bad.error().code, ErrorCode::kUsage);
  }
}

TEST(DevicePlan, ThreadsAreDividedAndEveryoneHasOne) {
  EXPECT_EQ(share_devices({"cpu"}, 0, 1).front().threads, 0) << "alone: as many as cores";
  EXPECT_EQ(share_devices({"cpu", "cpu"}, 8, 1).back().threads, 4);
  EXPECT_EQ(share_devices({"cpu", "cpu"}, 8, 2).back().threads, 2);
  EXPECT_EQ(share_devices({"cpu", "cpu", "cpu", "cpu"}, 2, 1).front().threads, 1);
}

TEST(DevicePlan, ModelsGoTogetherOnlyWhereTheyFit) {
  constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
  const auto free_bytes = [](const std::string& device) { return device == "cpu" ? 24 * kGiB : 8 * kGiB; };
  EXPECT_TRUE(fit_together({6 * kGiB, 6 * kGiB}, {"cpu"}, free_bytes));
  EXPECT_FALSE(fit_together({9 * kGiB, 9 * kGiB}, {"cpu"}, free_bytes));
  EXPECT_FALSE(fit_together({6 * kGiB, 6 * kGiB}, {"cpu", "cpu"}, free_bytes)) << "each worker has its own copy";
  EXPECT_FALSE(fit_together({4 * kGiB, 3 * kGiB}, {"cuda:0", "cuda:1"}, free_bytes));
  EXPECT_TRUE(fit_together({2 * kGiB, 2 * kGiB}, {"cuda:0", "cuda:1"}, free_bytes));
}

}  // namespace
}  // namespace cinescribe::pipeline
