// Products of q4_K and q6_K matrices, eight rows interleaved as ggml's repack.cpp lays them out, with a few columns of
// q8_K activations, for x86 processors with AVX-512 VNNI. Ours; ggml's repack.cpp calls it through ggml-vnni.patch.
//
// Every weight is unpacked once and multiplied with up to eight columns while it is in registers: a step of a batch, of
// beams, or of a prompt reads the matrix once and not once per column. All sums within a block of 256 are exact integers;
// blocks are added in float, in order.
//
// Layout (QK_K = 256): a block of eight interleaved rows holds, for each group of 8 weights of a row, 64 bytes: 8 of
// row 0, 8 of row 1, and so on. One 512-bit register of weights therefore meets 8 activations, repeated eight times;
// lanes 2r and 2r+1 of the 32-bit sums belong to row r.
#pragma once

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__) && \
    defined(__AVX512VNNI__)
#define CINESCRIBE_K_QUANTS_VNNI 1

#include <immintrin.h>

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "weight_stream.h"

namespace k_quants_vnni {

constexpr int kBlocksAhead = 4;  ///< 5 to 7 KB: measured best from memory, harmless from a cache.

/// One of four columns whose activations are interleaved by eights.
struct InterleavedColumn {
    const block_q8_Kx4 * blocks;
    int lane;
    const int8_t * group(int block, int g) const { return blocks[block].qs + 8 * (4 * g + lane); }
    /// Sums of 16 activations each; pair p is (2p, 2p + 1).
    const int16_t * sums(int block, int pair) const {
        return blocks[block].bsums + 16 * (pair / 2) + 4 * lane + 2 * (pair % 2);
    }
    float scale(int block) const { return blocks[block].d[lane]; }
};

/// A column for itself.
struct PlainColumn {
    const block_q8_K * blocks;
    const int8_t * group(int block, int g) const { return blocks[block].qs + 8 * g; }
    const int16_t * sums(int block, int pair) const { return blocks[block].bsums + 2 * pair; }
    float scale(int block) const { return blocks[block].d; }
};

/// Up to eight columns that meet the weights together: fours of interleaved ones, then those that make up no four.
template <int kFours, int kSingles>
struct Columns {
    static constexpr int kCount = 4 * kFours + kSingles;
    InterleavedColumn interleaved[kFours > 0 ? 4 * kFours : 1];
    PlainColumn single[kSingles > 0 ? kSingles : 1];
    float * out[kCount];  ///< Where each column's eight products go.

    /// `visit(column, index)` for each.
    template <typename Visit>
    void each(Visit && visit) const {
#pragma GCC unroll 8
        for (int c = 0; c < 4 * kFours; ++c) visit(interleaved[c], c);
#pragma GCC unroll 8
        for (int c = 0; c < kSingles; ++c) visit(single[c], 4 * kFours + c);
    }
};

inline __m512i eight_times(const int8_t * activations) {
    int64_t bytes;
    memcpy(&bytes, activations, sizeof(bytes));
    return _mm512_set1_epi64(bytes);
}

inline __m256i pair_everywhere(const int16_t * sums) {
    int32_t pair;
    memcpy(&pair, sums, sizeof(pair));
    return _mm256_set1_epi32(pair);
}

/// Eight bytes to sixteen lanes, each twice.
inline __m512i twice_unsigned(uint64_t bytes) {
    return _mm512_shuffle_epi32(_mm512_cvtepu8_epi64(_mm_cvtsi64_si128(static_cast<long long>(bytes))), _MM_PERM_CCAA);
}
inline __m512i twice_signed(uint64_t bytes) {
    return _mm512_shuffle_epi32(_mm512_cvtepi8_epi64(_mm_cvtsi64_si128(static_cast<long long>(bytes))), _MM_PERM_CCAA);
}

inline __m512 floats_twice(const ggml_half * halves) {
    const __m256 eight = _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i *>(halves)));
    const __m512i order = _mm512_set_epi32(7, 7, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0);
    return _mm512_permutexvar_ps(order, _mm512_castps256_ps512(eight));
}

