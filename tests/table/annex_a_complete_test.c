/* SPDX-License-Identifier: MIT */
/**
 * The table in annex_a.h must be a function: for every state and cause, under every combination of
 * attribute bits, handling and facts, exactly one row applies. Nothing of the library runs here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "table/annex_a.h"

#define ALL_ATTRIBUTES 16u

/** Count rows for every combination; say where the number is not one. */
static void check(const char *what, const annex_a_row *rows, size_t n, unsigned causes,
                  unsigned facts)
{
    unsigned long combinations = 0;
    unsigned long wrong = 0;
    for (unsigned state = 0; state < DFUKIT_STATE_COUNT; state++) {
        for (unsigned cause = 0; cause < causes; cause++) {
            for (unsigned bits = 0; bits < ALL_ATTRIBUTES * 2 * (facts + 1); bits++) {
                unsigned attributes = bits % ALL_ATTRIBUTES;
                unsigned handling = (bits / ALL_ATTRIBUTES) % 2 ? ANNEX_A_LENIENT : ANNEX_A_STRICT;
                unsigned holds = bits / (ALL_ATTRIBUTES * 2);
                unsigned matches = 0;
                for (size_t i = 0; i < n; i++) {
                    matches += annex_a_applies(&rows[i], state, cause, attributes, handling, holds);
                }
                combinations++;
                if (matches != 1) {
                    wrong++;
                    print_error("%s: state %u cause %u attributes %02x handling %u facts %02x: "
                                "%u rows\n",
                                what, state, cause, attributes, handling, holds, matches);
                }
            }
        }
    }
    print_message("%s: %zu rows cover %u cells, %lu combinations\n", what, n,
                  DFUKIT_STATE_COUNT * causes, combinations);
    assert_int_equal(wrong, 0);
}

static void requests_are_complete(void **context)
{
    (void)context;
    check("requests", annex_a_requests, ANNEX_A_REQUEST_ROWS, ANNEX_A_REQUESTS,
          ANNEX_A_REQUEST_FACTS);
}

static void events_are_complete(void **context)
{
    (void)context;
    check("events", annex_a_events, ANNEX_A_EVENT_ROWS, ANNEX_A_EVENTS, ANNEX_A_EVENT_FACTS);
}

/** A row with a condition that contradicts itself would never apply. */
static void row_is_sound(const annex_a_row *row, unsigned causes, unsigned facts)
{
    assert_true(row->state < DFUKIT_STATE_COUNT);
    assert_true(row->next < DFUKIT_STATE_COUNT);
    assert_true(row->cause < causes);
    assert_int_equal(row->set & row->clear, 0);
    assert_int_equal((row->set | row->clear) & ~(ALL_ATTRIBUTES - 1), 0);
    assert_int_equal(row->yes & row->no, 0);
    assert_int_equal((row->yes | row->no) & ~facts, 0);
    assert_in_range(row->handling, ANNEX_A_STRICT, ANNEX_A_BOTH);
    assert_in_range(row->basis, ANNEX_A_VERIFIED, ANNEX_A_SILENT);
    /* Nothing but A.2.1 and A.2.2 has been checked against the document. */
    assert_true(row->basis != ANNEX_A_VERIFIED || row->state <= DFUKIT_APP_DETACH);
    /* OK and dfuERROR exclude each other. */
    if (row->next == DFUKIT_DFU_ERROR) {
        assert_int_not_equal(row->status, ANNEX_A_OK_KEPT);
        assert_int_not_equal(row->status, ANNEX_A_CLEARED);
    } else {
        assert_true(row->status <= ANNEX_A_CLEARED);
    }
}

/** Rules of A.1 and of sections 6.1.2 and 6.1.5 that hold across all tables. */
static void requests_obey_general_rules(void **context)
{
    (void)context;
    for (size_t i = 0; i < ANNEX_A_REQUEST_ROWS; i++) {
        const annex_a_row *row = &annex_a_requests[i];
        row_is_sound(row, ANNEX_A_REQUESTS, ANNEX_A_REQUEST_FACTS);
        bool tells = row->cause == ANNEX_A_GETSTATUS || row->cause == ANNEX_A_GETSTATE;
        if (row->reaction == ANNEX_A_ACK && tells) {
            assert_int_equal(row->shows, row->next);
        } else {
            assert_int_equal(row->shows, ANNEX_A_NO_STATE);
        }
        if (row->reaction == ANNEX_A_ACK && row->cause == ANNEX_A_GETSTATE) {
            assert_int_equal(row->next, row->state);
        }
        if (row->reaction == ANNEX_A_STALL) {
            assert_int_equal(row->next,
                             row->state <= DFUKIT_APP_DETACH ? DFUKIT_APP_IDLE : DFUKIT_DFU_ERROR);
        }
        assert_int_not_equal(row->reaction, ANNEX_A_NOT_ASKED);
        assert_int_equal(row->reaction == ANNEX_A_NO_REPLY,
                         row->state == DFUKIT_MANIFEST_WAIT_RESET);
    }
    assert_int_equal(annex_a_unconfigured.reaction, ANNEX_A_STALL);
    assert_int_equal(annex_a_unconfigured.status, ANNEX_A_UNCHANGED);
}

static void events_obey_general_rules(void **context)
{
    (void)context;
    for (size_t i = 0; i < ANNEX_A_EVENT_ROWS; i++) {
        const annex_a_row *row = &annex_a_events[i];
        row_is_sound(row, ANNEX_A_EVENTS, ANNEX_A_EVENT_FACTS);
        assert_int_equal(row->shows, ANNEX_A_NO_STATE);
        assert_int_equal(row->reaction == ANNEX_A_NOT_ASKED, row->cause < ANNEX_A_SET_INTERFACE);
        /* A refused standard request changes nothing. */
        if (row->reaction == ANNEX_A_STALL) {
            assert_int_equal(row->next, row->state);
        }
    }
}

/** annex_a_find() must find rows, and nothing where there is none. */
static void find_finds(void **context)
{
    (void)context;
    const annex_a_row *row =
        annex_a_find(annex_a_requests, ANNEX_A_REQUEST_ROWS, DFUKIT_DFU_IDLE, ANNEX_A_DNLOAD_DATA,
                     DFUKIT_CAN_DNLOAD, ANNEX_A_STRICT, ANNEX_A_BLOCK_DONE);
    assert_non_null(row);
    assert_int_equal(row->next, DFUKIT_DNLOAD_SYNC);
    assert_null(annex_a_find(annex_a_requests, ANNEX_A_REQUEST_ROWS, DFUKIT_STATE_COUNT,
                             ANNEX_A_DETACH, 0, ANNEX_A_STRICT, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_complete),
        cmocka_unit_test(events_are_complete),
        cmocka_unit_test(requests_obey_general_rules),
        cmocka_unit_test(events_obey_general_rules),
        cmocka_unit_test(find_finds),
    };
    return cmocka_run_group_tests_name("annex_a_complete", tests, NULL, NULL);
}
