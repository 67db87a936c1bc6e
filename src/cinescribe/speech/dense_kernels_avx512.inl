// The kernels for processors with AVX-512 and its eight-bit dot products (VNNI). Included by one file per instruction
// set, which defines CINESCRIBE_KERNELS_NAME; with __AVX512BF16__ the bfloat16 products are done by the processor,
// otherwise by two multiplications each. Everything is in an unnamed namespace: see dense_kernels.h.
#include <immintrin.h>

#include "cinescribe/speech/dense_kernels.h"

namespace cinescribe::speech {
namespace {

// Out of line, sums would go through memory.
#define CINESCRIBE_INLINE __attribute__((always_inline)) inline

constexpr std::size_t kTileRows = 6;
// Sums live in registers only when the loops over them are unrolled, which compilers do not do by themselves at this
// size.
#ifdef __clang__
#define CINESCRIBE_UNROLLED _Pragma("unroll")
#else
#define CINESCRIBE_UNROLLED _Pragma("GCC unroll 8")
#endif

constexpr std::size_t kVectors = 4;    // of 16 outputs: one panel
constexpr std::size_t kMixKeys = 128;  // keys whose values are mixed at a time

inline __m512 exp2_of(__m512 x) {
  // 2^x = 2^n 2^f with |f| <= 1/2; the polynomial's error is below 3e-7 of the value.
  const __m512 n = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  const __m512 f = _mm512_sub_ps(x, n);
  __m512 p = _mm512_set1_ps(1.5403530e-4F);
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1.3333558e-3F));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(9.6181291e-3F));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(5.5504109e-2F));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(2.4022651e-1F));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(6.9314718e-1F));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1.0F));
  return _mm512_scalef_ps(p, n);
}

/// 2^x to one part in 5,000, for numbers that are rounded to bfloat16 anyway; `x` at most 0.
inline __m512 rough_exp2_of(__m512 x) {
  const __m512 f = _mm512_reduce_ps(x, _MM_FROUND_TO_NEG_INF);  // x - floor(x)
  __m512 p = _mm512_set1_ps(7.9440236e-2F);
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(2.2449434e-1F));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(6.9606564e-1F));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(9.9989325e-1F));
  return _mm512_scalef_ps(p, x);  // times 2^floor(x)
}

inline __m512 exp_of(__m512 x) {
  const __m512 scaled = _mm512_mul_ps(x, _mm512_set1_ps(1.44269504F));
  return exp2_of(_mm512_max_ps(scaled, _mm512_set1_ps(-150.0F)));
}

/// x Phi(x), by Abramowitz and Stegun 7.1.26 (absolute error of erf below 2e-7).
inline __m512 gelu_of(__m512 x) {
  const __m512 z = _mm512_mul_ps(_mm512_abs_ps(x), _mm512_set1_ps(0.70710678F));
  const __m512 t =
      _mm512_div_ps(_mm512_set1_ps(1.0F), _mm512_fmadd_ps(z, _mm512_set1_ps(0.3275911F), _mm512_set1_ps(1.0F)));
  __m512 p = _mm512_set1_ps(1.061405429F);
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(-1.453152027F));
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(1.421413741F));
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(-0.284496736F));
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.254829592F));
  p = _mm512_mul_ps(p, t);
  // half of 1 - erf(|z|); for positive x the tail is taken from x, for negative it is all there is.
  const __m512 tail = _mm512_mul_ps(_mm512_mul_ps(p, exp_of(_mm512_sub_ps(_mm512_setzero_ps(), _mm512_mul_ps(z, z)))),
                                    _mm512_set1_ps(0.5F));
  const __m512 scaled_tail = _mm512_mul_ps(x, tail);
  const __mmask16 is_negative = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ);
  return _mm512_mask_blend_ps(is_negative, _mm512_sub_ps(x, scaled_tail), scaled_tail);
}

inline __m256i bf16_of(__m512 x) {
#ifdef __AVX512BF16__
  return reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(x));
#else
  const __m512i bits = _mm512_castps_si512(x);
  const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const __m512i rounded = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7FFF)), odd);
  return _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16));
