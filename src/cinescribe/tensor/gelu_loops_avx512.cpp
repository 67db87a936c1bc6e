// Compiled with AVX-512; called only where the processor has it.
#include "cinescribe/tensor/gelu_loops.h"

namespace cinescribe::tensor {
#include "cinescribe/tensor/gelu_loops.inc"

void gelu_avx512(std::size_t count, const float* x, float* out) { gelu_block(count, x, out); }

}  // namespace cinescribe::tensor
