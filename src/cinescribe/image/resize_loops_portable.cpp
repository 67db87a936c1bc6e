#include "cinescribe/image/resize_loops.h"

namespace cinescribe::image {
#include "cinescribe/image/resize_loops.inc"

WeightedRows portable_weighted_rows() { return weigh_rows; }

WeightedRows weighted_rows() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0) return avx2_weighted_rows();
#endif
  return portable_weighted_rows();
}

}  // namespace cinescribe::image
