// Compiled for every processor.
#include "cinescribe/tensor/gelu_loops.h"

namespace cinescribe::tensor {
#include "cinescribe/tensor/gelu_loops.inc"

void gelu_portable(std::size_t count, const float* x, float* out) { gelu_block(count, x, out); }

}  // namespace cinescribe::tensor
