// SPDX-License-Identifier: Apache-2.0
// What Swift's Glibc module does not have: <malloc.h>.
#pragma once
#if defined(__GLIBC__) || __has_include(<malloc.h>)
#include <malloc.h>
#endif

// Makes allocations of so many bytes and more mappings of their own; does nothing where glibc is not the allocator.
static inline void contrail_map_allocations_from(int bytes) {
#ifdef M_MMAP_THRESHOLD
    mallopt(M_MMAP_THRESHOLD, bytes);
#else
    (void)bytes;
#endif
}
