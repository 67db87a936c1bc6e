// Compiled with AVX2 code generation; called only where the processor has it.
#include "cinescribe/scenes/kernels.h"

namespace cinescribe::scenes {
#include "cinescribe/scenes/kernels.inc"

const Kernels& avx2_kernels() { return kTable; }

}  // namespace cinescribe::scenes
