#include "cinescribe/scenes/kernels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

extern "C" {
#include <libswscale/swscale.h>
}

#include <gtest/gtest.h>

namespace cinescribe::scenes {
namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr std::size_t kSide = 4096;  // kSide² = all 2^24 colours
constexpr std::size_t kColours = kSide * kSide;

struct Table {
  std::string name;
  const Kernels* kernels;
};

/// Every table this processor can run.
std::vector<Table> tables() {
  std::vector<Table> found = {{"portable", &portable_kernels()}, {"chosen", &kernels()}};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) found.push_back({"avx2", &avx2_kernels()});
#endif
  return found;
}

Bytes noise(std::size_t count, std::uint32_t seed) {
  Bytes values(count);
  for (auto& value : values) {
    seed = seed * 1664525U + 1013904223U;
    value = static_cast<std::uint8_t>(seed >> 24U);
  }
  return values;
}

/// A planar picture that holds every combination of luma and chroma: each pair of chroma values has 64 blocks of 2 × 2.
struct AllYuv {
  Bytes y = Bytes(kColours), u = Bytes(kColours / 4), v = Bytes(kColours / 4);
  AllYuv() {
    constexpr std::size_t kHalf = kSide / 2;
    for (std::size_t i = 0; i < u.size(); ++i) {
      u[i] = static_cast<std::uint8_t>(i / 64 % 256);
      v[i] = static_cast<std::uint8_t>(i / 64 / 256);
      const std::size_t corner = (i / kHalf) * 2 * kSide + (i % kHalf) * 2;
      for (std::size_t k = 0; k < 4; ++k) {
        y[corner + (k / 2) * kSide + k % 2] = static_cast<std::uint8_t>(i % 64 * 4 + k);
      }
    }
  }
};

struct Tagged {
  const char* name;
  int matrix;  ///< swscale's SWS_CS_*.
  bool is_full_range;
  YuvMatrix yuv;
};

/// Every matrix that videos come in, in both ranges.
const std::array<Tagged, 8> kTagged = {{
    {"BT.601", SWS_CS_ITU601, false, {128, 9539, 13075, -3209, -6660, 16525}},
    {"BT.601 full", SWS_CS_ITU601, true, {0, 8192, 11485, -2819, -5850, 14516}},
    {"BT.709", SWS_CS_ITU709, false, {128, 9539, 14686, -1747, -4366, 17305}},
    {"BT.709 full", SWS_CS_ITU709, true, {0, 8192, 12901, -1534, -3835, 15201}},
    {"FCC", SWS_CS_FCC, false, {128, 9539, 13056, -3095, -6639, 16600}},
    {"SMPTE 240M", SWS_CS_SMPTE240M, false, {128, 9539, 14697, -2113, -4445, 17029}},
    {"BT.2020", SWS_CS_BT2020, false, {128, 9539, 13752, -1535, -5328, 17545}},
    {"BT.2020 full", SWS_CS_BT2020, true, {0, 8192, 12080, -1348, -4680, 15412}},
}};

/// The whole picture through swscale, with the flags that OpenCV uses.
Bytes converted_by_swscale(const AllYuv& all, const Tagged& tagged) {
  constexpr int kSideInt = static_cast<int>(kSide);
  Bytes bgr(kColours * 3);
  SwsContext* context = sws_getContext(kSideInt, kSideInt, AV_PIX_FMT_YUV420P, kSideInt, kSideInt, AV_PIX_FMT_BGR24,
                                       SWS_BICUBIC, nullptr, nullptr, nullptr);
  EXPECT_NE(context, nullptr);
  const int* matrix = sws_getCoefficients(tagged.matrix);
  sws_setColorspaceDetails(context, matrix, tagged.is_full_range ? 1 : 0, matrix, 1, 0, 1 << 16, 1 << 16);
  const std::uint8_t* const planes[4] = {all.y.data(), all.u.data(), all.v.data(), nullptr};
  const int strides[4] = {kSideInt, kSideInt / 2, kSideInt / 2, 0};
  std::uint8_t* const out[4] = {bgr.data(), nullptr, nullptr, nullptr};
  const int out_strides[4] = {3 * kSideInt, 0, 0, 0};
  EXPECT_EQ(sws_scale(context, planes, strides, 0, kSideInt, out, out_strides), kSideInt);
  sws_freeContext(context);
  return bgr;
}

std::size_t differing_pixels(const Kernels& table, const AllYuv& all, const Bytes& expected, const YuvMatrix& yuv) {
  std::size_t differing = 0;
  Bytes u(kSide), v(kSide), b(kSide), g(kSide), r(kSide);
  for (std::size_t row = 0; row < kSide; ++row) {
    for (std::size_t x = 0; x < kSide; ++x) {
      u[x] = all.u[row / 2 * kSide / 2 + x / 2];
      v[x] = all.v[row / 2 * kSide / 2 + x / 2];
    }
    table.yuv_to_bgr(yuv, kSide, &all.y[row * kSide], u.data(), v.data(), b.data(), g.data(), r.data());
    const std::uint8_t* pixel = &expected[row * kSide * 3];
    for (std::size_t x = 0; x < kSide; ++x, pixel += 3) {
      differing += pixel[0] != b[x] || pixel[1] != g[x] || pixel[2] != r[x] ? 1U : 0U;
    }
  }
  return differing;
}