#endif
}

inline __m512 add_bf16_products(__m512 sum, __m512i a, __m512i b) {
#ifdef __AVX512BF16__
  return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
#else
  const __m512i high = _mm512_set1_epi32(static_cast<int>(0xFFFF0000U));
  sum = _mm512_fmadd_ps(_mm512_castsi512_ps(_mm512_slli_epi32(a, 16)), _mm512_castsi512_ps(_mm512_slli_epi32(b, 16)),
                        sum);
  return _mm512_fmadd_ps(_mm512_castsi512_ps(_mm512_and_si512(a, high)), _mm512_castsi512_ps(_mm512_and_si512(b, high)),
                         sum);
#endif
}

inline __m512i broadcast_dword(const void* from) {
  int bits;
  __builtin_memcpy(&bits, from, sizeof bits);
  return _mm512_set1_epi32(bits);
}

inline __mmask16 lanes_below(std::size_t count) {
  return count >= 16 ? static_cast<__mmask16>(0xFFFF) : static_cast<__mmask16>((1U << count) - 1U);
}

void quantise(const float* row, std::size_t depth, std::int8_t* values, float* scale, std::int32_t* sum) {
  __m512 largest = _mm512_setzero_ps();
  for (std::size_t i = 0; i < depth; i += 16) {
    largest = _mm512_max_ps(largest, _mm512_abs_ps(_mm512_maskz_loadu_ps(lanes_below(depth - i), row + i)));
  }
  const float top = _mm512_reduce_max_ps(largest);
  const float step = top > 0.0F ? top / 127.0F : 1.0F;
  const __m512 inverse = _mm512_set1_ps(1.0F / step);
  __m512i total = _mm512_setzero_si512();
  for (std::size_t i = 0; i < depth; i += 16) {
    const __mmask16 lanes = lanes_below(depth - i);
    const __m512 scaled = _mm512_mul_ps(_mm512_maskz_loadu_ps(lanes, row + i), inverse);
    // Of a NaN the maximum takes its second operand.
    const __m512 bounded = _mm512_min_ps(_mm512_max_ps(scaled, _mm512_set1_ps(-127.0F)), _mm512_set1_ps(127.0F));
    const __m512i rounded = _mm512_cvtps_epi32(bounded);
    total = _mm512_add_epi32(total, rounded);
    _mm512_mask_cvtsepi32_storeu_epi8(values + i, lanes, rounded);
  }
  *scale = step;
  *sum = _mm512_reduce_add_epi32(total);
}

inline void finish(__m512 value, ProductMode mode, float* out, __mmask16 lanes) {
  if (mode == ProductMode::kStoreGelu) value = gelu_of(value);
  if (mode == ProductMode::kAdd) value = _mm512_add_ps(value, _mm512_maskz_loadu_ps(lanes, out));
  _mm512_mask_storeu_ps(out, lanes, value);
}

#define CINESCRIBE_FOR_REST(count, call) \
  switch (count) {                       \
    case 1:                              \
      call(1);                           \
      break;                             \
    case 2:                              \
      call(2);                           \
      break;                             \
    case 3:                              \
      call(3);                           \
      break;                             \
    case 4:                              \
      call(4);                           \
      break;                             \
    case 5:                              \
      call(5);                           \
      break;                             \
    default:                             \
      break;                             \
  }

