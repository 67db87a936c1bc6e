#include "cinescribe/tensor/backends.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace cinescribe::tensor {
namespace {

TEST(Backends, TheCpuIsFoundWithKernelsForThisMachine) {
  const Status status = load_backends();
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_TRUE(load_backends().ok()) << "a second call";
  const auto found = devices();
  EXPECT_TRUE(std::any_of(found.begin(), found.end(), [](const Device& d) { return d.kind == DeviceKind::kCpu; }));
  EXPECT_FALSE(cpu_variant().empty());
}

TEST(Backends, TheEnginesFolderHoldsTheKernels) {
  const auto folder = engines_folder();
  ASSERT_TRUE(folder.ok()) << folder.error().message;
  EXPECT_TRUE(std::filesystem::exists(*folder / "libggml.so"));
  ASSERT_TRUE(load_backends().ok());
  EXPECT_TRUE(std::filesystem::exists(*folder / ("libggml-cpu-" + cpu_variant() + ".so")));
}

}  // namespace
}  // namespace cinescribe::tensor
