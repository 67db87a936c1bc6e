#pragma once

#include <cstddef>
#include <cstdint>

namespace cinescribe::speech {

// Only plain types here: implementations are compiled for other instruction sets than the rest of the program, so they
// must not instantiate anything that the linker could hand to code that runs everywhere.

/// Columns of a packed matrix that one panel holds, and the head size that the attention is written for.
inline constexpr std::size_t kPanelWidth = 64;
inline constexpr std::size_t kHeadSize = 64;

/// Rows of activations in eight bits: value = values * scale, one scale per row.
struct Int8Rows {
  const std::int8_t* values = nullptr;  ///< `count` rows of `depth` numbers, -127..127.
  const float* scales = nullptr;
  const std::int32_t* sums = nullptr;  ///< Of the row's eight-bit numbers.
  std::size_t count = 0;
  std::size_t depth = 0;  ///< A multiple of 4.
};

/// A weight matrix of `width` x `depth` in eight bits, packed for products with rows.
/// Panel p holds outputs 64 p .. 64 p + 63 as [depth / 4][64][4] of weight + 128; outputs past `width` are 128.
struct Int8Panels {
  const std::uint8_t* panels = nullptr;  ///< 64-byte aligned.
  const float* scales = nullptr;         ///< One per output, rounded up to whole panels.
  const float* biases = nullptr;         ///< As many; never null.
  std::size_t width = 0;
  std::size_t depth = 0;
};

enum class ProductMode { kStore, kStoreGelu, kAdd };

/// bfloat16 panels: [depth / 2][64][2]; a matrix of several panels has them one after the other.
struct Bf16Panels {
  const std::uint16_t* panels = nullptr;  ///< 64-byte aligned.
  const float* biases = nullptr;          ///< One per output, rounded up to whole panels; may be null.
  std::size_t width = 0;
  std::size_t depth = 0;  ///< A multiple of 2.
};

/// One attention head over sound that has been encoded: softmax(queries keys^T) values.
struct HeadTask {
  const float* queries = nullptr;  ///< Rows of 64 numbers, `query_stride` apart, scaled by log2(e) / sqrt(64).
  std::size_t query_stride = 0;
  std::size_t rows = 0;
  const std::uint16_t* keys = nullptr;    ///< bf16 panels of 64 keys: [key / 64][32][64][2].
  const std::uint16_t* values = nullptr;  ///< One bf16 panel: [key / 2][64][2].
  std::size_t positions = 0;              ///< Keys that count; both packs are filled up to a multiple of 64.
  float* out = nullptr;                   ///< Rows of 64 numbers, `out_stride` apart.
  std::size_t out_stride = 0;
  float* weights = nullptr;  ///< When not null: `positions` attention weights per row, one row after the other.
  void* scratch = nullptr;   ///< `attention_scratch_bytes(positions)`, 64-byte aligned.
};

/// Rows that the attention works on at once.
inline constexpr std::size_t kAttentionRows = 24;
inline constexpr std::size_t padded_positions(std::size_t positions) { return (positions + 63) / 64 * 64; }
/// Scores in f32 and weights in bf16, and the queries in bf16.
inline constexpr std::size_t attention_scratch_bytes(std::size_t positions) {
  return kAttentionRows * (padded_positions(positions) * 6 + kHeadSize * 2 + 64);
}

/// The arithmetic of a transformer in single precision and eight bits, for one instruction set. All functions are
/// thread-safe; arrays may have any alignment unless said otherwise.
struct DenseKernels {
  const char* name;
  /// One row to eight bits; `depth` numbers.
  void (*quantise)(const float* row, std::size_t depth, std::int8_t* values, float* scale, std::int32_t* sum);
  /// out[row * stride + n] = rows x matrix + bias, per `mode` stored, passed through GELU (erf), or added to `out`.
  void (*multiply_int8)(const Int8Rows& rows, const Int8Panels& matrix, ProductMode mode, float* out,
                        std::size_t stride);
  /// The same with bfloat16 rows (`a_stride` numbers apart).
  void (*multiply_bf16)(const std::uint16_t* rows, std::size_t a_stride, std::size_t count, const Bf16Panels& matrix,
                        ProductMode mode, float* out, std::size_t stride);
  /// out = rows x matrix in single precision; the matrix is [depth][width], its width a multiple of 64.
  void (*multiply_f32)(const float* rows, std::size_t a_stride, std::size_t count, const float* matrix,
                       std::size_t depth, std::size_t width, float* out, std::size_t stride);
  void (*to_bf16)(const float* in, std::size_t count, std::uint16_t* out);
  void (*layer_norm)(const float* row, const float* gain, const float* bias, std::size_t size, float* out);
  void (*attend)(const HeadTask& task);
  /// Puts `rows` (at most 64) keys of one head into a panel of 64: from f32 rows `stride` apart; the rest becomes 0.
  void (*pack_keys)(const float* keys, std::size_t stride, std::size_t rows, std::uint16_t* panel);
  /// Puts an even number of value rows into [row / 2][64][2]; a missing last row is 0.
  void (*pack_values)(const float* values, std::size_t stride, std::size_t rows, std::uint16_t* panel);
  /// a . b over `size` numbers, a multiple of 16.
  float (*dot)(const float* a, const float* b, std::size_t size);
  /// out += factor * in.
  void (*add_scaled)(float factor, const float* in, std::size_t size, float* out);
  /// Sum of exp(x - largest) and the largest itself of `size` numbers; -inf counts as 0.
  void (*log_sum_parts)(const float* x, std::size_t size, float* largest, double* sum);
  /// out[i] = the median of in[i] .. in[i + 6].
  void (*median_of_seven)(const float* in, std::size_t size, float* out);
};

/// The fastest kernels for this processor, or null where there are none that beat whisper.cpp's.
const DenseKernels* fastest_dense_kernels();
/// Plain C++; slow, the same on every processor.
const DenseKernels& portable_dense_kernels();
#ifdef CINESCRIBE_HAS_AVX512_KERNELS
/// Precondition: the processor has AVX-512 F, BW, DQ, VL and VNNI; for the second one, BF16 as well.
const DenseKernels& avx512_vnni_dense_kernels();
const DenseKernels& avx512_bf16_dense_kernels();
#endif

}  // namespace cinescribe::speech
