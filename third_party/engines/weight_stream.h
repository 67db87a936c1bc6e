// Weights, and the keys and values of a scene, are read from memory once per step: what helps them arrive in time. Ours;
// used by ggml's repack.cpp, ops.cpp and ggml-backend.cpp through ggml-vnni.patch and by the kernels beside this file.
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

/// Buffers of this size or more hold weights, keys and values or the intermediate results of large models.
constexpr size_t kLargeBuffer = size_t{64} << 20;

/// How many keys and values ahead attention asks for: those of a head lie a page apart, where the processor's own
/// prefetching does not reach, and without this it waits for memory at every one.
constexpr int kRowsAhead = 6;

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

/// Brings bytes that are needed soon into the cache. Addresses behind the end of memory are harmless.
inline void prefetch(const char * bytes, size_t size) {
#if defined(__SSE__)
    for (size_t line = 0; line < size; line += 64) _mm_prefetch(bytes + line, _MM_HINT_T0);
#else
    (void) bytes;
    (void) size;
#endif
}

/// The same for a block that is multiplied soon: with several columns a block takes longer than the processor looks
/// ahead, and without this it waits for memory after every one.
template <typename Block>
inline void prefetch(const Block * block) {
    prefetch(reinterpret_cast<const char *>(block), sizeof(Block));
}

}  // namespace weight_stream
