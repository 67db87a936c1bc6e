// Compiled with AVX2 and FMA; called only where the processor has them.
#include "cinescribe/tensor/gelu_loops.h"

namespace cinescribe::tensor {
#include "cinescribe/tensor/gelu_loops.inc"

void gelu_avx2(std::size_t count, const float* x, float* out) { gelu_block(count, x, out); }

}  // namespace cinescribe::tensor
