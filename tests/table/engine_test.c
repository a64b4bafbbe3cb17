/* SPDX-License-Identifier: MIT */
/**
 * The device engine against the transcription of Annex A.2: every cell under every combination of
 * attributes, handling and facts, on the class alone and through endpoint 0. A difference must be
 * one of deviations.h; a combination that is not run must be ruled out by a rule of situation.c.
 * With DFUKIT_TABLE=STATE[,CAUSE] in the environment only that part is walked, and every difference
 * is printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "table/deviations.h"
#include "table/walk.h"

enum { MOST_PRINTED = 20 };

typedef struct tally {
    bench_product product;
    bool piped;
    unsigned long runs, combinations;
    unsigned long ruled_out[RULES];
    unsigned long strict, lenient; /* combinations that deviate */
    unsigned long unlisted, astray;
    unsigned long count[DEVIATIONS];
    /* of the situation being walked: which deviations each trial has shown */
    uint32_t shown[2][ANNEX_A_REQUESTS][64];
    /* rows that have been compared */
    bool request_rows[ANNEX_A_REQUEST_ROWS], event_rows[ANNEX_A_EVENT_ROWS];
} tally;

/* ---- Saying what happened ---- */

static const char *const request_names[ANNEX_A_REQUESTS] = {
    "DETACH",    "DNLOAD",   "empty DNLOAD", "UPLOAD",          "UPLOAD of nothing", "GETSTATUS",
    "CLRSTATUS", "GETSTATE", "ABORT",        "unknown request", "wrong direction"};
static const char *const event_names[ANNEX_A_EVENTS] = {
    "bus reset",           "power-on",           "detach timer",  "poll timeout",
    "work done",           "work failed",        "SET_INTERFACE", "bad SET_INTERFACE",
    "SET_CONFIGURATION 0", "SET_CONFIGURATION 1"};

static void describe(const tally *n, const visit *v)
{
    const situation *s = v->s;

    print_error("%s, %s, %s: %s (cause %u, form %u), attributes %02x, facts %02x, road %u:\n",
                n->piped ? "through endpoint 0" : "class alone", s->strict ? "strict" : "lenient",
                dfukit_state_name(s->state),
                v->t->event ? event_names[v->t->cause] : request_names[v->t->cause], v->t->cause,
                v->t->form, s->attributes, v->t->facts, v->road);
    print_error("    (again: DFUKIT_TABLE=%u,%u) ", s->state, v->t->cause);
    if (v->f == NULL && v->b == NULL)
        print_error("%s: no rule, and no road\n", v->what);
    else if (v->f == NULL)
        print_error("%s: the road led to state %u, status %u, configured %d, astray %d\n", v->what,
                    v->b->dfu.state, v->b->dfu.status, v->b->dfu.configured, v->b->astray);
    else
        print_error("%s: %s: %u, expected %u (reaction %u, next %u, status %u)\n", v->what,
                    v->f->differs, v->f->got, v->f->wanted, v->f->reaction, v->f->next,
                    v->f->status);
}

/* ---- Deviations ---- */

static bool deviates_so(const deviation *d, const visit *v)
{
    unsigned handling = v->s->strict ? ANNEX_A_STRICT : ANNEX_A_LENIENT;
    unsigned status = d->status == DEVIATION_KEEPS ? v->f->status_before : d->status;
    unsigned next = d->next == DEVIATION_KEEPS ? v->s->state : d->next;

    return (d->products >> v->s->product & 1u) != 0 && d->event == v->t->event && d->cause == v->t->cause &&
           (d->states >> v->s->state & 1u) != 0 && (d->handling & handling) != 0 &&
           (d->yes & ~v->t->facts) == 0 && (d->no & v->t->facts) == 0 &&
           d->reaction == v->f->reaction && next == v->f->next && status == v->f->status;
}

static bool ran(void *self, const visit *v)
{
    tally *n = self;

    if (v->f == NULL) {
        if (n->astray++ < MOST_PRINTED)
            describe(n, v);
        return true;
    }
    n->runs++;
    if (v->f->differs == NULL)
        return true;
    for (size_t i = 0; i < DEVIATIONS; i++) {
        if (deviates_so(&deviations[i], v)) {
            n->shown[v->t->event][v->t->cause][v->t->facts] |= 1u << i;
            if (getenv("DFUKIT_TABLE") != NULL)
                describe(n, v);
            return true;
        }
    }
    if (n->unlisted++ < MOST_PRINTED)
        describe(n, v);
    return true;
}

static void combined(void *self, const visit *v)
{
    tally *n = self;
    uint32_t *shown = &n->shown[v->t->event][v->t->cause][v->t->facts];

    n->combinations++;
    if (v->number < 0)
        ; /* not a row of the two tables */
    else if (v->t->event)
        n->event_rows[v->number] = true;
    else
        n->request_rows[v->number] = true;
    if (*shown == 0)
        return;
    for (size_t i = 0; i < DEVIATIONS; i++)
        n->count[i] += *shown >> i & 1u;
    if (v->s->strict)
        n->strict++;
    else
        n->lenient++;
    *shown = 0;
}

