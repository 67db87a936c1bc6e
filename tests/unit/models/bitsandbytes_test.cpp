#include "cinescribe/models/bitsandbytes.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cinescribe/tensor/weight_type.h"

namespace cinescribe::models {
namespace {

using ::testing::HasSubstr;

constexpr std::array<std::uint32_t, 16> kNf4 = {0xbf800000, 0xbf3239b1, 0xbf066b30, 0xbeca32a0, 0xbe91a24d, 0xbe3d353f,
                                                0xbdba7871, 0x00000000, 0x3da2faff, 0x3e24cae3, 0x3e7c04dd, 0x3ead033a,
                                                0x3ee1a4b8, 0x3f1007ab, 0x3f3913b3, 0x3f800000};
constexpr std::array<std::uint32_t, 16> kFp4 = {0x00000000, 0x3baaaaab, 0x3f2aaaab, 0x3f800000, 0x3eaaaaab, 0x3f000000,
                                                0x3e2aaaab, 0x3e800000, 0x00000000, 0xbbaaaaab, 0xbf2aaaab, 0xbf800000,
                                                0xbeaaaaab, 0xbf000000, 0xbe2aaaab, 0xbe800000};

/// A quantised matrix as its tensors lie on disk.
class OnDisk {
 public:
  void add(const std::string& name, ElementType type, const std::vector<std::byte>& bytes) {
    bytes_[name] = bytes;
    TensorView& view = views_[name];
    view.type = type;
    view.shape = {static_cast<std::int64_t>(bytes.size() / element_bytes(type))};
    view.bytes = bytes_[name];
    tensors_[name] = &view;
  }
  void add_floats(const std::string& name, const std::vector<float>& values) {
    std::vector<std::byte> bytes(values.size() * 4);
    std::memcpy(bytes.data(), values.data(), bytes.size());
    add(name, ElementType::kF32, bytes);
  }
  void add_bytes(const std::string& name, const std::vector<unsigned>& values, ElementType type = ElementType::kU8) {
    std::vector<std::byte> bytes;
    for (const unsigned value : values) bytes.push_back(static_cast<std::byte>(value));
    add(name, type, bytes);
  }
  void add_state(const std::string& kind, const std::string& json) {
    std::vector<std::byte> bytes(json.size());
    std::memcpy(bytes.data(), json.data(), json.size());
    add("m.weight.quant_state.bitsandbytes__" + kind, ElementType::kU8, bytes);
  }
  void remove(const std::string& name) { tensors_.erase(name); }
  [[nodiscard]] Result<FourBitMatrix> open() const { return FourBitMatrix::open(tensors_, "m.weight"); }
  [[nodiscard]] std::string failure() const {
    const auto matrix = open();
    EXPECT_TRUE(matrix.ok() || matrix.error().code == ErrorCode::kModel);
    return matrix.ok() ? "it was read" : matrix.error().message;
  }

 private:
  std::map<std::string, std::vector<std::byte>> bytes_;
  std::map<std::string, TensorView> views_;
  FourBitMatrix::Tensors tensors_;
};

std::vector<float> table(const std::array<std::uint32_t, 16>& bits) {
  std::vector<float> out;
  for (const std::uint32_t word : bits) out.push_back(std::bit_cast<float>(word));
  return out;
}

/// Codes 0, 7, 14, 5, 12, ... for `count` elements, high nibble first; a spare low nibble is 15.
std::vector<unsigned> packed(std::size_t count) {
  std::vector<unsigned> bytes((count + 1) / 2, 15U);
  for (std::size_t i = 0; i < count; ++i) {
    const auto code = static_cast<unsigned>(i * 7 % 16);
    unsigned& byte = bytes[i / 2];
    byte = i % 2 == 0 ? (code << 4U) | (byte & 15U) : (byte & 0xF0U) | code;
  }
  return bytes;
}

/// A plain NF4 matrix of 3 × 33 elements in blocks of 64, which cross its rows.
OnDisk plain() {
  OnDisk disk;
  disk.add_bytes("m.weight", packed(99));
  disk.add_floats("m.weight.absmax", {0.3F, 1.7F});
  disk.add_floats("m.weight.quant_map", table(kNf4));
  disk.add_state("nf4", R"({"quant_type": "nf4", "blocksize": 64, "dtype": "float16", "shape": [3, 33]})");
  return disk;
}

TEST(Bitsandbytes, blocks_run_over_the_flattened_matrix_and_values_are_rounded_to_their_old_type) {
  const OnDisk disk = plain();
  const auto matrix = disk.open();
  ASSERT_TRUE(matrix.ok()) << matrix.error().message;
  EXPECT_EQ(matrix->shape(), (std::vector<std::int64_t>{3, 33}));
  std::vector<float> values(99);
  matrix->read(0, values);
  const auto nf4 = table(kNf4);
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::array<float, 1> expected = {nf4[i * 7 % 16] * (i < 64 ? 0.3F : 1.7F)};
    tensor::round_to_half(expected);
    EXPECT_EQ(values[i], expected[0]) << i;
  }
  // From anywhere, odd places included, the same.
  std::vector<float> part(50);
  matrix->read(41, part);
  for (std::size_t i = 0; i < part.size(); ++i) EXPECT_EQ(part[i], values[41 + i]) << i;
}

TEST(Bitsandbytes, scales_that_are_quantised_again_take_two_roundings) {
  OnDisk disk = plain();
  std::vector<float> map(256);
  for (std::size_t i = 0; i < map.size(); ++i) map[i] = (static_cast<float>(i) - 127.0F) / 128.0F;
  disk.add_bytes("m.weight.absmax", {200, 3});
  disk.add_floats("m.weight.nested_absmax", {0.77F, 0.55F});
  disk.add_floats("m.weight.nested_quant_map", map);
  disk.add_state("nf4", R"({"quant_type": "nf4", "blocksize": 64, "dtype": "float32", "shape": [3, 33],
      "nested_blocksize": 1, "nested_dtype": "float32", "nested_offset": 0.13694})");
  const auto matrix = disk.open();
  ASSERT_TRUE(matrix.ok()) << matrix.error().message;
  std::vector<float> values(99);
  matrix->read(0, values);
  const auto nf4 = table(kNf4);
  const volatile float first = map[200] * 0.77F;
  const volatile float second = map[3] * 0.55F;
  const std::array<float, 2> scales = {first + static_cast<float>(0.13694), second + static_cast<float>(0.13694)};
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], nf4[i * 7 % 16] * scales[i / 64]) << i;
}

