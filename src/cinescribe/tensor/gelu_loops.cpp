#include "cinescribe/tensor/gelu_loops.h"

namespace cinescribe::tensor {

GeluLoop gelu_loop() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return gelu_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return gelu_avx2;
#endif
  return gelu_portable;
}

}  // namespace cinescribe::tensor