/// The sums of the lanes 2r and 2r + 1.
inline __m256 add_pairs(__m512 lanes) {
    const __m512i even = _mm512_set_epi32(0, 0, 0, 0, 0, 0, 0, 0, 14, 12, 10, 8, 6, 4, 2, 0);
    const __m512i odd = _mm512_set_epi32(0, 0, 0, 0, 0, 0, 0, 0, 15, 13, 11, 9, 7, 5, 3, 1);
    return _mm256_add_ps(_mm512_castps512_ps256(_mm512_permutexvar_ps(even, lanes)),
                         _mm512_castps512_ps256(_mm512_permutexvar_ps(odd, lanes)));
}

/// Six-bit scales and minima of a q4_K block: eight rows for each of the eight groups of 32 weights.
struct ScalesOfQ4K {
    uint64_t scales[8];
    uint64_t minima[8];
    explicit ScalesOfQ4K(const block_q4_Kx8 & block) {
        constexpr uint32_t kSix = 0x3f3f3f3f, kFour = 0x0f0f0f0f, kTwo = 0x03030303;
        for (int i = 0; i < 8; ++i) {
            uint32_t packed[3];
            memcpy(packed, block.scales + 12 * i, sizeof(packed));
            const uint64_t scale_high = (packed[2] & kFour) | (((packed[0] >> 6) & kTwo) << 4);
            const uint64_t minimum_high = ((packed[2] >> 4) & kFour) | (((packed[1] >> 6) & kTwo) << 4);
            scales[i] = (packed[0] & kSix) | (scale_high << 32);
            minima[i] = (packed[1] & kSix) | (minimum_high << 32);
        }
    }
    /// The minimum of the 32 weights that the pair of sums `pair` belongs to, as (m, m) in 16 bits for every row.
    __m256i minimum_twice(int pair) const {
        const __m256i wide = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(static_cast<long long>(minima[pair])));
        return _mm256_or_si256(wide, _mm256_slli_epi32(wide, 16));
    }
};

/// The eight rows of `weights` (`blocks` of them, one after the other) times every column.
template <typename Columns>
inline void multiply(const block_q4_Kx8 * weights, int blocks, const Columns & columns) {
    constexpr int kColumns = Columns::kCount;
    const __m512i low_bits = _mm512_set1_epi8(0x0f);
    __m512 sums[kColumns];
    __m256 offsets[kColumns];
    for (int c = 0; c < kColumns; ++c) {
        sums[c] = _mm512_setzero_ps();
        offsets[c] = _mm256_setzero_ps();
    }
    for (int b = 0; b < blocks; ++b) {
        weight_stream::prefetch(weights + b + kBlocksAhead);
        const block_q4_Kx8 & block = weights[b];
        const ScalesOfQ4K scales(block);
        __m512i acc[kColumns];
        for (int c = 0; c < kColumns; ++c) acc[c] = _mm512_setzero_si512();
        // Four registers of weights at a time: with more, eight columns would not fit the processor's 32 registers.
        for (int eighth = 0; eighth < 8; ++eighth) {
            __m512i weight[4];
            for (int g = 0; g < 4; ++g) {
                const __m512i packed = _mm512_loadu_si512(block.qs + 256 * (eighth / 2) + 64 * g);
                weight[g] = _mm512_and_si512(eighth % 2 == 0 ? packed : _mm512_srli_epi16(packed, 4), low_bits);
            }
            const __m512i scale = twice_unsigned(scales.scales[eighth]);
            columns.each([&](const auto & column, int c) {
                __m512i products = _mm512_setzero_si512();
                for (int g = 0; g < 4; ++g) {
                    products = _mm512_dpbusd_epi32(products, weight[g], eight_times(column.group(b, 4 * eighth + g)));
                }
                // 16 products of at most 15 x 127 fit 16 bits, so the low half of each lane times the scale is all.
                acc[c] = _mm512_dpwssd_epi32(acc[c], products, scale);
            });
        }
        const __m512 d = floats_twice(block.d);
        columns.each([&](const auto & column, int c) {
            sums[c] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(acc[c]), _mm512_mul_ps(d, _mm512_set1_ps(column.scale(b))), sums[c]);
        });
        const __m256 d_minimum = _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i *>(block.dmin)));
        __m256i below[kColumns];
        for (int c = 0; c < kColumns; ++c) below[c] = _mm256_setzero_si256();
        for (int group = 0; group < 8; ++group) {
            const __m256i minimum = scales.minimum_twice(group);
            columns.each([&](const auto & column, int c) {
                below[c] = _mm256_dpwssd_epi32(below[c], minimum, pair_everywhere(column.sums(b, group)));
            });
        }
        columns.each([&](const auto & column, int c) {
            offsets[c] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(below[c]),
                                         _mm256_mul_ps(d_minimum, _mm256_set1_ps(column.scale(b))), offsets[c]);
        });
    }
    for (int c = 0; c < kColumns; ++c) _mm256_storeu_ps(columns.out[c], _mm256_sub_ps(add_pairs(sums[c]), offsets[c]));
}