TEST(Bitsandbytes, fp4_uses_its_own_table_and_bfloat16_its_own_rounding) {
  OnDisk disk;
  disk.add_bytes("m.weight", packed(64));
  disk.add_floats("m.weight.absmax", {0.37F});
  disk.add_floats("m.weight.quant_map", table(kFp4));
  disk.add_state("fp4", R"({"quant_type": "fp4", "blocksize": 128, "dtype": "bfloat16", "shape": [8, 8]})");
  const auto matrix = disk.open();
  ASSERT_TRUE(matrix.ok()) << matrix.error().message;
  std::vector<float> values(64);
  matrix->read(0, values);
  const auto fp4 = table(kFp4);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float exact = fp4[i * 7 % 16] * 0.37F;
    EXPECT_EQ(std::bit_cast<std::uint32_t>(values[i]) & 0xFFFFU, 0U) << i;
    EXPECT_LE(std::abs(values[i] - exact), std::abs(exact) / 256.0F) << i;
  }
}

TEST(Bitsandbytes, the_label_of_the_codes_does_not_matter) {
  OnDisk disk;
  disk.add_bytes("m.weight", packed(64), ElementType::kBf16);
  disk.add_floats("m.weight.absmax", {1.0F});
  disk.add_floats("m.weight.quant_map", table(kNf4));
  disk.add_state("nf4", R"({"quant_type": "nf4", "blocksize": 64, "dtype": "float32", "shape": [8, 8]})");
  const auto matrix = disk.open();
  ASSERT_TRUE(matrix.ok()) << matrix.error().message;
  std::vector<float> values(64);
  matrix->read(0, values);
  EXPECT_EQ(values[1], table(kNf4)[7]);
}

TEST(Bitsandbytes, parts_that_do_not_belong_together_are_refused) {
  const auto spoiled = [](const std::function<void(OnDisk&)>& spoil) {
    OnDisk disk = plain();
    spoil(disk);
    return disk.failure();
  };
  const auto state = [](const std::string& rest) {
    return R"({"quant_type": "nf4", "dtype": "float16", )" + rest + "}";
  };
  EXPECT_THAT(spoiled([](OnDisk& d) { d.add_bytes("m.weight", packed(97)); }), HasSubstr("bytes of codes"));
  EXPECT_THAT(spoiled([](OnDisk& d) { d.add_floats("m.weight.absmax", {1.0F}); }), HasSubstr("2 f32"));
  EXPECT_THAT(spoiled([](OnDisk& d) { d.add_bytes("m.weight.absmax", {1, 2}); }), HasSubstr("absmax"));
  EXPECT_THAT(spoiled([](OnDisk& d) { d.remove("m.weight.quant_map"); }), HasSubstr("quant_map"));
  EXPECT_THAT(spoiled([](OnDisk& d) { d.add_floats("m.weight.quant_map", std::vector<float>(15)); }),
              HasSubstr("quant_map"));
  EXPECT_THAT(spoiled([](OnDisk& d) { d.add_floats("m.weight.quant_map", std::vector<float>(16, NAN)); }),
              HasSubstr("no number"));
  EXPECT_THAT(spoiled([](OnDisk& d) { d.add_floats("m.weight.nested_absmax", {1.0F}); }), HasSubstr("nested"));
  EXPECT_THAT(spoiled([&](OnDisk& d) { d.add_state("nf4", "not json"); }), HasSubstr("no JSON"));
  EXPECT_THAT(spoiled([&](OnDisk& d) { d.add_state("nf4", state(R"("blocksize": 0, "shape": [3, 33])")); }),
              HasSubstr("blocksize"));
  EXPECT_THAT(spoiled([&](OnDisk& d) { d.add_state("nf4", state(R"("blocksize": 64, "shape": [-3, 33])")); }),
              HasSubstr("shape"));
  EXPECT_THAT(
      spoiled([&](OnDisk& d) { d.add_state("nf4", state(R"("blocksize": 64, "shape": [4294967296, 4294967296])")); }),
      HasSubstr("shape"));
  EXPECT_THAT(spoiled([&](OnDisk& d) {
                d.add_state("nf4", state(R"("blocksize": 64, "nested_blocksize": 256, "shape": [3, 33])"));
              }),
              HasSubstr("nested_offset"));
  EXPECT_THAT(spoiled([](OnDisk& d) {
                d.remove("m.weight.quant_state.bitsandbytes__nf4");
                d.add_state("fp4", R"({"quant_type": "nf4", "blocksize": 64, "dtype": "float16", "shape": [3, 33]})");
              }),
              HasSubstr("quant_type"));
}

}  // namespace
}  // namespace cinescribe::models
