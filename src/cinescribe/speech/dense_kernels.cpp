#include "cinescribe/speech/dense_kernels.h"

namespace cinescribe::speech {

const DenseKernels* fastest_dense_kernels() {
#ifdef CINESCRIBE_HAS_AVX512_KERNELS
  __builtin_cpu_init();
  const bool has_vnni = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                        __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
                        __builtin_cpu_supports("avx512vnni") != 0;
  if (has_vnni && __builtin_cpu_supports("avx512bf16") != 0) return &avx512_bf16_dense_kernels();
  if (has_vnni) return &avx512_vnni_dense_kernels();
#endif
  return nullptr;
}

}  // namespace cinescribe::speech
