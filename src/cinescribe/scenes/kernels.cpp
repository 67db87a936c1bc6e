#include "cinescribe/scenes/kernels.h"

namespace cinescribe::scenes {

const Kernels& kernels() {
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) return avx2_kernels();
#endif
  return portable_kernels();
}

}  // namespace cinescribe::scenes
