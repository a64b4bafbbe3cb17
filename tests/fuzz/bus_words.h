/* SPDX-License-Identifier: MIT */
/* The events of tests/hostile as words of a script. */
#ifndef TESTS_FUZZ_BUS_WORDS_H
#define TESTS_FUZZ_BUS_WORDS_H

#include "hostile/victim.h"
#include "script.h"

#include <stdlib.h>

/* In the order of victim_op. */
#define BUS_WORDS                                                                                  \
    {"setup", "bbwww"}, {"out", "p"}, {"in", ""}, {"rest", ""}, {"poll", "w"}, {"reset", ""},      \
        {"wish", ""}, {"attach", "b"}, {"sent", ""}, {"force", "p"}, {"flash", "wb"},              \
    {                                                                                              \
        NULL, NULL                                                                                 \
    }

#define FUZZ_EVENTS 3000u /* of one input, at most */

static unsigned long fuzz_states[DFUKIT_STATE_COUNT], fuzz_operations, fuzz_manifests;

static inline void fuzz_fault(victim *v, const char *message)
{
    (void)v;
    (void)message; /* told already */
    abort();
}

static inline void fuzz_say(victim *v, const script_event *e)
{
    victim_event event = {.op = (uint8_t)e->word, .n = (uint8_t)e->numbers[0], .given = e->given};

    memcpy(event.bytes, e->bytes, sizeof event.bytes);
    if (event.given > event.n)
        event.given = event.n;
    if (event.op == VICTIM_SETUP)
        event.setup = (dfukit_setup){(uint8_t)e->numbers[0], (uint8_t)e->numbers[1], e->numbers[2],
                                     e->numbers[3], e->numbers[4]};
    if (event.op == VICTIM_POLL || event.op == VICTIM_FLASH)
        event.ms = e->numbers[0];
    if (event.op == VICTIM_FLASH)
        event.n = (uint8_t)e->numbers[1];
    victim_do(v, &event);
    fuzz_states[v->dfu->state]++;
}

/* The end of every input: nothing was written where it must not be, and the device is still one. */
static inline void fuzz_end(victim *v)
{
    fuzz_operations += v->flash->operations;
    fuzz_manifests += v->t.spy.manifests;
    victim_check_flash(v);
    victim_upgrade(v);
    victim_free(v);
}

/* All states from `first` on were met. @return NULL, or the name of one that was not. */
static inline const char *fuzz_state_missing(unsigned first)
{
    for (unsigned i = first; i < DFUKIT_STATE_COUNT; i++) {
        if (fuzz_states[i] == 0)
            return dfukit_state_name(i);
    }
    return NULL;
}

#endif
