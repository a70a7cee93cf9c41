// SPDX-License-Identifier: Apache-2.0
//
// What the span path needs from C: clocks without a Swift wrapper, thread-local random numbers, and a one-word lock.
// Everything is small enough to be inlined into Swift; figures are in Benchmarks/.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "TickClock.h"

/// Nanoseconds since 1970-01-01 00:00:00 UTC.
static inline uint64_t ctr_realtime_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/// Two words, which a function returns in registers: a third would make them go through memory, and reading them back
/// together waits until all are written.
struct ctr_pair {
    uint64_t first, second;
};

/// Three random words of this thread's xoshiro256++, seeded by the kernel at first use and again after fork, for a
/// root span's ids. None of them is zero.
struct ctr_pair ctr_random_ids(uint64_t *third);

/// One such word, for a child span's id.
uint64_t ctr_random_id(void);

/// A small number of this thread, counted up from 0 as threads first ask.
uint32_t ctr_thread_number(void);

/// What ctr_set_thread_contexts has set on this thread, or NULL.
void *ctr_thread_contexts(void);

/// Keeps `contexts` for this thread; `free_contexts` gets it when the thread ends.
void ctr_set_thread_contexts(void *contexts, void (*free_contexts)(void *));

/// The slow half of ctr_lock: waits, yielding, then sleeping.
void ctr_lock_contended(uint32_t *lock);

/// One round of waiting for what another thread does shortly: yields at first, sleeps for 50 µs after 64 rounds.
void ctr_back_off(uint32_t round);

/// Takes a lock that is 0 when free. Held for tens of nanoseconds, now and then
/// for as long as memory is allocated or a grown span is copied; never across a call to users' code.
static inline void ctr_lock(uint32_t *lock) {
    if (__builtin_expect(__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE) != 0, 0)) ctr_lock_contended(lock);
}

/// Takes it if nobody holds it.
static inline bool ctr_try_lock(uint32_t *lock) {
    return __atomic_load_n(lock, __ATOMIC_RELAXED) == 0 && __atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE) == 0;
}

static inline void ctr_unlock(uint32_t *lock) { __atomic_store_n(lock, 0, __ATOMIC_RELEASE); }

/// Fetches the cache line at `place` for writing, without waiting for it. Any address will do.
static inline void ctr_prefetch_for_writing(const void *place) {
#if defined(__x86_64__)
    // The builtin is an instruction for reading unless the compiler may take newer processors for granted.
    __asm__ volatile("prefetchw %0" : : "m"(*(const char *)place));
#else
    __builtin_prefetch(place, 1, 3);
#endif
}

/// Copies few bytes without a call. Below 16 it reads eight, four, two, one, in this order and each once: what has just
/// been written as two words, as a short string has, can then be read before it has reached the cache.
static inline void ctr_copy(void *to, const void *from, size_t count) {
    char *target = (char *)to;
    const char *source = (const char *)from;
    if (__builtin_expect(count > 32, 0)) {
        memcpy(target, source, count);
        return;
    }
    if (count >= 16) {
        char first[16], last[16];
        memcpy(first, source, 16);
        memcpy(last, source + count - 16, 16);
        memcpy(target, first, 16);
        memcpy(target + count - 16, last, 16);
        return;
    }
    if (count & 8) {
        memcpy(target, source, 8);
        target += 8;
        source += 8;
    }
    if (count & 4) {
        memcpy(target, source, 4);
        target += 4;
        source += 4;
    }
    if (count & 2) {
        memcpy(target, source, 2);
        target += 2;
        source += 2;
    }
    if (count & 1) *target = *source;
}

/// Plain atomic words inside memory that Swift's `Atomic` cannot own.
static inline uint64_t ctr_load_relaxed(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
static inline void ctr_store_relaxed(uint64_t *word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELAXED);
}
static inline uint64_t ctr_load_acquire(const uint64_t *word) {
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}
static inline void ctr_store_release(uint64_t *word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}
static inline bool ctr_load_flag(const bool *flag) { return __atomic_load_n(flag, __ATOMIC_RELAXED); }
static inline void ctr_store_flag(bool *flag, bool value) { __atomic_store_n(flag, value, __ATOMIC_RELAXED); }
static inline int64_t ctr_load_count(const int64_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
static inline int64_t ctr_add(int64_t *word, int64_t value) {
    return __atomic_fetch_add(word, value, __ATOMIC_ACQ_REL);
}

/// Announces a reader in a word of its own threads, so that no word is written by all. False when `closed` is set.
/// Either way the reader has to leave.
static inline bool ctr_enter(int64_t *readers, const uint64_t *closed) {
    // Sequentially consistent, here and below: who closes and then finds no reader must not miss one that came before
    // and saw nothing closed.
    __atomic_fetch_add(readers, 1, __ATOMIC_SEQ_CST);
    return __builtin_expect(__atomic_load_n(closed, __ATOMIC_SEQ_CST) == 0, 1);
}

/// Takes the announcement back; true when `closed` is set, and this may have been the last reader.
static inline bool ctr_leave(int64_t *readers, const uint64_t *closed) {
    __atomic_fetch_sub(readers, 1, __ATOMIC_SEQ_CST);
    return __builtin_expect(__atomic_load_n(closed, __ATOMIC_SEQ_CST) != 0, 0);
}

static inline void ctr_close(uint64_t *closed) { __atomic_store_n(closed, 1, __ATOMIC_SEQ_CST); }
static inline bool ctr_has_readers(const int64_t *readers) { return __atomic_load_n(readers, __ATOMIC_SEQ_CST) != 0; }
