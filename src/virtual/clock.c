/* SPDX-License-Identifier: MIT */
/* Clocks: the system's monotonic one, and one that only sleeping advances. */
#include <time.h>

#include "dfukit/virtual.h"

#define US_PER_S 1000000u

static uint64_t real_now(void *self)
{
    struct timespec t;

    (void)self;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * US_PER_S + (uint64_t)t.tv_nsec / 1000u;
}

/* A signal ends the sleep early, so that a caller that is to be interrupted notices. */
static void real_sleep(void *self, uint64_t delay)
{
    struct timespec t;

    (void)self;
    t.tv_sec = (time_t)(delay / US_PER_S);
    t.tv_nsec = (long)(delay % US_PER_S) * 1000L;
    nanosleep(&t, NULL);
}

static uint64_t virtual_now(void *self)
{
    return *(const uint64_t *)self;
}

static void virtual_sleep(void *self, uint64_t delay)
{
    *(uint64_t *)self += delay;
}

dfukit_clock dfukit_clock_real(void)
{
    return (dfukit_clock){NULL, real_now, real_sleep};
}

dfukit_clock dfukit_clock_virtual(uint64_t *now_us)
{
    return (dfukit_clock){now_us, virtual_now, virtual_sleep};
}
