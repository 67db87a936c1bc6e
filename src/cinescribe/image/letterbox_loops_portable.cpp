#include "cinescribe/image/letterbox_loops.h"

namespace cinescribe::image {
#include "cinescribe/image/letterbox_loops.inc"

const LetterboxLoops& portable_letterbox_loops() { return kTable; }

const LetterboxLoops& letterbox_loops() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0) return avx2_letterbox_loops();
#endif
  return portable_letterbox_loops();
}

}  // namespace cinescribe::image
