#include "cinescribe/scenes/kernels.h"

namespace cinescribe::scenes {
#include "cinescribe/scenes/kernels.inc"

const Kernels& portable_kernels() { return kTable; }

}  // namespace cinescribe::scenes
