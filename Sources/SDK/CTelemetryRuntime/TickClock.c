// SPDX-License-Identifier: Apache-2.0
#include "TickClock.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/// Two readings that are closer make no rate: each is 20 ns uncertain.
static const uint64_t first_distance = 10000000;
static const uint64_t window_max = 1000000000;

static uint64_t load(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
static void store(uint64_t *word, uint64_t value) { __atomic_store_n(word, value, __ATOMIC_RELAXED); }

static void draw(struct ctr_tick_clock *clock, uint64_t ticks, uint64_t nanoseconds, uint64_t rate, uint64_t window) {
    __atomic_store_n(&clock->version, clock->version + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    store(&clock->ticks, ticks);
    store(&clock->nanoseconds, nanoseconds);
    store(&clock->rate, rate);
    store(&clock->window, window);
    __atomic_store_n(&clock->version, clock->version + 1, __ATOMIC_RELEASE);
}

/// Whether two rates may be those of one counter against a clock that is slewed: by 500 ppm at most, as systems do, from
/// one side to the other; a line that was ahead was slowed besides.
static bool is_near(uint64_t rate, uint64_t other, uint64_t passed) {
    uint64_t difference = rate > other ? rate - other : other - rate;
    // Both readings may be wrong by some microseconds, which matters when little time has passed.
    uint64_t uncertain = (uint64_t)((__uint128_t)other * 20000 / passed);
    return difference <= other / 500 + uncertain;
}

void ctr_tick_clock_set(struct ctr_tick_clock *clock, uint64_t ticks, uint64_t nanoseconds) {
    if (clock->failures >= ctr_tick_failures_max) return;
    uint64_t passed = nanoseconds - clock->last_nanoseconds;
    bool is_first = clock->last_ticks == 0 || ticks <= clock->last_ticks || nanoseconds <= clock->last_nanoseconds;
    if (!is_first && passed < first_distance) return;
    uint64_t since_last = ticks - clock->last_ticks;
    clock->last_ticks = ticks;
    store(&clock->last_nanoseconds, nanoseconds);
    if (is_first) return draw(clock, 0, 0, 0, 0);

    __uint128_t rate = ((__uint128_t)passed << ctr_tick_rate_shift) / since_last;
    uint64_t length = passed < window_max / 10 ? passed * 10 : window_max;
    uint64_t window = load(&clock->window), said = nanoseconds;
    if (window != 0) {
        // The latest that anybody can have been told.
        uint64_t since = ticks - load(&clock->ticks) < window ? ticks - load(&clock->ticks) : window;
        uint64_t told = load(&clock->nanoseconds) + (since * load(&clock->rate) >> ctr_tick_rate_shift);
        if (told > said) said = told;
    }
    uint64_t ahead = said - nanoseconds;
    bool is_sane = rate != 0 && rate >> 29 == 0 && ahead < length / 100;
    if (!is_sane || (window != 0 && !is_near((uint64_t)rate, load(&clock->rate), passed))) {
        __atomic_store_n(&clock->failures, clock->failures + 1, __ATOMIC_RELAXED);
        return draw(clock, 0, 0, 0, 0);
    }
    draw(clock, ticks, said, (uint64_t)(rate * (length - ahead) / length),
         (uint64_t)(((__uint128_t)length << ctr_tick_rate_shift) / rate));
}

// On lines of its own: all threads read it for each span.
_Alignas(64) struct ctr_tick_clock ctr_ticks;

#if defined(__linux__) && defined(__x86_64__)
/// Whether the kernel makes its clock of the counter.
static bool is_clock_source(void) {
    char name[16] = {0};
    int file = open("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    ssize_t size = read(file, name, sizeof name - 1);
    close(file);
    return size > 0 && strcmp(name, "tsc\n") == 0;
}

/// Reads both clocks, one in the middle of two readings of the other: the closest of some, since others may come in
/// between. False when all were far.
static bool read_both(uint64_t *ticks, uint64_t *nanoseconds) {
    uint64_t closest = 2000;
    for (int round = 0; round < 6; round++) {
        uint64_t before = __rdtsc();
        uint64_t now = ctr_monotonic_ns();
        uint64_t distance = __rdtsc() - before;
        if (distance >= closest) continue;
        closest = distance;
        *ticks = before + distance / 2;
        *nanoseconds = now;
    }
    return closest < 2000;
}

/// The system's time, or the line's where that is later: whoever read the line has been told so much. Mixed of two
/// lines it may be anything, which the bound keeps from being believed.
static uint64_t not_before_line(uint64_t nanoseconds) {
    static const uint64_t ahead_max = 10000000;
    uint64_t told;
    if (ctr_tick_clock_read(&ctr_ticks, __rdtsc(), &told)) return told;
    uint64_t window = load(&ctr_ticks.window);
    told = load(&ctr_ticks.nanoseconds) + (window * load(&ctr_ticks.rate) >> ctr_tick_rate_shift);
    return window != 0 && told > nanoseconds && told - nanoseconds < ahead_max ? told : nanoseconds;
}

uint64_t ctr_tick_slowly(void) {
    static uint32_t busy;
    static bool was_asked;
    uint64_t nanoseconds = ctr_monotonic_ns();
    if (__atomic_load_n(&ctr_ticks.failures, __ATOMIC_RELAXED) >= ctr_tick_failures_max) return nanoseconds;
    if (nanoseconds - load(&ctr_ticks.last_nanoseconds) < first_distance) return not_before_line(nanoseconds);
    // One thread is enough.
    if (__atomic_load_n(&busy, __ATOMIC_RELAXED) != 0 || __atomic_exchange_n(&busy, 1, __ATOMIC_ACQUIRE) != 0)
        return not_before_line(nanoseconds);
    if (!was_asked) {
        was_asked = true;
        if (!is_clock_source()) __atomic_store_n(&ctr_ticks.failures, ctr_tick_failures_max, __ATOMIC_RELAXED);
    }
    uint64_t ticks = 0, now = 0;
    if (ctr_ticks.failures < ctr_tick_failures_max) {
        if (read_both(&ticks, &now)) {
            ctr_tick_clock_set(&ctr_ticks, ticks, now);
            if (!ctr_tick_clock_read(&ctr_ticks, ticks, &nanoseconds)) nanoseconds = now;
        } else {
            // Where both are always far apart, as with a counter that is emulated, nobody shall try for ever.
            __atomic_store_n(&ctr_ticks.failures, ctr_ticks.failures + 1, __ATOMIC_RELAXED);
            nanoseconds = not_before_line(nanoseconds);
        }
    }
    __atomic_store_n(&busy, 0, __ATOMIC_RELEASE);
    return nanoseconds;
}
#else
uint64_t ctr_tick_slowly(void) { return ctr_monotonic_ns(); }
#endif
