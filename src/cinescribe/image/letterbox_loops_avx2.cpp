// Compiled with AVX2 code generation; called only where the processor has it.
#include "cinescribe/image/letterbox_loops.h"

namespace cinescribe::image {
#include "cinescribe/image/letterbox_loops.inc"

const LetterboxLoops& avx2_letterbox_loops() { return kTable; }

}  // namespace cinescribe::image
