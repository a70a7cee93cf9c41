// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CAllocationCounter.h"
#include <stdlib.h>
#include <time.h>

static _Thread_local uint64_t allocations;

uint64_t contrail_allocations_of_this_thread(void) { return allocations; }

uint64_t contrail_thread_cpu_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static _Thread_local uint64_t state = 0x9e3779b97f4a7c15u;

// splitmix64: good enough to stand for a user-space generator here.
static uint64_t next_random(void) {
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t contrail_floor(void) {
    struct timespec start, end;
    clock_gettime(CLOCK_REALTIME, &start);
    uint64_t ids = next_random() ^ next_random() ^ next_random();
    volatile uint64_t *block = malloc(256);
    if (block) block[0] = ids;
    clock_gettime(CLOCK_REALTIME, &end);
    uint64_t result = ids + (uint64_t)end.tv_nsec - (uint64_t)start.tv_nsec + (block ? block[0] : 0);
    free((void *)block);
    return result;
}

#ifdef __GLIBC__
// Interposed for the whole program: the dynamic linker prefers the executable's definitions.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

void *malloc(size_t size) { allocations++; return __libc_malloc(size); }
void *calloc(size_t count, size_t size) { allocations++; return __libc_calloc(count, size); }
void *realloc(void *block, size_t size) { allocations++; return __libc_realloc(block, size); }
void *aligned_alloc(size_t alignment, size_t size) { allocations++; return __libc_memalign(alignment, size); }
void *memalign(size_t alignment, size_t size) { allocations++; return __libc_memalign(alignment, size); }
void free(void *block) { __libc_free(block); }

int posix_memalign(void **out, size_t alignment, size_t size) {
    allocations++;
    void *block = __libc_memalign(alignment, size);
    if (!block) return 12; // ENOMEM
    *out = block;
    return 0;
}
#endif
