/* SPDX-License-Identifier: MIT */
/*
 * Where the host engine keeps times. Its structure is opaque, so it is asked by experiment: the
 * same conversation is held twice, with clocks that differ by a constant; the words of its memory
 * that differ by that constant are absolute times. Anything else that differs would make states
 * depend on the time in a way that the search does not know: then it refuses to start.
 */
#include <stdlib.h>
#include <string.h>

#include "explore.h"

#define SHIFT_MS UINT64_C(0x5A5A5A5A5A)
#define STEPS    80u
#define WORDS    (EXPLORE_SMALL / sizeof(uint64_t))

static bool known(uint32_t at)
{
    for (size_t i = 0; i < explore_time_words.count; i++) {
        if (explore_time_words.at[i] == at)
            return true;
    }
    return false;
}

static bool compare(const uint8_t *first, const uint8_t *second)
{
    for (uint32_t i = 0; i < WORDS; i++) {
        uint32_t at = i * (uint32_t)sizeof(uint64_t);
        uint64_t a, b;
        memcpy(&a, first + at, sizeof a);
        memcpy(&b, second + at, sizeof b);
        if (a == b || known(at))
            continue;
        if (b - a != SHIFT_MS || explore_time_words.count == EXPLORE_TIMES_MAX)
            return false;
        explore_time_words.at[explore_time_words.count++] = at;
    }
    return true;
}

/* One conversation, at most STEPS steps; the host's memory after each is kept or compared. */
static bool converse(const explore_config *c, explore_mode mode, uint64_t start, uint8_t *kept,
                     bool compares)
{
    explore_world *w = &explore_it.world;

    explore_start(c, 0, start);
    for (unsigned step = 0; step < STEPS; step++, kept += EXPLORE_SMALL) {
        if (compares && !compare(kept, explore_it.memory))
            return false;
        if (!compares)
            memcpy(kept, explore_it.memory, EXPLORE_SMALL);
        if (explore_ended(w))
            break;
        explore_choices_begin(mode);
        explore_step(w);
    }
    dfukit_host_free(&w->host);
    return true;
}

bool explore_calibrate(const explore_config *c)
{
    uint8_t *kept = malloc(STEPS * EXPLORE_SMALL);
    bool fine = kept != NULL;

    for (unsigned mode = EXPLORE_FIRST; fine && mode <= EXPLORE_SLOW; mode++) {
        fine = converse(c, (explore_mode)mode, EXPLORE_START_MS, kept, false) &&
               converse(c, (explore_mode)mode, EXPLORE_START_MS + SHIFT_MS, kept, true);
    }
    free(kept);
    return fine;
}