/// The same for q6_K: weights are 0..63, of which 32 is taken off through the sums of the activations.
template <typename Columns>
inline void multiply(const block_q6_Kx8 * weights, int blocks, const Columns & columns) {
    constexpr int kColumns = Columns::kCount;
    const __m512i low_bits = _mm512_set1_epi8(0x0f);
    const __m512i high_bits = _mm512_set1_epi8(0x30);
    __m512 sums[kColumns];
    __m256 offsets[kColumns];
    for (int c = 0; c < kColumns; ++c) {
        sums[c] = _mm512_setzero_ps();
        offsets[c] = _mm256_setzero_ps();
    }
    for (int b = 0; b < blocks; ++b) {
        weight_stream::prefetch(weights + b + kBlocksAhead);
        const block_q6_Kx8 & block = weights[b];
        const auto scale_bytes = [&](int sixteenth) {
            uint64_t bytes;
            memcpy(&bytes, block.scales + 8 * sixteenth, sizeof(bytes));
            return bytes;
        };
        __m512i acc[kColumns];
        for (int c = 0; c < kColumns; ++c) acc[c] = _mm512_setzero_si512();
        for (int half = 0; half < 2; ++half) {
            for (int part = 0; part < 2; ++part) {  // 16 of the 32 weights of each quarter of this half
                // Quarter q of the half: low bits in ql group 4*(q % 2) + 2*part + g, nibble q / 2; high bits in qh.
                __m512i packed[4], top[2];
                for (int g = 0; g < 2; ++g) {
                    packed[g] = _mm512_loadu_si512(block.ql + 64 * (8 * half + 2 * part + g));
                    packed[2 + g] = _mm512_loadu_si512(block.ql + 64 * (8 * half + 4 + 2 * part + g));
                    top[g] = _mm512_loadu_si512(block.qh + 64 * (4 * half + 2 * part + g));
                }
                for (int quarter = 0; quarter < 4; ++quarter) {
                    __m512i weight[2];
                    for (int g = 0; g < 2; ++g) {
                        const __m512i nibbles = packed[2 * (quarter % 2) + g];
                        const __m512i low = _mm512_and_si512(quarter < 2 ? nibbles : _mm512_srli_epi16(nibbles, 4), low_bits);
                        const __m512i bits = quarter == 0   ? _mm512_slli_epi16(top[g], 4)
                                             : quarter == 1 ? _mm512_slli_epi16(top[g], 2)
                                             : quarter == 2 ? top[g]
                                                            : _mm512_srli_epi16(top[g], 2);
                        weight[g] = _mm512_or_si512(low, _mm512_and_si512(bits, high_bits));
                    }
                    const __m512i scale = twice_signed(scale_bytes(8 * half + 2 * quarter + part));
                    const int group = 16 * half + 4 * quarter + 2 * part;
                    columns.each([&](const auto & column, int c) {
                        __m512i products = _mm512_dpbusd_epi32(_mm512_setzero_si512(), weight[0],
                                                               eight_times(column.group(b, group)));
                        products = _mm512_dpbusd_epi32(products, weight[1], eight_times(column.group(b, group + 1)));
                        acc[c] = _mm512_add_epi32(acc[c], _mm512_mullo_epi32(products, scale));
                    });
                }
            }
        }
        __m256i below[kColumns];
        for (int c = 0; c < kColumns; ++c) below[c] = _mm256_setzero_si256();
        for (int pair = 0; pair < 8; ++pair) {
            const __m256i first = _mm256_cvtepi8_epi32(_mm_cvtsi64_si128(static_cast<long long>(scale_bytes(2 * pair))));
            const __m256i second =
                _mm256_cvtepi8_epi32(_mm_cvtsi64_si128(static_cast<long long>(scale_bytes(2 * pair + 1))));
            const __m256i both = _mm256_or_si256(_mm256_and_si256(first, _mm256_set1_epi32(0xffff)),
                                                 _mm256_slli_epi32(second, 16));
            columns.each([&](const auto & column, int c) {
                below[c] = _mm256_dpwssd_epi32(below[c], both, pair_everywhere(column.sums(b, pair)));
            });
        }
        const __m512 d = floats_twice(block.d);
        const __m256 d_offset = _mm256_mul_ps(
            _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i *>(block.d))), _mm256_set1_ps(32.0f));
        columns.each([&](const auto & column, int c) {
            const float scale = column.scale(b);
            sums[c] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(acc[c]), _mm512_mul_ps(d, _mm512_set1_ps(scale)), sums[c]);
            offsets[c] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(below[c]), _mm256_mul_ps(d_offset, _mm256_set1_ps(scale)),
                                         offsets[c]);
        });
    }
    for (int c = 0; c < kColumns; ++c) _mm256_storeu_ps(columns.out[c], _mm256_sub_ps(add_pairs(sums[c]), offsets[c]));
}

