/* SPDX-License-Identifier: MIT */
/**
 * Would the comparison notice a wrong table? Every bit of dfukit_transitions that means something
 * is turned over, and every next state becomes every other value, one at a time; the comparison
 * with the transcription must then fail. What cannot be told apart is recognised by a rule with a
 * reason, and must be exactly as many as the rule says.
 *
 * The engine is compiled into this program with the name of the table standing for a pointer, so
 * that it can be shown another one (see CMakeLists.txt).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "table/walk.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

enum { NEXT_STATES = 16 }; /* four bits */

typedef uint32_t table[DFUKIT_INPUT_COUNT];

/* The table that the engine in this program looks at. */
extern const table *dfukit_table;
const table *dfukit_table = &dfukit_transitions;

/* ---- What is done to the table ---- */

typedef enum kind { STRICT, LENIENT, QUIET, QUIET_2, DIRECTION, NEXT, KINDS } kind;

static const char *const kind_names[KINDS] = {[STRICT] = "cells of the strict set",
                                              [LENIENT] = "cells of the lenient set",
                                              [QUIET] = "QUIET flags",
                                              [QUIET_2] = "QUIET flags with two buffers",
                                              [DIRECTION] = "directions",
                                              [NEXT] = "next states"};

typedef struct mutant {
    kind kind;
    uint8_t input;
    uint8_t state; /* of the cell, or the new next state */
} mutant;

static unsigned next_of(uint32_t transitions)
{
    return transitions >> DFUKIT_INPUT_NEXT & (NEXT_STATES - 1u);
}

/* The bits of the input's word that are turned over. */
static uint32_t change_of(const mutant *m)
{
    switch ((unsigned)m->kind) {
    case STRICT:
        return 1u << m->state << DFUKIT_INPUT_STRICT;
    case LENIENT:
        return 1u << m->state << DFUKIT_INPUT_LENIENT;
    case QUIET:
        return DFUKIT_INPUT_QUIET;
    case QUIET_2:
        return DFUKIT_INPUT_QUIET_2;
    case DIRECTION:
        return DFUKIT_INPUT_IN;
    default:
        return (next_of(dfukit_transitions[m->input]) ^ m->state) << DFUKIT_INPUT_NEXT;
    }
}

/* How many mutants of a kind a row has. */
static unsigned variants(kind k)
{
    if (k == STRICT || k == LENIENT)
        return DFUKIT_STATE_COUNT;
    return k == NEXT ? NEXT_STATES : 1;
}

/* ---- Mutants that are no different ---- */

typedef struct equivalence {
    bool (*holds)(const mutant *m);
    unsigned long count;
    const char *reason;
} equivalence;

static bool never_taken(const mutant *m)
{
    return m->input == DFUKIT_ON_OTHER && m->kind != STRICT && m->kind != LENIENT &&
           m->kind != DIRECTION;
}

static bool no_bRequest(const mutant *m)
{
    return m->input >= DFUKIT_REQUEST_COUNT && m->kind == DIRECTION;
}

static bool no_work_then(const mutant *m)
{
    return m->input == DFUKIT_ON_DNLOAD_END && m->kind == QUIET;
}

static const equivalence equivalences[] = {
    {never_taken, 17, "what no state takes leads nowhere, nor does it matter whether work goes on"},
    {no_bRequest, 2, "the direction is looked up in the row of the bRequest"},
    {no_work_then, 1, "with one buffer no work is left where a download may end"},
};

/* ---- The comparison of one input ---- */

static bool ran(void *self, const visit *v)
{
    (void)self;
    return v->f != NULL && v->f->differs == NULL;
}

