#define CINESCRIBE_KERNELS_FUNCTION avx512_bf16_dense_kernels
#define CINESCRIBE_KERNELS_NAME "AVX-512 VNNI and BF16"
#include "cinescribe/speech/dense_kernels_avx512.inl"
