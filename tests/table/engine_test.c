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
#include "table/expected.h"
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
    /* rows that have been compared */
    bool request_rows[ANNEX_A_REQUEST_ROWS], event_rows[ANNEX_A_EVENT_ROWS];
} tally;

/* ---- Saying what happened ---- */

static const char *const product_names[BENCH_PRODUCTS] = {
    [BENCH_PLAIN] = "plain",
    [BENCH_LOADER_ONLY] = "loader_only",
    [BENCH_DOUBLE_BUFFER] = "double_buffer",
    [BENCH_DFUSE] = "dfuse",
};
static const char *const levels[2] = {"class alone", "through endpoint 0"};

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

    print_error("%s, %s, %s, %s: %s (cause %u, form %u), attributes %02x, facts %02x, road %u:\n",
                product_names[n->product], levels[n->piped], s->strict ? "strict" : "lenient",
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

/* ---- Runs and combinations ---- */

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
    if (n->unlisted++ < MOST_PRINTED)
        describe(n, v);
    return true;
}

static void combined(void *self, const visit *v)
{
    tally *n = self;

    n->combinations++;
    if (v->number < 0)
        ; /* not a row of the two tables */
    else if (v->t->event)
        n->event_rows[v->number] = true;
    else
        n->request_rows[v->number] = true;
    if (v->deviation < 0)
        return;
    n->count[v->deviation]++;
    if (v->s->strict)
        n->strict++;
    else
        n->lenient++;
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

static unsigned long complain(const char *level, const char *what, unsigned long got,
                              unsigned long wanted)
{
    if (got == wanted)
        return 0;
    print_error("%s: %lu instead of %lu: %s\n", level, got, wanted, what);
    return 1;
}

static unsigned long check_counts(const tally *n, const char *level)
{
    const expected_counts *e = &expected[n->product][n->piped];
    unsigned long wrong = 0;

    for (size_t i = 1; i < RULES; i++)
        wrong += complain(level, situation_rules[i], n->ruled_out[i], e->ruled_out[i]);
    for (size_t i = 0; i < DEVIATIONS; i++)
        wrong += complain(
            level, deviations[i].reason, n->count[i],
            (deviations[i].products >> n->product & 1u) != 0 ? deviations[i].count[n->piped] : 0);
    wrong += complain(level, "combinations", n->combinations, e->combinations);
    wrong += complain(level, "rows about requests compared",
                      compared(n->request_rows, ANNEX_A_REQUEST_ROWS), e->request_rows);
    wrong += complain(level, "rows about events compared",
                      compared(n->event_rows, ANNEX_A_EVENT_ROWS), e->event_rows);
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
    char level[64];

    snprintf(level, sizeof level, "%s, %s", product_names[product], levels[piped]);
    walk_all(&n, product, piped);
    report(&n, level);
    assert_int_equal(n.astray, 0);
    assert_int_equal(n.unlisted, 0);
    if (getenv("DFUKIT_TABLE") != NULL)
        return;
    assert_int_equal(check_counts(&n, level), 0);
    if (product == BENCH_PLAIN)
        assert_int_equal(n.strict, 0);
}

static void plain(void **state)
{
    (void)state;
    check(BENCH_PLAIN, false);
    check(BENCH_PLAIN, true);
}

static void loader_only(void **state)
{
    (void)state;
    check(BENCH_LOADER_ONLY, false);
    check(BENCH_LOADER_ONLY, true);
}

static void double_buffer(void **state)
{
    (void)state;
    check(BENCH_DOUBLE_BUFFER, false);
    check(BENCH_DOUBLE_BUFFER, true);
}

static void dfuse(void **state)
{
    (void)state;
    check(BENCH_DFUSE, false);
    check(BENCH_DFUSE, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),
        cmocka_unit_test(loader_only),
        cmocka_unit_test(double_buffer),
        cmocka_unit_test(dfuse),
    };

    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