template <std::size_t Rows>
void int8_tile(const Int8Rows& a, std::size_t first, const Int8Panels& w, std::size_t panel, ProductMode mode,
               float* out, std::size_t stride) {
  __m512i sum[Rows][kVectors];
  CINESCRIBE_UNROLLED
  for (std::size_t r = 0; r < Rows; ++r) {
    CINESCRIBE_UNROLLED
    for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = _mm512_setzero_si512();
  }
  const std::int8_t* left = a.values + first * a.depth;
  const std::uint8_t* right = w.panels + panel * w.depth * kPanelWidth;
  for (std::size_t k = 0; k < w.depth; k += 4, right += 4 * kPanelWidth) {
    __m512i weight[kVectors];
    CINESCRIBE_UNROLLED
    for (std::size_t v = 0; v < kVectors; ++v) weight[v] = _mm512_load_si512(right + v * 64);
    CINESCRIBE_UNROLLED
    for (std::size_t r = 0; r < Rows; ++r) {
      const __m512i x = broadcast_dword(left + r * a.depth + k);
      CINESCRIBE_UNROLLED
      for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = _mm512_dpbusd_epi32(sum[r][v], weight[v], x);
    }
  }
  const std::size_t column = panel * kPanelWidth;
  CINESCRIBE_UNROLLED
  for (std::size_t v = 0; v < kVectors; ++v) {
    const std::size_t at = column + v * 16;
    if (at >= w.width) continue;
    const __mmask16 lanes = lanes_below(w.width - at);
    const __m512 scale = _mm512_loadu_ps(w.scales + at);
    const __m512 bias = _mm512_loadu_ps(w.biases + at);
    CINESCRIBE_UNROLLED
    for (std::size_t r = 0; r < Rows; ++r) {
      // Weights are stored with 128 added: take its share out again.
      const __m512i exact = _mm512_sub_epi32(sum[r][v], _mm512_set1_epi32(128 * a.sums[first + r]));
      const __m512 factor = _mm512_mul_ps(scale, _mm512_set1_ps(a.scales[first + r]));
      finish(_mm512_fmadd_ps(_mm512_cvtepi32_ps(exact), factor, bias), mode, out + r * stride + at, lanes);
    }
  }
}

void multiply_int8(const Int8Rows& rows, const Int8Panels& w, ProductMode mode, float* out, std::size_t stride) {
  for (std::size_t panel = 0; panel * kPanelWidth < w.width; ++panel) {
    std::size_t r = 0;
    for (; r + kTileRows <= rows.count; r += kTileRows) {
      int8_tile<kTileRows>(rows, r, w, panel, mode, out + r * stride, stride);
    }
    float* rest = out + r * stride;
#define CINESCRIBE_PRODUCT(n) int8_tile<n>(rows, r, w, panel, mode, rest, stride)
    CINESCRIBE_FOR_REST(rows.count - r, CINESCRIBE_PRODUCT)
#undef CINESCRIBE_PRODUCT
  }
}

template <std::size_t Rows>
CINESCRIBE_INLINE void clear(__m512 (&sum)[Rows][kVectors]) {
  CINESCRIBE_UNROLLED
  for (std::size_t r = 0; r < Rows; ++r) {
    CINESCRIBE_UNROLLED
    for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = _mm512_setzero_ps();
  }
}

/// Adds left x right to `sum`.
template <std::size_t Rows>
CINESCRIBE_INLINE void bf16_tile(const std::uint16_t* left, std::size_t a_stride, const std::uint16_t* right,
                                 std::size_t depth, __m512 (&sum)[Rows][kVectors]) {
  for (std::size_t k = 0; k < depth; k += 2, right += 2 * kPanelWidth) {
    __m512i b[kVectors];
    CINESCRIBE_UNROLLED
    for (std::size_t v = 0; v < kVectors; ++v) b[v] = _mm512_load_si512(right + v * 32);
    CINESCRIBE_UNROLLED
    for (std::size_t r = 0; r < Rows; ++r) {
      const __m512i x = broadcast_dword(left + r * a_stride + k);
      CINESCRIBE_UNROLLED
      for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = add_bf16_products(sum[r][v], x, b[v]);
    }
  }
}

