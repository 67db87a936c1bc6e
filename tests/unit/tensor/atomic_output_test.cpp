#include "cinescribe/tensor/atomic_output.h"

#include <atomic>
#include <chrono>
#include <string_view>
#include <thread>

#include "support/scratch_folder.h"
#include <gtest/gtest.h>

namespace cinescribe::tensor {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}

TEST(AtomicOutput, TheFileAppearsWithItsCommit) {
  const test::ScratchFolder folder;
  auto output = AtomicOutput::create(folder / "deep/file.bin", {});
  ASSERT_TRUE(output.ok()) << output.error().message;
  ASSERT_TRUE(output->write(bytes_of("abc")).ok());
  ASSERT_TRUE(output->write(bytes_of("def")).ok());
  EXPECT_EQ(output->written_bytes(), 6U);
  EXPECT_FALSE(std::filesystem::exists(folder / "deep/file.bin"));
  ASSERT_TRUE(output->commit().ok());
  EXPECT_EQ(test::read_bytes(folder / "deep/file.bin"), "abcdef");
  EXPECT_FALSE(std::filesystem::exists(output->part_path()));
}

TEST(AtomicOutput, WithoutACommitNothingStays) {
  const test::ScratchFolder folder;
  {
    auto output = AtomicOutput::create(folder / "file.bin", {});
    ASSERT_TRUE(output.ok());
    ASSERT_TRUE(output->write(bytes_of("abc")).ok());
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(AtomicOutput, WhatAKilledRunLeftIsOverwritten) {
  const test::ScratchFolder folder;
  test::write_bytes(folder / ".file.bin.part", "left over and long");
  auto output = AtomicOutput::create(folder / "file.bin", {});
  ASSERT_TRUE(output.ok());
  ASSERT_TRUE(output->write(bytes_of("new")).ok());
  ASSERT_TRUE(output->commit().ok());
  EXPECT_EQ(test::read_bytes(folder / "file.bin"), "new");
}

TEST(AtomicOutput, ASecondWriterWaitsForTheFirst) {
  const test::ScratchFolder folder;
  auto first = AtomicOutput::create(folder / "file.bin", {});
  ASSERT_TRUE(first.ok());
  std::atomic<bool> saw_first{false};
  std::jthread second([&] {
    auto output = AtomicOutput::create(folder / "file.bin", {});
    saw_first = output.ok() && std::filesystem::exists(folder / "file.bin");
  });
  ASSERT_TRUE(first->write(bytes_of("first")).ok());
  ASSERT_TRUE(first->commit().ok());
  second.join();
  EXPECT_TRUE(saw_first);
  EXPECT_EQ(test::read_bytes(folder / "file.bin"), "first");
}

TEST(AtomicOutput, AStopEndsTheWaitForAnotherWriter) {
  const test::ScratchFolder folder;
  auto first = AtomicOutput::create(folder / "file.bin", {});
  ASSERT_TRUE(first.ok());
  std::stop_source stop;
  stop.request_stop();
  const auto second = AtomicOutput::create(folder / "file.bin", stop.get_token());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kInterrupted);
}

TEST(AtomicOutput, AFolderThatCannotBeWrittenIsNamed) {
  const test::ScratchFolder folder;
  test::write_bytes(folder / "file", "in the way");
  const auto output = AtomicOutput::create(folder / "file/model.bin", {});
  ASSERT_FALSE(output.ok());
  EXPECT_EQ(output.error().code, ErrorCode::kResource);
  EXPECT_NE(output.error().message.find(folder.path().string()), std::string::npos);
}

}  // namespace
}  // namespace cinescribe::tensor