/// A matrix of `rows` rows (a multiple of eight) times `count` columns of `n` activations that lie at `activations`,
/// `stride` bytes apart: as many fours as there are interleaved (block_q8_Kx4), then the rest (block_q8_K). The product
/// of column c and row r goes to out[c * out_stride + r].
template <typename Weights>
inline void multiply_matrix(int n, float * out, size_t out_stride, const void * matrix, const void * activations,
                            size_t stride, int64_t count, int64_t rows) {
    const int blocks = n / QK_K;
    const auto * weights = static_cast<const Weights *>(matrix);
    const int64_t in_fours = count - count % 4;
    const auto at = [&](int64_t column) { return static_cast<const char *>(activations) + column * stride; };
    for (int64_t row = 0; row < rows; row += 8, weights += blocks) {
        int64_t next = 0;
        const auto tile = [&](auto fours, auto singles) {
            constexpr int kFours = decltype(fours)::value;
            constexpr int kSingles = decltype(singles)::value;
            Columns<kFours, kSingles> columns;
            for (int c = 0; c < 4 * kFours; ++c) {
                columns.interleaved[c] = {reinterpret_cast<const block_q8_Kx4 *>(at(next + c / 4 * 4)), c % 4};
            }
            for (int c = 0; c < kSingles; ++c) {
                columns.single[c] = {reinterpret_cast<const block_q8_K *>(at(in_fours + c))};
            }
            for (int c = 0; c < columns.kCount; ++c) columns.out[c] = out + (next + c) * out_stride + row;
            multiply(weights, blocks, columns);
            next += columns.kCount;
        };
        const auto last_tile = [&](auto fours) {
            switch (count - in_fours) {
                case 1: return tile(fours, std::integral_constant<int, 1>());
                case 2: return tile(fours, std::integral_constant<int, 2>());
                case 3: return tile(fours, std::integral_constant<int, 3>());
                default:
                    if constexpr (decltype(fours)::value > 0) tile(fours, std::integral_constant<int, 0>());
            }
        };
        while (in_fours - next >= 8) tile(std::integral_constant<int, 2>(), std::integral_constant<int, 0>());
        if (in_fours - next >= 4) {
            last_tile(std::integral_constant<int, 1>());
        } else {
            last_tile(std::integral_constant<int, 0>());
        }
    }
}

}  // namespace k_quants_vnni

#endif