static void ruled_out(void *self, const visit *v, unsigned rule)
{
    (void)v;
    ((tally *)self)->ruled_out[rule]++;
}

/* ---- The whole of it ---- */

static void walk_all(tally *n, bench_product product, bool piped)
{
    const char *part = getenv("DFUKIT_TABLE");
    unsigned state = 0, cause = 0;
    int given = part == NULL ? 0 : sscanf(part, "%u,%u", &state, &cause);
    walk w = {.product = product,
              .piped = piped,
              .states = given > 0 ? 1u << state : WALK_ALL,
              .causes = given > 1 ? 1u << cause : WALK_ALL,
              .self = n,
              .ran = ran,
              .combined = combined,
              .ruled_out = ruled_out};

    memset(n, 0, sizeof *n);
    n->product = product;
    n->piped = piped;
    walk_requests(&w);
    walk_unconfigured(&w);
    walk_untold(&w);
    walk_events(&w);
}

static unsigned long compared(const bool *rows, size_t n)
{
    unsigned long sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += rows[i];
    return sum;
}

/* Nothing is left out silently: so many combinations cannot be, by which rule, and so many rows of
 * the transcription are about what can be. [0] the class alone, [1] through endpoint 0. */
static const unsigned long expected_ruled_out[RULES][2] = {
    [RULE_CANNOT_DOWNLOAD] = {158144, 158144},
    [RULE_CANNOT_UPLOAD] = {11904, 11904},
    [RULE_TOLERANT] = {8640, 8640},
    [RULE_NOT_MET] = {51352, 51352},
    [RULE_STATE_PROVES_USE] = {35216, 35216},
    [RULE_NO_WORK_HERE] = {8544, 8544},
    [RULE_NOT_MANIFESTED] = {352, 352},
    [RULE_FAILURE_IS_AN_ERROR] = {25344, 25344},
    [RULE_DONE_AND_FAILED] = {2112, 2112},
    [RULE_NO_SETTING] = {10560, 10560},
    [RULE_NO_SETTING_AT_WORK] = {1280, 1280},
    [RULE_NO_WORK_TO_END] = {4608, 4608},
    [RULE_CHAPTER_9] = {1856, 0},
};
static const unsigned long expected_combinations[2] = {61656, 63512};
static const unsigned long expected_request_rows[2] = {148, 148};
static const unsigned long expected_event_rows[2] = {175, 185};

static unsigned long complain(const char *level, const char *what, unsigned long got,
                              unsigned long expected)
{
    if (got == expected)
        return 0;
    print_error("%s: %lu instead of %lu: %s\n", level, got, expected, what);
    return 1;
}

static unsigned long check_counts(const tally *n, const char *level, bool piped)
{
    unsigned long wrong = 0;

    for (size_t i = 0; i < RULES; i++)
        wrong += complain(level, situation_rules[i], n->ruled_out[i], expected_ruled_out[i][piped]);
    for (size_t i = 0; i < DEVIATIONS; i++)
        wrong += complain(level, deviations[i].reason, n->count[i], deviations[i].count[piped]);
    wrong += complain(level, "combinations", n->combinations, expected_combinations[piped]);
    wrong +=
        complain(level, "rows about requests compared",
                 compared(n->request_rows, ANNEX_A_REQUEST_ROWS), expected_request_rows[piped]);
    wrong += complain(level, "rows about events compared",
                      compared(n->event_rows, ANNEX_A_EVENT_ROWS), expected_event_rows[piped]);
    return wrong;
}

static void report(const tally *n, const char *level)
{
    unsigned long sum = 0;

    for (size_t i = 1; i < RULES; i++) {
        if (n->ruled_out[i] != 0)
            print_message("    %6lu cannot be: %s\n", n->ruled_out[i], situation_rules[i]);
        sum += n->ruled_out[i];
    }
    for (size_t i = 0; i < DEVIATIONS; i++) {
        if (n->count[i] != 0)
            print_message("    %6lu deviate: %s\n", n->count[i], deviations[i].reason);
    }
    print_message("%s: %lu rows compared, %lu combinations in %lu runs, %lu ruled out; deviations: "
                  "strict %lu, lenient %lu\n",
                  level,
                  compared(n->request_rows, ANNEX_A_REQUEST_ROWS) +
                      compared(n->event_rows, ANNEX_A_EVENT_ROWS),
                  n->combinations, n->runs, sum, n->strict, n->lenient);
}

static void check(bench_product product, bool piped)
{
    static tally n;
    const char *level = piped ? "through endpoint 0" : "class alone";

    walk_all(&n, product, piped);
    report(&n, level);
    assert_int_equal(n.astray, 0);
    assert_int_equal(n.unlisted, 0);
    if (getenv("DFUKIT_TABLE") != NULL)
        return;
    assert_int_equal(check_counts(&n, level, piped), 0);
    assert_int_equal(n.strict, 0);
}

static void the_class_alone(void **state)
{
    (void)state;
    check(BENCH_PLAIN, false);
}

static void through_endpoint_0(void **state)
{
    (void)state;
    check(BENCH_PLAIN, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_class_alone),
        cmocka_unit_test(through_endpoint_0),
    };

    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