template <std::size_t Rows>
void bf16_product_tile(const std::uint16_t* left, std::size_t a_stride, const Bf16Panels& w, std::size_t panel,
                       ProductMode mode, float* out, std::size_t stride) {
  __m512 sum[Rows][kVectors];
  clear<Rows>(sum);
  bf16_tile<Rows>(left, a_stride, w.panels + panel * w.depth * kPanelWidth, w.depth, sum);
  const std::size_t column = panel * kPanelWidth;
  CINESCRIBE_UNROLLED
  for (std::size_t v = 0; v < kVectors; ++v) {
    const std::size_t at = column + v * 16;
    if (at >= w.width) continue;
    const __mmask16 lanes = lanes_below(w.width - at);
    const __m512 bias = w.biases == nullptr ? _mm512_setzero_ps() : _mm512_loadu_ps(w.biases + at);
    CINESCRIBE_UNROLLED
    for (std::size_t r = 0; r < Rows; ++r) finish(_mm512_add_ps(sum[r][v], bias), mode, out + r * stride + at, lanes);
  }
}

void multiply_bf16(const std::uint16_t* rows, std::size_t a_stride, std::size_t count, const Bf16Panels& w,
                   ProductMode mode, float* out, std::size_t stride) {
  for (std::size_t panel = 0; panel * kPanelWidth < w.width; ++panel) {
    std::size_t r = 0;
    for (; r + kTileRows <= count; r += kTileRows) {
      bf16_product_tile<kTileRows>(rows + r * a_stride, a_stride, w, panel, mode, out + r * stride, stride);
    }
    for (; r < count; ++r)
      bf16_product_tile<1>(rows + r * a_stride, a_stride, w, panel, mode, out + r * stride, stride);
  }
}

template <std::size_t Rows>
void f32_tile(const float* left, std::size_t a_stride, const float* right, std::size_t depth, std::size_t width,
              float* out, std::size_t stride) {
  __m512 sum[Rows][kVectors];
  clear<Rows>(sum);
  for (std::size_t k = 0; k < depth; ++k, right += width) {
    __m512 b[kVectors];
    CINESCRIBE_UNROLLED
    for (std::size_t v = 0; v < kVectors; ++v) b[v] = _mm512_loadu_ps(right + v * 16);
    CINESCRIBE_UNROLLED
    for (std::size_t r = 0; r < Rows; ++r) {
      const __m512 x = _mm512_set1_ps(left[r * a_stride + k]);
      CINESCRIBE_UNROLLED
      for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = _mm512_fmadd_ps(x, b[v], sum[r][v]);
    }
  }
  CINESCRIBE_UNROLLED
  for (std::size_t r = 0; r < Rows; ++r) {
    CINESCRIBE_UNROLLED
    for (std::size_t v = 0; v < kVectors; ++v) _mm512_storeu_ps(out + r * stride + v * 16, sum[r][v]);
  }
}

void multiply_f32(const float* rows, std::size_t a_stride, std::size_t count, const float* matrix, std::size_t depth,
                  std::size_t width, float* out, std::size_t stride) {
  for (std::size_t column = 0; column < width; column += kPanelWidth) {
    std::size_t r = 0;
    for (; r + kTileRows <= count; r += kTileRows) {
      f32_tile<kTileRows>(rows + r * a_stride, a_stride, matrix + column, depth, width, out + r * stride + column,
                          stride);
    }
    for (; r < count; ++r) {
      f32_tile<1>(rows + r * a_stride, a_stride, matrix + column, depth, width, out + r * stride + column, stride);
    }
  }
}

void to_bf16(const float* in, std::size_t count, std::uint16_t* out) {
  for (std::size_t i = 0; i < count; i += 16) {
    const __mmask16 lanes = lanes_below(count - i);
    _mm256_mask_storeu_epi16(out + i, lanes, bf16_of(_mm512_maskz_loadu_ps(lanes, in + i)));
  }
}

