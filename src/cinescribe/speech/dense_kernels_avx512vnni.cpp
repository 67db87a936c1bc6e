#define CINESCRIBE_KERNELS_FUNCTION avx512_vnni_dense_kernels
#define CINESCRIBE_KERNELS_NAME "AVX-512 VNNI"
#include "cinescribe/speech/dense_kernels_avx512.inl"
