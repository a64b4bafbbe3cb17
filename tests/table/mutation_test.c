/* SPDX-License-Identifier: MIT */
/**
 * Would the comparison notice a wrong cell? Every cell of dfukit_transitions gets every other value
 * that an action and a state make, one at a time, and the comparison of that cell with the
 * transcription must come out differently than before. What cannot be told apart is recognised by a
 * rule with a reason, and must be exactly as many as the rule says.
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

enum { ACTIONS = DFUKIT_DO_LENIENT + 1, MOST_RUNS = 60000 };

typedef uint8_t table[DFUKIT_STATE_COUNT][DFUKIT_INPUT_COUNT];

/* The table that the engine in this program looks at. */
extern const table *dfukit_table;
const table *dfukit_table = &dfukit_transitions;

/* ---- Mutants that are no different ---- */

typedef struct mutant {
    uint8_t state, input; /* of the cell */
    uint8_t action, next; /* as it is */
    uint8_t new_action, new_next;
} mutant;

typedef struct equivalence {
    bool (*holds)(const mutant *m);
    unsigned long count;
    const char *reason;
} equivalence;

static bool stalls_anyway(const mutant *m)
{
    return m->action == DFUKIT_DO_STALL_ERROR && m->new_action == DFUKIT_DO_STALL_ERROR;
}

static bool refused_in_error(const mutant *m)
{
    return m->state == DFUKIT_DFU_ERROR && m->action == DFUKIT_DO_STALL_ERROR &&
           m->new_action == DFUKIT_DO_STALL && m->new_next == DFUKIT_DFU_ERROR;
}

static bool without_data(const mutant *m)
{
    return m->input == DFUKIT_ON_DETACH || m->input == DFUKIT_ON_DNLOAD_END ||
           m->input == DFUKIT_ON_CLRSTATUS || m->input == DFUKIT_ON_ABORT;
}

static bool upload_of_nothing(const mutant *m)
{
    return m->action == DFUKIT_DO_STALL_ERROR && m->new_action == DFUKIT_DO_UPLOAD &&
           without_data(m);
}

static bool getstate_stays(const mutant *m)
{
    return m->input == DFUKIT_ON_GETSTATE && m->action == m->new_action &&
           m->action != DFUKIT_DO_STALL && m->action != DFUKIT_DO_STALL_ERROR;
}

static bool times_nothing(const mutant *m)
{
    return m->action == DFUKIT_DO_ACCEPT && m->new_action == DFUKIT_DO_DETACH &&
           m->new_next == m->next && without_data(m);
}

static bool dnload_of_nothing(const mutant *m)
{
    return m->state == DFUKIT_DNLOAD_IDLE && m->input == DFUKIT_ON_ABORT &&
           m->new_action == DFUKIT_DO_DNLOAD && m->new_next == m->next;
}

static bool no_work_to_tell_of(const mutant *m)
{
    return (m->state == DFUKIT_DNLOAD_IDLE || m->state == DFUKIT_UPLOAD_IDLE) &&
           m->input == DFUKIT_ON_GETSTATUS && m->new_action == DFUKIT_DO_SYNC_DNLOAD &&
           m->new_next == m->next;
}

static const equivalence equivalences[] = {
    {stalls_anyway, 450, "STALL_ERROR names its own state, dfuERROR: the cell's is not looked at"},
    {refused_in_error, 6, "a refusal in dfuERROR changes nothing that could be seen"},
    {upload_of_nothing, 275, "UPLOAD refuses wLength 0, which is all that this request may have"},
    {getstate_stays, 100, "GETSTATE tells the state and moves none, whatever the cell names"},
    {times_nothing, 4, "DETACH is ACCEPT with a time, which the next state does not wait for"},
    {dnload_of_nothing, 1, "DNLOAD without data is ACCEPT with bitCanDnload, given in that state"},
    {no_work_to_tell_of, 2, "SYNC_DNLOAD is ACCEPT when no work is left, as ever in that state"},
};

/* ---- The comparison of one cell ---- */

/* How each run of it came out, with the table as it is. */
typedef struct record {
    unsigned long runs;
    bool recording;
    struct {
        bool differs;
        uint8_t reaction, next, status;
    } run[MOST_RUNS];
} record;