TEST(Kernels, all_colours_of_every_matrix_and_range_convert_to_bgr_as_in_swscale) {
#if !defined(__x86_64__)
  GTEST_SKIP() << "swscale rounds differently on other processors";
#endif
  const AllYuv all;
  for (const Tagged& tagged : kTagged) {
    const Bytes expected = converted_by_swscale(all, tagged);
    for (const Table& table : tables()) {
      EXPECT_EQ(differing_pixels(*table.kernels, all, expected, tagged.yuv), 0U) << table.name << ", " << tagged.name;
    }
  }
}

/// OpenCV's arithmetic as its specification has it, with the tables.
void hsv_by_table(int b, int g, int r, std::uint8_t* out) {
  const int v = std::max({b, g, r});
  const int d = v - std::min({b, g, r});
  const int per_value = v == 0 ? 0 : static_cast<int>(std::lrint(255.0 * 4096.0 / v));
  const int per_spread = d == 0 ? 0 : static_cast<int>(std::lrint(180.0 * 4096.0 / (6.0 * d)));
  const int numerator = v == r ? g - b : (v == g ? b - r + 2 * d : r - g + 4 * d);
  int h = (numerator * per_spread + 2048) >> 12;
  if (h < 0) h += 180;
  out[0] = static_cast<std::uint8_t>(h);
  out[1] = static_cast<std::uint8_t>((d * per_value + 2048) >> 12);
  out[2] = static_cast<std::uint8_t>(v);
}

TEST(Kernels, all_colours_convert_to_hsv_as_in_opencv) {
  constexpr std::size_t kRow = 65536;
  Bytes b(kRow), g(kRow), r(kRow), h(kRow), s(kRow), v(kRow);
  std::vector<std::size_t> differing(tables().size());
  for (std::size_t red = 0; red < 256; ++red) {
    for (std::size_t i = 0; i < kRow; ++i) {
      b[i] = static_cast<std::uint8_t>(i % 256);
      g[i] = static_cast<std::uint8_t>(i / 256);
      r[i] = static_cast<std::uint8_t>(red);
    }
    for (std::size_t t = 0; t < differing.size(); ++t) {
      tables()[t].kernels->bgr_to_hsv(kRow, b.data(), g.data(), r.data(), h.data(), s.data(), v.data());
      for (std::size_t i = 0; i < kRow; ++i) {
        std::uint8_t expected[3];
        hsv_by_table(b[i], g[i], r[i], expected);
        differing[t] += expected[0] != h[i] || expected[1] != s[i] || expected[2] != v[i] ? 1U : 0U;
      }
    }
  }
  for (std::size_t t = 0; t < differing.size(); ++t) EXPECT_EQ(differing[t], 0U) << tables()[t].name;
}

TEST(Kernels, every_table_gives_the_same_bits_at_every_length) {
  for (std::size_t count = 1; count < 200; count += 7) {
    const Bytes a = noise(count, 1), b = noise(count, 2), c = noise(count, 3), d = noise(count, 4);
    std::vector<std::int16_t> first(count), second(count), reference(count), blended(count);
    for (std::size_t i = 0; i < count; ++i) {
      first[i] = static_cast<std::int16_t>(i * 37 % 2049);
      second[i] = static_cast<std::int16_t>(2048 - first[i]);
    }
    const Kernels& portable = portable_kernels();
    Bytes rows(count), means(count), other(count);
    portable.blend_columns(count, a.data(), b.data(), first.data(), second.data(), reference.data());
    portable.blend_rows(count, reference.data(), reference.data(), 700, 1348, rows.data());
    portable.mean_of_four(count, a.data(), b.data(), c.data(), d.data(), means.data());
    for (const Table& table : tables()) {
      table.kernels->blend_columns(count, a.data(), b.data(), first.data(), second.data(), blended.data());
      EXPECT_EQ(blended, reference) << table.name << " " << count;
      table.kernels->blend_rows(count, blended.data(), blended.data(), 700, 1348, other.data());
      EXPECT_EQ(other, rows) << table.name << " " << count;
      table.kernels->mean_of_four(count, a.data(), b.data(), c.data(), d.data(), other.data());
      EXPECT_EQ(other, means) << table.name << " " << count;
    }
  }
}

TEST(Kernels, sums_of_long_planes_do_not_overflow) {
  const std::size_t count = 20'000'001;
  const Bytes high(count, 255);
  const Bytes low(count, 0);
  for (const Table& table : tables()) {
    EXPECT_EQ(table.kernels->sum(count, high.data()), 255U * count) << table.name;
    EXPECT_EQ(table.kernels->sum_of_differences(count, low.data(), high.data()), 255U * count) << table.name;
    EXPECT_EQ(table.kernels->sum_of_differences(count, high.data(), low.data()), 255U * count) << table.name;
  }
}

}  // namespace
}  // namespace cinescribe::scenes
