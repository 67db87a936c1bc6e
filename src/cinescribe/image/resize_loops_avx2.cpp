// Compiled with AVX2 code generation; called only where the processor has it.
#include "cinescribe/image/resize_loops.h"

namespace cinescribe::image {
#include "cinescribe/image/resize_loops.inc"

WeightedRows avx2_weighted_rows() { return weigh_rows; }

}  // namespace cinescribe::image
