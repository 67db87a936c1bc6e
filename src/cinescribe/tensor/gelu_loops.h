#pragma once

#include <cstddef>

// Private to the room: the exact (erf) GELU of many numbers, once per instruction set. ggml calls erff for each, which
// takes a twentieth of EVA's time.
namespace cinescribe::tensor {

/// out[i] = x[i] · Φ(x[i]); the ranges may be the same. Within 3e-7 of |x|, of the same order as f32's own rounding.
using GeluLoop = void (*)(std::size_t count, const float* x, float* out);

/// The fastest one that this processor runs.
GeluLoop gelu_loop();

void gelu_portable(std::size_t count, const float* x, float* out);
#if defined(__x86_64__)
void gelu_avx2(std::size_t count, const float* x, float* out);
void gelu_avx512(std::size_t count, const float* x, float* out);
#endif

}  // namespace cinescribe::tensor
