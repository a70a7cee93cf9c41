// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

/// Calls of malloc, calloc, realloc and the aligned ones that the calling thread has made since it started.
/// Counted only where the C library is glibc; elsewhere always 0.
uint64_t contrail_allocations_of_this_thread(void);

/// CPU time of the calling thread in nanoseconds.
uint64_t contrail_thread_cpu_nanoseconds(void);

/// One round of what no span can do without: two clock readings, 24 random bytes from a user-space generator,
/// one malloc of 256 bytes and its free. Returns something made of all of it, so that nothing is optimised away.
uint64_t contrail_floor(void);