void layer_norm(const float* row, const float* gain, const float* bias, std::size_t size, float* out) {
  __m512 sum = _mm512_setzero_ps();
  for (std::size_t i = 0; i < size; i += 16)
    sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(lanes_below(size - i), row + i));
  const __m512 mean = _mm512_set1_ps(_mm512_reduce_add_ps(sum) / static_cast<float>(size));
  __m512 squares = _mm512_setzero_ps();
  for (std::size_t i = 0; i < size; i += 16) {
    const __mmask16 lanes = lanes_below(size - i);
    const __m512 d = _mm512_maskz_sub_ps(lanes, _mm512_maskz_loadu_ps(lanes, row + i), mean);
    squares = _mm512_fmadd_ps(d, d, squares);
  }
  const float variance = _mm512_reduce_add_ps(squares) / static_cast<float>(size);
  const __m512 inverse = _mm512_div_ps(_mm512_set1_ps(1.0F), _mm512_sqrt_ps(_mm512_set1_ps(variance + 1e-5F)));
  for (std::size_t i = 0; i < size; i += 16) {
    const __mmask16 lanes = lanes_below(size - i);
    const __m512 d = _mm512_sub_ps(_mm512_maskz_loadu_ps(lanes, row + i), mean);
    const __m512 scaled = _mm512_fmadd_ps(_mm512_mul_ps(d, inverse), _mm512_maskz_loadu_ps(lanes, gain + i),
                                          _mm512_maskz_loadu_ps(lanes, bias + i));
    _mm512_mask_storeu_ps(out + i, lanes, scaled);
  }
}

template <std::size_t Rows>
void score_tile(const std::uint16_t* queries, const std::uint16_t* panel, float* scores, std::size_t stride) {
  __m512 sum[Rows][kVectors];
  clear<Rows>(sum);
  bf16_tile<Rows>(queries, kHeadSize, panel, kHeadSize, sum);
  CINESCRIBE_UNROLLED
  for (std::size_t r = 0; r < Rows; ++r) {
    CINESCRIBE_UNROLLED
    for (std::size_t v = 0; v < kVectors; ++v) _mm512_store_ps(scores + r * stride + v * 16, sum[r][v]);
  }
}

/// Adds weights x values to `out`, `kPanelWidth` numbers a row.
template <std::size_t Rows>
void mix_tile(const std::uint16_t* weights, std::size_t stride, const std::uint16_t* values, std::size_t depth,
              float* out) {
  __m512 sum[Rows][kVectors];
  CINESCRIBE_UNROLLED
  for (std::size_t r = 0; r < Rows; ++r) {
    CINESCRIBE_UNROLLED
    for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = _mm512_load_ps(out + r * kPanelWidth + v * 16);
  }
  bf16_tile<Rows>(weights, stride, values, depth, sum);
  CINESCRIBE_UNROLLED
  for (std::size_t r = 0; r < Rows; ++r) {
    CINESCRIBE_UNROLLED
    for (std::size_t v = 0; v < kVectors; ++v) _mm512_store_ps(out + r * kPanelWidth + v * 16, sum[r][v]);
  }
}

/// Scores of one row to unnormalised weights in bf16; returns their sum.
float weigh(const float* scores, std::size_t positions, std::size_t padded, std::uint16_t* weights) {
  __m512 largest = _mm512_set1_ps(-__builtin_inff());
  for (std::size_t i = 0; i < positions; i += 16) {
    largest = _mm512_mask_max_ps(largest, lanes_below(positions - i), largest, _mm512_load_ps(scores + i));
  }
  const __m512 top = _mm512_set1_ps(_mm512_reduce_max_ps(largest));
  __m512 total = _mm512_setzero_ps();
  std::size_t i = 0;
  for (; i < positions; i += 16) {
    const __mmask16 lanes = lanes_below(positions - i);
    const __m512 distance = _mm512_sub_ps(_mm512_load_ps(scores + i), top);
    const __m512 weight = _mm512_maskz_mov_ps(lanes, rough_exp2_of(distance));
    _mm256_store_si256(reinterpret_cast<__m256i*>(weights + i), bf16_of(weight));
    total = _mm512_add_ps(total, weight);
  }
  for (; i < padded; i += 16) _mm256_store_si256(reinterpret_cast<__m256i*>(weights + i), _mm256_setzero_si256());
  return _mm512_reduce_add_ps(total);
}

void export_weights(const std::uint16_t* weights, std::size_t positions, float total, float* out) {
  const __m512 factor = _mm512_set1_ps(1.0F / total);
  for (std::size_t i = 0; i < positions; i += 16) {
    const __mmask16 lanes = lanes_below(positions - i);
    const __m256i bits = _mm256_load_si256(reinterpret_cast<const __m256i*>(weights + i));
    const __m512 w = _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
    _mm512_mask_storeu_ps(out + i, lanes, _mm512_mul_ps(w, factor));
  }
}

