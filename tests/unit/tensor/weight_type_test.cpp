#include "cinescribe/tensor/weight_type.h"

#include <cmath>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::tensor {
namespace {

std::vector<float> wave(std::size_t count) {
  std::vector<float> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = std::sin(static_cast<float>(i) * 0.37F);
  return numbers;
}

float largest_error(WeightType type, std::size_t rows, std::size_t length) {
  const std::vector<float> numbers = wave(rows * length);
  std::vector<std::byte> stored(rows * row_bytes(type, length));
  EXPECT_TRUE(quantise_rows(type, numbers, length, stored).ok());
  std::vector<float> back(numbers.size());
  EXPECT_TRUE(dequantise_rows(type, stored, length, back).ok());
  float largest = 0.0F;
  for (std::size_t i = 0; i < numbers.size(); ++i) largest = std::max(largest, std::abs(numbers[i] - back[i]));
  return largest;
}

TEST(WeightType, NumbersComeBackWithinTheStepOfTheirType) {
  EXPECT_EQ(largest_error(WeightType::kF32, 3, 64), 0.0F);
  EXPECT_LT(largest_error(WeightType::kF16, 3, 64), 0.0005F);
  EXPECT_LT(largest_error(WeightType::kQ80, 3, 64), 0.005F);
  EXPECT_LT(largest_error(WeightType::kQ50, 3, 64), 0.07F);
  EXPECT_LT(largest_error(WeightType::kQ40, 3, 64), 0.14F);
}

TEST(WeightType, RowsTakeTheBytesOfTheirBlocks) {
  EXPECT_EQ(row_bytes(WeightType::kF16, 10), 20U);
  EXPECT_EQ(row_bytes(WeightType::kQ80, 64), 2U * 34U);
  EXPECT_EQ(row_bytes(WeightType::kQ50, 64), 2U * 22U);
  EXPECT_EQ(block_length(WeightType::kQ4K), 256U);
}

TEST(WeightType, SizesThatDoNotFitAreErrors) {
  std::vector<float> numbers(64);
  std::vector<std::byte> stored(68);
  EXPECT_FALSE(quantise_rows(WeightType::kQ80, numbers, 48, stored).ok()) << "no whole number of rows";
  EXPECT_FALSE(quantise_rows(WeightType::kQ80, numbers, 16, stored).ok()) << "rows shorter than a block";
  EXPECT_FALSE(quantise_rows(WeightType::kQ80, numbers, 64, std::span(stored).first(67)).ok());
  EXPECT_FALSE(dequantise_rows(WeightType::kQ80, std::span(stored).first(67), 64, numbers).ok());
  EXPECT_FALSE(quantise_rows(WeightType::kQ80, numbers, 0, stored).ok());
}

TEST(WeightType, NamesComeBack) {
  for (const char* name : {"f32", "f16", "q4_0", "q5_0", "q8_0", "q6_k"}) {
    const auto type = parse_weight_type(name);
    ASSERT_TRUE(type.ok()) << name;
    EXPECT_STREQ(weight_type_name(*type), name);
    EXPECT_EQ(*weight_type_from_id(static_cast<std::int32_t>(*type)), *type);
  }
  const auto wrong = parse_weight_type("q9");
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.error().message.find("q8_0"), std::string::npos);
  EXPECT_FALSE(weight_type_from_id(4).ok());
}

TEST(WeightType, HalvesAndBfloatsAreReadAtAnyAddress) {
  const std::vector<std::uint16_t> halves = {0x3c00, 0xc000, 0x0001, 0x7bff};
  std::vector<std::byte> shifted(9);
  std::memcpy(shifted.data() + 1, halves.data(), 8);
  std::vector<float> out(4);
  half_to_float(std::span(shifted).subspan(1), out);
  EXPECT_EQ(out, (std::vector<float>{1.0F, -2.0F, 5.9604645e-08F, 65504.0F}));
  const std::vector<std::uint16_t> bfloats = {0x3f80, 0xc000, 0x4049, 0x0000};
  std::memcpy(shifted.data() + 1, bfloats.data(), 8);
  bfloat_to_float(std::span(shifted).subspan(1), out);
  EXPECT_EQ(out, (std::vector<float>{1.0F, -2.0F, 3.140625F, 0.0F}));
}

}  // namespace
}  // namespace cinescribe::tensor
