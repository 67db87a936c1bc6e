#include "cinescribe/scenes/kernels.h"

namespace cinescribe::scenes {
namespace {

const Kernels& fastest() {
#if defined(__x86_64__)
  // Processors with VBMI run 512-bit code without lowering their clock; earlier ones with AVX-512 do lower it.
  const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                          __builtin_cpu_supports("avx512vbmi");
  if (has_avx512) return avx512_kernels();
  if (__builtin_cpu_supports("avx2")) return avx2_kernels();
#endif
  return portable_kernels();
}

}  // namespace

const Kernels& kernels() {
  static const Kernels& chosen = fastest();
  return chosen;
}

}  // namespace cinescribe::scenes