static unsigned causes_of(unsigned input)
{
    static const unsigned causes[DFUKIT_INPUT_COUNT] = {
        [DFUKIT_ON_DETACH] = 1u << ANNEX_A_DETACH,
        [DFUKIT_ON_DNLOAD] = 1u << ANNEX_A_DNLOAD_DATA,
        [DFUKIT_ON_DNLOAD_END] = 1u << ANNEX_A_DNLOAD_EMPTY,
        [DFUKIT_ON_UPLOAD] = 1u << ANNEX_A_UPLOAD_LENGTH | 1u << ANNEX_A_UPLOAD_NOTHING,
        [DFUKIT_ON_GETSTATUS] = 1u << ANNEX_A_GETSTATUS,
        [DFUKIT_ON_CLRSTATUS] = 1u << ANNEX_A_CLRSTATUS,
        [DFUKIT_ON_GETSTATE] = 1u << ANNEX_A_GETSTATE,
        [DFUKIT_ON_ABORT] = 1u << ANNEX_A_ABORT,
        [DFUKIT_ON_OTHER] = 1u << ANNEX_A_UNKNOWN | 1u << ANNEX_A_WRONG_DIRECTION,
    };

    return causes[input];
}

/* Of a cell the state alone is walked through. @return true: nothing was noticed. */
static bool compare(const mutant *m)
{
    bool cell = m->kind == STRICT || m->kind == LENIENT;
    walk w = {.states = cell ? 1u << m->state : WALK_ALL, .causes = causes_of(m->input)};

    w.ran = ran;
    for (w.product = 0; w.product < BENCH_PRODUCTS; w.product++) {
        if (!walk_requests(&w))
            return false;
    }
    return true;
}

/* ---- All mutants ---- */

typedef struct tally {
    unsigned long mutants[KINDS], killed[KINDS], survived, broken_rules;
    unsigned long equivalent[LENGTH(equivalences)];
} tally;

static void say(const char *what, const mutant *m)
{
    print_error("%s: %s, input %u, state %u (%s)\n", what, kind_names[m->kind], m->input, m->state,
                dfukit_state_name(m->state));
}

static void try_mutant(tally *n, const mutant *m)
{
    static table copy;
    size_t rule = 0;
    bool lives;

    memcpy(copy, dfukit_transitions, sizeof copy);
    copy[m->input] ^= change_of(m);
    while (rule < LENGTH(equivalences) && !equivalences[rule].holds(m))
        rule++;
    dfukit_table = (const table *)&copy;
    lives = compare(m);
    dfukit_table = &dfukit_transitions;
    n->mutants[m->kind]++;
    if (!lives && rule == LENGTH(equivalences)) {
        n->killed[m->kind]++;
    } else if (lives && rule < LENGTH(equivalences)) {
        n->equivalent[rule]++;
    } else if (lives) {
        n->survived++;
        say("survives", m);
    } else {
        n->broken_rules++;
        say(equivalences[rule].reason, m);
    }
}

static void report(const tally *n)
{
    unsigned long mutants = 0, killed = 0, equivalent = 0;

    for (unsigned k = 0; k < KINDS; k++) {
        print_message("    %4lu %s, %lu noticed\n", n->mutants[k], kind_names[k], n->killed[k]);
        mutants += n->mutants[k];
        killed += n->killed[k];
    }
    for (size_t i = 0; i < LENGTH(equivalences); i++) {
        print_message("    %4lu no different: %s\n", n->equivalent[i], equivalences[i].reason);
        equivalent += n->equivalent[i];
    }
    print_message("table: %lu mutants, %lu noticed, %lu no different by %zu rules, %lu survive, "
                  "%lu against a rule\n",
                  mutants, killed, equivalent, LENGTH(equivalences), n->survived, n->broken_rules);
}

static void every_wrong_table_is_noticed(void **context)
{
    static tally n;

    (void)context;
    for (mutant m = {0}; m.input < DFUKIT_INPUT_COUNT; m.input++) {
        m.kind = NEXT;
        assert_true(compare(&m)); /* as it is */
        for (m.kind = 0; m.kind < KINDS; m.kind++) {
            for (m.state = 0; m.state < variants(m.kind); m.state++) {
                if (change_of(&m) != 0)
                    try_mutant(&n, &m);
            }
        }
    }
    report(&n);
    for (size_t i = 0; i < LENGTH(equivalences); i++)
        assert_int_equal(n.equivalent[i], equivalences[i].count);
    assert_int_equal(n.survived, 0);
    assert_int_equal(n.broken_rules, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_wrong_table_is_noticed),
    };

    return cmocka_run_group_tests_name("mutation", tests, NULL, NULL);
}
