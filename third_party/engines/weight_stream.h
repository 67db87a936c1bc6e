// Weights are read from memory once per step: what helps them arrive in time. Ours; used by ggml's repack.cpp through
// ggml-vnni.patch and by the kernels beside this file.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__linux__)
#include <sys/mman.h>
#endif
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace weight_stream {

/// Asks for pages of 2 MiB below `size` bytes at `base` that nothing was written to yet. The processor's own prefetching
/// ends at every page, and its address cache holds few small ones. A refusal costs nothing.
inline void prefer_huge_pages(void * base, size_t size) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    constexpr uintptr_t kPage = uintptr_t{2} << 20;
    const uintptr_t begin = (reinterpret_cast<uintptr_t>(base) + kPage - 1) / kPage * kPage;
    const uintptr_t end = (reinterpret_cast<uintptr_t>(base) + size) / kPage * kPage;
    if (begin < end) madvise(reinterpret_cast<void *>(begin), end - begin, MADV_HUGEPAGE);
#else
    (void) base;
    (void) size;
#endif
}

#if defined(__SSE__)
/// Brings a block that is multiplied soon into the cache: with several columns a block takes longer than the processor
/// looks ahead, and without this it waits for memory after every one. Addresses behind the matrix are harmless.
template <typename Block>
inline void prefetch(const Block * block) {
    const char * bytes = reinterpret_cast<const char *>(block);
    for (size_t line = 0; line < sizeof(Block); line += 64) _mm_prefetch(bytes + line, _MM_HINT_T0);
}
#endif

}  // namespace weight_stream
