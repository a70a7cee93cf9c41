// SPDX-License-Identifier: Apache-2.0
//
// CLOCK_MONOTONIC by the processor's counter of ticks: read in 11 ns instead of 22. A plain span needs two readings.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

/// Nanoseconds of a clock that never goes back and that nobody can set, from the system.
static inline uint64_t ctr_monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/// A line through the last reading of both clocks, good for a second; then both are read again. All words are read and
/// written as atomics, those of the line between two readings of `version`.
struct ctr_tick_clock {
    /// Odd while the line is changed.
    uint32_t version;
    /// How often the counter went another way than the system's clock, as after a computer's sleep. Then the line
    /// begins anew; after `ctr_tick_failures_max` times only the system is asked.
    uint32_t failures;
    /// Where the line begins.
    uint64_t ticks, nanoseconds;
    /// Nanoseconds of a tick, in 2^-28.
    uint64_t rate;
    /// Ticks from the beginning for which the line is good; 0: there is none.
    uint64_t window;
    /// The last reading of both clocks, for whoever changes the line; 0 ticks: none.
    uint64_t last_ticks, last_nanoseconds;
};

enum { ctr_tick_rate_shift = 28, ctr_tick_failures_max = 8 };

/// What `clock` says at a number of ticks; false when that is too long ago, or there is no line.
static inline bool ctr_tick_clock_read(const struct ctr_tick_clock *clock, uint64_t ticks, uint64_t *nanoseconds) {
    uint32_t version = __atomic_load_n(&clock->version, __ATOMIC_ACQUIRE);
    uint64_t passed = ticks - __atomic_load_n(&clock->ticks, __ATOMIC_RELAXED);
    uint64_t start = __atomic_load_n(&clock->nanoseconds, __ATOMIC_RELAXED);
    uint64_t rate = __atomic_load_n(&clock->rate, __ATOMIC_RELAXED);
    uint64_t window = __atomic_load_n(&clock->window, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    // A window is a second at most, so what is within it has less than 2^(30 + 28).
    *nanoseconds = start + (passed * rate >> ctr_tick_rate_shift);
    return passed < window && (version & 1) == 0 && version == __atomic_load_n(&clock->version, __ATOMIC_RELAXED);
}

/// Draws the line anew through a reading of both clocks. One caller at a time.
///
/// What was said before is never taken back: a line that was ahead goes on from where it was, and slower, until the
/// clocks meet at its end. The rate is that between the last two readings, of which the first are close together, so
/// the first lines are short: ten times what they were measured by.
void ctr_tick_clock_set(struct ctr_tick_clock *clock, uint64_t ticks, uint64_t nanoseconds);

/// The process's clock.
extern struct ctr_tick_clock ctr_ticks;

/// Reads the system's clock, and draws the line of the process's clock anew when that is due.
uint64_t ctr_tick_slowly(void);

/// Nanoseconds of a clock that nobody can set: the system's, or one that is within a microsecond of it. While the
/// system's is slewed it may be so far off as that changes in a second, and meets it again in the next.
///
/// It does not go back, but where the counter is found not to be usable: from there on it is the system's, which may
/// be behind by as much.
///
/// The counter is read only where the system's own clock was made of it when it was first asked (Linux on x86-64,
/// clock source `tsc`): then the kernel has found it to be constant, and the same on all processors.
static inline uint64_t ctr_tick_ns(void) {
#if defined(__linux__) && defined(__x86_64__)
    uint64_t nanoseconds;
    if (__builtin_expect(ctr_tick_clock_read(&ctr_ticks, __rdtsc(), &nanoseconds), 1)) return nanoseconds;
    return ctr_tick_slowly();
#else
    return ctr_monotonic_ns();
#endif
}