static bool ran(void *self, const visit *v)
{
    record *r = self;
    unsigned long i = r->runs++;

    if (v->f == NULL || i >= MOST_RUNS)
        return false;
    if (r->recording) {
        r->run[i].differs = v->f->differs != NULL;
        r->run[i].reaction = v->f->reaction;
        r->run[i].next = v->f->next;
        r->run[i].status = v->f->status;
        return true;
    }
    return r->run[i].differs == (v->f->differs != NULL) && r->run[i].reaction == v->f->reaction &&
           r->run[i].next == v->f->next && r->run[i].status == v->f->status;
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

/* @return true when the comparison went to its end without anything new. */
static bool compare_cell(record *r, unsigned state, unsigned input, bool recording)
{
    walk w = {.states = 1u << state, .causes = causes_of(input), .self = r, .ran = ran};

    r->runs = 0;
    r->recording = recording;
    return walk_requests(&w);
}

/* ---- All mutants ---- */

typedef struct tally {
    unsigned long mutants, killed, survived, broken_rules;
    unsigned long equivalent[sizeof equivalences / sizeof equivalences[0]];
} tally;

static void say(const char *what, const mutant *m)
{
    print_error("%s: %s, input %u: action %u -> %u, state %u -> %u\n", what,
                dfukit_state_name(m->state), m->input, m->action, m->new_action, m->next,
                m->new_next);
}

static void try_mutant(tally *n, record *r, const mutant *m)
{
    static table copy;
    size_t rule = 0, rules = sizeof equivalences / sizeof equivalences[0];
    bool lives;

    memcpy(copy, dfukit_transitions, sizeof copy);
    copy[m->state][m->input] = (uint8_t)(m->new_action << 4 | m->new_next);
    while (rule < rules && !equivalences[rule].holds(m))
        rule++;
    dfukit_table = (const table *)&copy;
    lives = compare_cell(r, m->state, m->input, false);
    dfukit_table = &dfukit_transitions;
    n->mutants++;
    if (!lives && rule == rules) {
        n->killed++;
    } else if (lives && rule < rules) {
        n->equivalent[rule]++;
    } else if (lives) {
        n->survived++;
        say("survives", m);
    } else {
        n->broken_rules++;
        say(equivalences[rule].reason, m);
    }
}

static void try_cell(tally *n, record *r, unsigned state, unsigned input)
{
    uint8_t cell = dfukit_transitions[state][input];
    mutant m = {.state = (uint8_t)state,
                .input = (uint8_t)input,
                .action = (uint8_t)dfukit_cell_action(cell),
                .next = (uint8_t)dfukit_cell_state(cell)};

    assert_true(compare_cell(r, state, input, true));
    assert_true(r->runs > 0);
    for (m.new_action = 0; m.new_action < ACTIONS; m.new_action++) {
        for (m.new_next = 0; m.new_next < DFUKIT_STATE_COUNT; m.new_next++) {
            if (m.new_action != m.action || m.new_next != m.next)
                try_mutant(n, r, &m);
        }
    }
}

static void every_wrong_cell_is_noticed(void **context)
{
    static tally n;
    static record r;

    (void)context;
    for (unsigned state = 0; state < DFUKIT_STATE_COUNT; state++) {
        for (unsigned input = 0; input < DFUKIT_INPUT_COUNT; input++)
            try_cell(&n, &r, state, input);
    }
    print_message("%lu mutants, %lu noticed, %lu survive, %lu against a rule\n", n.mutants,
                  n.killed, n.survived, n.broken_rules);
    for (size_t i = 0; i < sizeof equivalences / sizeof equivalences[0]; i++) {
        print_message("%6lu no different: %s\n", n.equivalent[i], equivalences[i].reason);
        if (n.equivalent[i] != equivalences[i].count)
            print_error("%lu expected of these\n", equivalences[i].count);
        assert_int_equal(n.equivalent[i], equivalences[i].count);
    }
    assert_int_equal(n.survived, 0);
    assert_int_equal(n.broken_rules, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_wrong_cell_is_noticed),
    };

    return cmocka_run_group_tests_name("mutation", tests, NULL, NULL);
}
