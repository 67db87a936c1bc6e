// Products of q8_0 matrices for x86 processors with AVX-512 VNNI: sixteen rows interleaved, up to eight columns at a
// time. Ours; ggml's repack.cpp includes it through ggml-vnni.patch, where its types are known.
//
// ggml multiplies q8_0 on x86 row by column, and spends more instructions on signs and scales than on products. Here a
// block of 32 weights of sixteen rows lies in eight 512-bit registers, each of which meets four activations of a column
// that the instruction itself repeats sixteen times: eight products and four other instructions per block and column.
//
// Layout in memory, of the same size as in the file: Q8Strip per block, strips of sixteen rows one after the other.
// Weights are stored with 128 added, since the processor multiplies unsigned by signed bytes; what that adds, 128 times
// the sum of the activations, is taken off when a block starts.
//
// Activations are rounded to eight bits per block of 32 with a scale in single precision (ggml keeps it in half).
// Sums within a block are exact integers; blocks are added in float, in order.
#pragma once

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__) && \
    defined(__AVX512VNNI__)
#define CINESCRIBE_Q8_0_VNNI 1

#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "weight_stream.h"

namespace q8_0_vnni {

constexpr int kRows = 16;         ///< Rows of a strip.
constexpr int kBlocksAhead = 16;  ///< 9 KB: measured best from memory, harmless from a cache.

/// 32 weights of sixteen rows.
struct Strip {
    ggml_half d[kRows];
    uint8_t qs[QK8_0 / 4][kRows][4];  ///< Four neighbours of every row; 128 added.
};
static_assert(sizeof(Strip) == kRows * sizeof(block_q8_0), "a strip takes the room of its blocks");

/// 32 activations of a column.
struct Activations {
    float d;
    int32_t offset;  ///< -128 times the sum of qs.
    int8_t qs[QK8_0];
};

/// Sixteen rows of blocks, `blocks` each, to strips. `to` and `from` must not overlap.
inline void interleave(Strip * to, const block_q8_0 * from, int64_t blocks) {
    for (int64_t b = 0; b < blocks; ++b) {
        for (int row = 0; row < kRows; ++row) {
            const block_q8_0 & block = from[row * blocks + b];
            to[b].d[row] = block.d;
            for (int g = 0; g < QK8_0 / 4; ++g) {
                uint32_t four;
                memcpy(&four, block.qs + 4 * g, sizeof(four));
                four ^= 0x80808080;  // adds 128 to each
                memcpy(to[b].qs[g][row], &four, sizeof(four));
            }
        }
    }
}

inline void quantise(Activations * to, const float * from, int64_t blocks) {
    for (int64_t b = 0; b < blocks; ++b) {
        const __m512 low = _mm512_loadu_ps(from + QK8_0 * b);
        const __m512 high = _mm512_loadu_ps(from + QK8_0 * b + 16);
        const float largest = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(low), _mm512_abs_ps(high)));
        const __m512 inverse = _mm512_set1_ps(largest > 0.0f ? 127.0f / largest : 0.0f);
        const __m128i first = _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32(_mm512_mul_ps(low, inverse)));
        const __m128i second = _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32(_mm512_mul_ps(high, inverse)));
        _mm_storeu_si128(reinterpret_cast<__m128i *>(to[b].qs), first);
        _mm_storeu_si128(reinterpret_cast<__m128i *>(to[b].qs + 16), second);
        const __m128i weights = _mm_set1_epi8(static_cast<char>(-128));  // unsigned: 128
        const __m128i sums = _mm_dpbusd_epi32(_mm_dpbusd_epi32(_mm_setzero_si128(), weights, first), weights, second);
        const __m128i pairs = _mm_add_epi32(sums, _mm_shuffle_epi32(sums, 0x4e));
        to[b].offset = -(_mm_cvtsi128_si32(pairs) + _mm_extract_epi32(pairs, 1));
        to[b].d = largest / 127.0f;
    }
}

inline __m512i four_everywhere(const int8_t * activations) {
    int32_t bytes;
    memcpy(&bytes, activations, sizeof(bytes));
    return _mm512_set1_epi32(bytes);
}

/// The sixteen rows of a strip times `kColumns` columns of `blocks` blocks that lie one after the other; the products
/// of column c go to out + c * out_stride.
template <int kColumns>
inline void multiply(const Strip * weights, const Activations * columns, int64_t blocks, float * out, size_t out_stride) {
    __m512 sums[kColumns];
    for (int c = 0; c < kColumns; ++c) sums[c] = _mm512_setzero_ps();
    for (int64_t b = 0; b < blocks; ++b) {
        weight_stream::prefetch(weights + b + kBlocksAhead);
        __m512i four[QK8_0 / 4];
        for (int g = 0; g < QK8_0 / 4; ++g) four[g] = _mm512_loadu_si512(weights[b].qs[g]);
        const __m512 d = _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(weights[b].d)));
#pragma GCC unroll 8
        for (int c = 0; c < kColumns; ++c) {
            const Activations & column = columns[c * blocks + b];
            __m512i products = _mm512_set1_epi32(column.offset);
            for (int g = 0; g < QK8_0 / 4; ++g) {
                products = _mm512_dpbusd_epi32(products, four[g], four_everywhere(column.qs + 4 * g));
            }
            sums[c] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(products), _mm512_mul_ps(d, _mm512_set1_ps(column.d)), sums[c]);
        }
    }
    for (int c = 0; c < kColumns; ++c) _mm512_storeu_ps(out + c * out_stride, sums[c]);
}

