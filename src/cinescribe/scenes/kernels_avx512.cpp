// Compiled with AVX-512 code generation; called only where the processor has it.
#include "cinescribe/scenes/kernels.h"

namespace cinescribe::scenes {
#include "cinescribe/scenes/kernels.inc"

const Kernels& avx512_kernels() { return kTable; }

}  // namespace cinescribe::scenes
