// SPDX-License-Identifier: Apache-2.0
#include "CTelemetryRuntime.h"

#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/random.h>
#else
#include <stdlib.h>
#include <sys/random.h>
#endif

/// Raised in a child after fork, so that parent and child never draw the same ids.
static uint32_t fork_generation = 1;

static void after_fork(void) { __atomic_add_fetch(&fork_generation, 1, __ATOMIC_RELAXED); }

__attribute__((constructor)) static void watch_fork(void) { pthread_atfork(NULL, NULL, after_fork); }

struct generator {
    uint64_t state[4];
    uint32_t generation;
};

static _Thread_local struct generator thread_generator;

static uint64_t splitmix(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

__attribute__((noinline)) static void seed(struct generator *g) {
    uint64_t words[4] = {0};
    if (getentropy(words, sizeof words) != 0) {
        // No entropy device at all (a broken sandbox): ids must differ between threads and processes all the same.
        uint64_t fallback = ctr_realtime_ns() ^ ((uint64_t)getpid() << 32) ^ (uint64_t)(uintptr_t)g;
        for (int i = 0; i < 4; i++) words[i] = splitmix(&fallback);
    }
    // xoshiro's only forbidden state.
    if ((words[0] | words[1] | words[2] | words[3]) == 0) words[0] = 1;
    for (int i = 0; i < 4; i++) g->state[i] = words[i];
    g->generation = __atomic_load_n(&fork_generation, __ATOMIC_RELAXED);
}

static inline uint64_t rotate_left(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

/// xoshiro256++ 1.0 by Blackman and Vigna (public domain).
static inline uint64_t next(uint64_t *s) {
    uint64_t result = rotate_left(s[0] + s[3], 23) + s[0];
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

static inline struct generator *generator(void) {
    struct generator *g = &thread_generator;
    if (__builtin_expect(g->generation != __atomic_load_n(&fork_generation, __ATOMIC_RELAXED), 0)) seed(g);
    return g;
}

static inline uint64_t next_nonzero(uint64_t *s) {
    uint64_t word;
    do word = next(s);
    while (__builtin_expect(word == 0, 0));
    return word;
}

struct ctr_pair ctr_random_ids(uint64_t *third) {
    uint64_t *s = generator()->state;
    struct ctr_pair ids;
    ids.first = next_nonzero(s);
    ids.second = next_nonzero(s);
    *third = next_nonzero(s);
    return ids;
}

uint64_t ctr_random_id(void) { return next_nonzero(generator()->state); }

static uint32_t thread_count;
static _Thread_local uint32_t thread_number_plus_one;

uint32_t ctr_thread_number(void) {
    uint32_t number = thread_number_plus_one;
    if (__builtin_expect(number == 0, 0)) {
        number = __atomic_add_fetch(&thread_count, 1, __ATOMIC_RELAXED);
        thread_number_plus_one = number;
    }
    return number - 1;
}

static _Thread_local void *thread_contexts;

void *ctr_thread_contexts(void) { return thread_contexts; }

static pthread_key_t contexts_key;
static pthread_once_t contexts_once = PTHREAD_ONCE_INIT;
static bool contexts_key_made;
static void (*free_thread_contexts)(void *);

static void end_contexts(void *contexts) {
    // What is freed may still ask for contexts: by then there are none.
    thread_contexts = NULL;
    free_thread_contexts(contexts);
}

static void make_contexts_key(void) { contexts_key_made = pthread_key_create(&contexts_key, end_contexts) == 0; }

void ctr_set_thread_contexts(void *contexts, void (*free_contexts)(void *)) {
    __atomic_store_n(&free_thread_contexts, free_contexts, __ATOMIC_RELAXED);
    pthread_once(&contexts_once, make_contexts_key);
    // Without a key nobody would free it.
    if (!contexts_key_made || pthread_setspecific(contexts_key, contexts) != 0) return free_contexts(contexts);
    thread_contexts = contexts;
}

/// Out of the way of a thread that is not running (preempted, or of lower priority).
static void pause_shortly(void) {
    struct timespec pause = {0, 50000};
    nanosleep(&pause, NULL);
}

void ctr_back_off(uint32_t round) {
    if (round < 64) {
        sched_yield();
    } else {
        pause_shortly();
    }
}

void ctr_lock_contended(uint32_t *lock) {
    for (unsigned round = 0;; round++) {
        if (round < 64) {
#if defined(__x86_64__)
            __builtin_ia32_pause();
#elif defined(__aarch64__)
            __asm__ volatile("yield");
#endif
        } else if (round < 256) {
            sched_yield();
        } else {
            pause_shortly();
        }
        if (__atomic_load_n(lock, __ATOMIC_RELAXED) == 0 && __atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE) == 0)
            return;
    }
}
