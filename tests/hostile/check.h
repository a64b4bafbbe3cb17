/* SPDX-License-Identifier: MIT */
/* What the programs of this folder share: a fault ends a test, and the cases are counted. */
#ifndef TESTS_HOSTILE_CHECK_H
#define TESTS_HOSTILE_CHECK_H

#include "victim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static unsigned long hostile_cases;

/* The script that leads there has been printed already. */
static inline void hostile_fault(victim *v, const char *message)
{
    fail_msg("%s: %s", v->what, message);
}

static inline victim *hostile_new(unsigned options, unsigned attributes)
{
    return victim_new((uint8_t)options, (uint8_t)attributes, victim_sets, hostile_fault);
}

static inline int hostile_report(void **state)
{
    (void)state;
    printf("hostile cases: %lu\n", hostile_cases);
    return 0;
}

/* The states a product of these attributes can be led to. */
static inline bool hostile_reaches(uint8_t state, unsigned attributes)
{
    return state != DFUKIT_MANIFEST_WAIT_RESET || (attributes & DFUKIT_MANIFESTATION_TOLERANT) == 0;
}

#endif