/// `strips` strips times `count` columns.
inline void multiply_strips(const Strip * weights, int64_t strips, const Activations * columns, int64_t count, int64_t blocks,
                            float * out, size_t out_stride) {
    constexpr int64_t kPanel = 32;  // columns that stay in the second cache while all strips pass
    for (int64_t panel = 0; panel < count; panel += kPanel) {
        const int64_t end = std::min(panel + kPanel, count);
        for (int64_t s = 0; s < strips; ++s) {
            const Strip * strip = weights + s * blocks;
            int64_t c = panel;
            const auto tile = [&](auto width) {
                constexpr int kColumns = decltype(width)::value;
                multiply<kColumns>(strip, columns + c * blocks, blocks, out + c * out_stride + s * kRows, out_stride);
                c += kColumns;
            };
            while (end - c >= 8) tile(std::integral_constant<int, 8>());
            switch (end - c) {
                case 7: tile(std::integral_constant<int, 7>()); break;
                case 6: tile(std::integral_constant<int, 6>()); break;
                case 5: tile(std::integral_constant<int, 5>()); break;
                case 4: tile(std::integral_constant<int, 4>()); break;
                case 3: tile(std::integral_constant<int, 3>()); break;
                case 2: tile(std::integral_constant<int, 2>()); break;
                case 1: tile(std::integral_constant<int, 1>()); break;
                default: break;
            }
        }
    }
}

/// How ggml's interleaving buffers hold and multiply a q8_0 matrix of two dimensions whose rows make up whole strips.
class Traits : public ggml::cpu::repack::tensor_traits_base {
    int repack(ggml_tensor * tensor, const void * data, size_t data_size) override {
        const int64_t blocks = tensor->ne[0] / QK8_0;
        const int64_t rows = ggml_nrows(tensor);
        GGML_ASSERT(tensor->type == GGML_TYPE_Q8_0 && rows % kRows == 0);
        GGML_ASSERT(data_size == rows * blocks * sizeof(block_q8_0));
        auto * strips = static_cast<Strip *>(tensor->data);
        const auto * from = static_cast<const block_q8_0 *>(data);
        for (int64_t row = 0; row < rows; row += kRows) {
            interleave(strips + row / kRows * blocks, from + row * blocks, blocks);
        }
        return 0;
    }

    bool work_size(int, const ggml_tensor * op, size_t & size) override {
        if (op->op != GGML_OP_MUL_MAT) return false;
        size = ggml_nelements(op->src[1]) / QK8_0 * sizeof(Activations);
        return true;
    }

    bool compute_forward(ggml_compute_params * params, ggml_tensor * op) override {
        if (op->op != GGML_OP_MUL_MAT) return false;
        const ggml_tensor * matrix = op->src[0];
        const ggml_tensor * input = op->src[1];
        GGML_ASSERT(input->type == GGML_TYPE_F32 && input->nb[0] == sizeof(float));
        GGML_ASSERT(op->nb[0] == sizeof(float) && op->nb[1] % sizeof(float) == 0);
        GGML_ASSERT(matrix->ne[2] == 1 && matrix->ne[3] == 1);
        const int64_t blocks = matrix->ne[0] / QK8_0;
        const int64_t plane = input->ne[1];
        const int64_t planes = input->ne[2] * input->ne[3];
        auto * columns = static_cast<Activations *>(params->wdata);
        GGML_ASSERT(plane * planes * blocks * sizeof(Activations) <= params->wsize);

        for (int64_t c = params->ith; c < plane * planes; c += params->nth) {
            const int64_t i1 = c % plane, i2 = c / plane % input->ne[2], i3 = c / plane / input->ne[2];
            const char * from = static_cast<const char *>(input->data) + i1 * input->nb[1] + i2 * input->nb[2] + i3 * input->nb[3];
            quantise(columns + c * blocks, reinterpret_cast<const float *>(from), blocks);
        }
        // Threads take chunks of strips as they get free: four for each, if there are as many strips.
        const int64_t strips = matrix->ne[1] / kRows;
        const int64_t chunks = std::min<int64_t>(strips, params->nth == 1 ? 1 : 4 * params->nth);
        if (params->ith == 0) ggml_threadpool_chunk_set(params->threadpool, params->nth);
        ggml_barrier(params->threadpool);
        for (int64_t chunk = params->ith; chunk < chunks; chunk = ggml_threadpool_chunk_add(params->threadpool, 1)) {
            const int64_t first = strips * chunk / chunks;
            const int64_t count = strips * (chunk + 1) / chunks - first;
            for (int64_t p = 0; p < planes; ++p) {
                char * out = static_cast<char *>(op->data) + p % op->ne[2] * op->nb[2] + p / op->ne[2] * op->nb[3];
                multiply_strips(static_cast<const Strip *>(matrix->data) + first * blocks, count, columns + p * plane * blocks,
                                plane, blocks, reinterpret_cast<float *>(out) + first * kRows, op->nb[1] / sizeof(float));
            }
        }
        return true;
    }
};

}  // namespace q8_0_vnni

#endif
