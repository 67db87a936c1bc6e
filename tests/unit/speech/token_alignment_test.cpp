#include "cinescribe/speech/token_alignment.h"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::speech {
namespace {

/// Rows of attention, `peaks[r]` says where row r looks to.
class Rows {
 public:
  Rows(const std::vector<int>& peaks, std::size_t positions, std::size_t heads) {
    for (const int peak : peaks) {
      std::vector<float> weights(positions, 0.001F);
      for (int i = peak - 4; i <= peak + 4; ++i) {
        if (i >= 0 && i < static_cast<int>(positions)) weights[static_cast<std::size_t>(i)] = 0.1F;
      }
      std::vector<std::uint16_t> bits(positions);
      portable_dense_kernels().to_bf16(weights.data(), positions, bits.data());
      storage_.push_back(std::move(bits));
    }
    for (const auto& bits : storage_) rows_.emplace_back(heads, std::span<const std::uint16_t>(bits));
  }
  [[nodiscard]] std::span<const AttentionRow> rows() const { return rows_; }

 private:
  std::vector<std::vector<std::uint16_t>> storage_;
  std::vector<AttentionRow> rows_;
};

TEST(TokenAlignment, attention_leaves_a_token_where_it_reaches_the_next) {
  // Three tokens in front, rows of three text tokens, the row of the last one, the end of the text.
  const Rows rows({0, 0, 0, 10, 30, 50, 80, 95}, 100, 2);
  std::vector<const DenseKernels*> all = {&portable_dense_kernels()};
  if (fastest_dense_kernels() != nullptr) all.push_back(fastest_dense_kernels());
  for (const DenseKernels* kernels : all) {
    const auto leaves = align_tokens(*kernels, rows.rows(), 3, 1, 100);
    ASSERT_EQ(leaves.size(), 3U);
    EXPECT_NEAR(static_cast<double>(leaves[0]), 26, 2);
    EXPECT_NEAR(static_cast<double>(leaves[1]), 46, 2);
    EXPECT_NEAR(static_cast<double>(leaves[2]), 76, 2);
  }
}

TEST(TokenAlignment, times_do_not_fall_even_where_attention_jumps_back) {
  const Rows rows({0, 60, 20, 80, 40}, 100, 1);
  const auto leaves = align_tokens(portable_dense_kernels(), rows.rows(), 1, 0, 100);
  ASSERT_EQ(leaves.size(), 3U);
  EXPECT_LE(leaves[0], leaves[1]);
  EXPECT_LE(leaves[1], leaves[2]);
  EXPECT_LT(leaves[2], 100U);
}

TEST(TokenAlignment, too_little_sound_or_text_is_answered_without_times) {
  const Rows rows({0, 1, 2}, 7, 1);
  EXPECT_EQ(align_tokens(portable_dense_kernels(), rows.rows(), 1, 0, 7), std::vector<std::size_t>({0}));
  EXPECT_TRUE(align_tokens(portable_dense_kernels(), rows.rows().first(1), 1, 0, 7).empty());
  EXPECT_TRUE(align_tokens(portable_dense_kernels(), rows.rows().first(2), 1, 0, 7).empty());
}

}  // namespace
}  // namespace cinescribe::speech