void attend_block(const HeadTask& task, std::size_t first, std::size_t rows) {
  const std::size_t padded = padded_positions(task.positions);
  auto* scores = static_cast<float*>(task.scratch);
  auto* weights = reinterpret_cast<std::uint16_t*>(scores + kAttentionRows * padded);
  std::uint16_t* queries = weights + kAttentionRows * padded;
  float totals[kAttentionRows];
  for (std::size_t r = 0; r < rows; ++r) {
    to_bf16(task.queries + (first + r) * task.query_stride, kHeadSize, queries + r * kHeadSize);
  }
  for (std::size_t key = 0; key < padded; key += kPanelWidth) {
    const std::uint16_t* panel = task.keys + key * kHeadSize;
    std::size_t r = 0;
    for (; r + kTileRows <= rows; r += kTileRows) {
      score_tile<kTileRows>(queries + r * kHeadSize, panel, scores + r * padded + key, padded);
    }
#define CINESCRIBE_SCORE(n) score_tile<n>(queries + r * kHeadSize, panel, scores + r * padded + key, padded)
    CINESCRIBE_FOR_REST(rows - r, CINESCRIBE_SCORE)
#undef CINESCRIBE_SCORE
  }
  for (std::size_t r = 0; r < rows; ++r) {
    totals[r] = weigh(scores + r * padded, task.positions, padded, weights + r * padded);
    if (task.weights != nullptr) {
      export_weights(weights + r * padded, task.positions, totals[r], task.weights + (first + r) * task.positions);
    }
  }
  // A stretch of values serves all rows while it is in the first-level cache.
  alignas(64) float mixed[kAttentionRows * kHeadSize] = {};
  for (std::size_t key = 0; key < padded; key += kMixKeys) {
    const std::size_t depth = padded - key < kMixKeys ? padded - key : kMixKeys;
    const std::uint16_t* values = task.values + key * kHeadSize;
    std::size_t r = 0;
    for (; r + kTileRows <= rows; r += kTileRows) {
      mix_tile<kTileRows>(weights + r * padded + key, padded, values, depth, mixed + r * kHeadSize);
    }
#define CINESCRIBE_MIX(n) mix_tile<n>(weights + r * padded + key, padded, values, depth, mixed + r * kHeadSize)
    CINESCRIBE_FOR_REST(rows - r, CINESCRIBE_MIX)
#undef CINESCRIBE_MIX
  }
  for (std::size_t r = 0; r < rows; ++r) {
    const __m512 factor = _mm512_set1_ps(1.0F / totals[r]);
    float* out = task.out + (first + r) * task.out_stride;
    for (std::size_t d = 0; d < kHeadSize; d += 16) {
      _mm512_storeu_ps(out + d, _mm512_mul_ps(_mm512_load_ps(mixed + r * kHeadSize + d), factor));
    }
  }
}

void attend(const HeadTask& task) {
  for (std::size_t first = 0; first < task.rows; first += kAttentionRows) {
    const std::size_t left = task.rows - first;
    attend_block(task, first, left < kAttentionRows ? left : kAttentionRows);
  }
}

void pack_keys(const float* keys, std::size_t stride, std::size_t rows, std::uint16_t* panel) {
  std::uint32_t pairs[kHeadSize / 2];
  auto* out = reinterpret_cast<std::uint32_t*>(panel);
  for (std::size_t key = 0; key < kPanelWidth; ++key) {
    if (key < rows) {
      to_bf16(keys + key * stride, kHeadSize, reinterpret_cast<std::uint16_t*>(pairs));
    } else {
      for (std::uint32_t& pair : pairs) pair = 0;
    }
    for (std::size_t i = 0; i < kHeadSize / 2; ++i) out[i * kPanelWidth + key] = pairs[i];
  }
}

