#pragma once

#include <filesystem>

#include "support/random_whisper_file.h"
#include <gtest/gtest.h>

namespace cinescribe::test {

/// `write_random_whisper_file`, which must succeed.
inline void write_random_whisper(const std::filesystem::path& path, const tensor::WhisperShape& shape,
                                 tensor::WeightType weights) {
  const Status status = write_random_whisper_file(path, shape, weights);
  ASSERT_TRUE(status.ok()) << status.error().message;
}

}  // namespace cinescribe::test