void pack_values(const float* values, std::size_t stride, std::size_t rows, std::uint16_t* panel) {
  for (std::size_t row = 0; row < rows; row += 2) {
    for (std::size_t d = 0; d < kHeadSize; d += 16) {
      const __m512i even = _mm512_cvtepu16_epi32(bf16_of(_mm512_loadu_ps(values + row * stride + d)));
      const __m512i odd = row + 1 < rows
                              ? _mm512_cvtepu16_epi32(bf16_of(_mm512_loadu_ps(values + (row + 1) * stride + d)))
                              : _mm512_setzero_si512();
      _mm512_storeu_si512(panel + row * kHeadSize + d * 2, _mm512_or_si512(even, _mm512_slli_epi32(odd, 16)));
    }
  }
}

float dot(const float* a, const float* b, std::size_t size) {
  __m512 sum = _mm512_setzero_ps();
  for (std::size_t i = 0; i < size; i += 16) sum = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), sum);
  return _mm512_reduce_add_ps(sum);
}

void add_scaled(float factor, const float* in, std::size_t size, float* out) {
  const __m512 f = _mm512_set1_ps(factor);
  for (std::size_t i = 0; i < size; i += 16) {
    const __mmask16 lanes = lanes_below(size - i);
    _mm512_mask_storeu_ps(
        out + i, lanes,
        _mm512_fmadd_ps(f, _mm512_maskz_loadu_ps(lanes, in + i), _mm512_maskz_loadu_ps(lanes, out + i)));
  }
}

void log_sum_parts(const float* x, std::size_t size, float* largest, double* sum) {
  const __m512 lowest = _mm512_set1_ps(-__builtin_inff());
  __m512 high = lowest;
  for (std::size_t i = 0; i < size; i += 16) {
    high = _mm512_max_ps(high, _mm512_mask_loadu_ps(lowest, lanes_below(size - i), x + i));
  }
  *largest = _mm512_reduce_max_ps(high);
  const __m512 top = _mm512_set1_ps(*largest);
  __m512 total = _mm512_setzero_ps();
  for (std::size_t i = 0; i < size; i += 16) {
    const __mmask16 lanes = lanes_below(size - i);
    const __m512 value = _mm512_mask_loadu_ps(lowest, lanes, x + i);
    total = _mm512_mask_add_ps(total, lanes, total, exp_of(_mm512_sub_ps(value, top)));
  }
  *sum = static_cast<double>(_mm512_reduce_add_ps(total));
}

inline void order(__m512& a, __m512& b) {
  const __m512 low = _mm512_min_ps(a, b);
  b = _mm512_max_ps(a, b);
  a = low;
}

void median_of_seven(const float* in, std::size_t size, float* out) {
  for (std::size_t i = 0; i < size; i += 16) {
    const __mmask16 lanes = lanes_below(size - i);
    __m512 x[7];
    for (std::size_t k = 0; k < 7; ++k) x[k] = _mm512_maskz_loadu_ps(lanes, in + i + k);
    // The part of a sorting network that the middle one depends on.
    order(x[0], x[5]), order(x[0], x[3]), order(x[1], x[6]), order(x[2], x[4]), order(x[0], x[1]), order(x[3], x[5]);
    order(x[2], x[6]), order(x[2], x[3]), order(x[3], x[6]), order(x[4], x[5]), order(x[1], x[4]), order(x[1], x[3]);
    order(x[3], x[4]);
    _mm512_mask_storeu_ps(out + i, lanes, x[3]);
  }
}

}  // namespace

const DenseKernels& CINESCRIBE_KERNELS_FUNCTION() {
  static const DenseKernels kernels = {CINESCRIBE_KERNELS_NAME,
                                       quantise,
                                       multiply_int8,
                                       multiply_bf16,
                                       multiply_f32,
                                       to_bf16,
                                       layer_norm,
                                       attend,
                                       pack_keys,
                                       pack_values,
                                       dot,
                                       add_scaled,
                                       log_sum_parts,
                                       median_of_seven};
  return kernels;
}

}  // namespace cinescribe::speech
