/* SPDX-License-Identifier: MIT */
/* Blocks that wait before the store is given them: for DFU_GETSTATUS (DfuSe), and for the work on
 * the block before (two block buffers). */
#include "mock_store.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { USUAL = DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_MANIFESTATION_TOLERANT };

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* ---- DfuSe: the class's part of AN3156 ---- */

static void dfuse(mock *m)
{
    mock_dfu_mode(m, USUAL, false);
    m->config.dfuse = true;
}

/* A block is acted upon when GETSTATUS asks for it; that answers dfuDNBUSY always, the next one
 * tells the outcome. */
static void a_block_waits_for_getstatus(void **state)
{
    static const struct {
        uint32_t us, told;
    } rows[] = {{0, 1}, {1, 1}, {1000, 1}, {1001, 2}, {30000000, 30000}};

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        dfukit_status_reply r;
        mock m;

        dfuse(&m);
        m.takes_us = rows[i].us;
        mock_do(&m, DFUKIT_DNLOAD, 0, 5);
        dfukit_dfu_poll(&m.dfu, 0);
        mock_do(&m, DFUKIT_GETSTATE, 0, 1);
        assert_int_equal(m.writes, 0);
        r = mock_status(&m);
        if (m.writes != 1 || r.bState != DFUKIT_DNBUSY || r.bwPollTimeout != rows[i].told)
            fail_msg("row %zu: %u writes, state %u, bwPollTimeout %u", i, m.writes, r.bState,
                     r.bwPollTimeout);
        m.left_us = 0;
        dfukit_dfu_poll(&m.dfu, rows[i].told);
        r = mock_status(&m);
        assert_int_equal(r.bState, DFUKIT_DNLOAD_IDLE);
        assert_int_equal(r.bStatus, DFUKIT_STATUS_OK);
        assert_int_equal(m.writes, 1);
    }
}

/* What goes wrong is told by a GETSTATUS, never by a stall; a block that was given up before one
 * was never acted upon. */
static void a_block_that_fails_or_is_given_up(void **state)
{
    dfukit_status_reply r;
    mock m;

    (void)state;
    dfuse(&m);
    m.write_status = DFUKIT_STATUS_TARGET;
    assert_int_equal(mock_do(&m, DFUKIT_DNLOAD, 0, 5).kind, DFUKIT_ANSWER_OUT);
    r = mock_status(&m);
    assert_int_equal(r.bState, DFUKIT_DFU_ERROR);
    assert_int_equal(r.bStatus, DFUKIT_STATUS_TARGET);
    dfuse(&m);
    mock_do(&m, DFUKIT_DNLOAD, 0, 5);
    assert_int_equal(mock_do(&m, DFUKIT_ABORT, 0, 0).kind, DFUKIT_ANSWER_OUT);
    assert_int_equal(mock_status(&m).bState, DFUKIT_DFU_IDLE);
    dfukit_dfu_poll(&m.dfu, 100);
    assert_int_equal(m.writes, 0);
}

/* ---- Two block buffers ---- */

typedef struct twin {
    mock m;
    uint8_t blocks[2 * MOCK_TRANSFER_SIZE];
} twin;

static dfukit_answer send(twin *t, uint16_t number)
{
    dfukit_setup s = mock_request(&t->m, DFUKIT_DNLOAD, number, MOCK_TRANSFER_SIZE);
    dfukit_answer a = dfukit_dfu_setup(&t->m.dfu, &s);

    if (a.kind != DFUKIT_ANSWER_STALL) {
        memset(a.data, number + 1, a.n);
        dfukit_dfu_complete(&t->m.dfu);
    }
    return a;
}

static void begin_twin(twin *t, uint32_t takes_us)
{
    mock_init(&t->m, USUAL, false);
    t->m.config.double_buffer = true;
    dfukit_dfu_init(&t->m.dfu, &t->m.config, &t->m, t->blocks);
    dfukit_dfu_attach(&t->m.dfu, true);
    dfukit_dfu_set_configured(&t->m.dfu, true);
    t->m.rewinds = 0;
    t->m.takes_us = takes_us;
}

/* The next block comes while the store works on the last one, into the other half; the store gets
 * it when it has finished, and GETSTATUS says dfuDNBUSY for as long as there is no room. */
static void the_next_block_comes_meanwhile(void **state)
{
    dfukit_status_reply r;
    uint32_t now = 0;
    twin t;

    (void)state;
    begin_twin(&t, 10000);
    for (uint16_t n = 0; n < 6; n++) {
        const uint8_t *half = t.blocks + (n % 2) * MOCK_TRANSFER_SIZE;

        assert_ptr_equal(send(&t, n).data, half);
        if (n == 0) {
            r = mock_status(&t.m); /* at once: there is room */
            assert_int_equal(r.bState, DFUKIT_DNLOAD_IDLE);
            assert_int_equal(r.bwPollTimeout, 0);
            assert_int_equal(t.m.writes, 1);
            continue;
        }
        assert_int_equal(t.m.writes, n); /* not while the store works */
        r = mock_status(&t.m);
        assert_int_equal(r.bState, DFUKIT_DNBUSY);
        assert_int_equal(r.bwPollTimeout, 10);
        t.m.left_us = 0;
        dfukit_dfu_poll(&t.m.dfu, now += 10);
        assert_int_equal(t.m.writes, n + 1);
        for (unsigned i = 0; i < MOCK_TRANSFER_SIZE; i++)
            assert_int_equal(t.m.bytes[i], n + 1);
        r = mock_status(&t.m);
        assert_int_equal(r.bState, DFUKIT_DNLOAD_IDLE);
        assert_int_equal(r.bwPollTimeout, 0);
    }
}

/* What the store works on lies in a buffer of its own: ABORT is taken, what reads or forgets the
 * outcome waits. A block that waits for the store goes with the ABORT. */
static void giving_up_with_two_blocks(void **state)
{
    twin t;

    (void)state;
    begin_twin(&t, 10000);
    send(&t, 0);
    mock_status(&t.m);
    send(&t, 1);
    assert_int_equal(mock_do(&t.m, DFUKIT_ABORT, 0, 0).kind, DFUKIT_ANSWER_OUT);
    assert_int_equal(t.m.dfu.state, DFUKIT_DFU_IDLE);
    assert_int_equal(mock_do(&t.m, DFUKIT_UPLOAD, 0, 64).kind, DFUKIT_ANSWER_STALL);
    assert_int_equal(mock_do(&t.m, DFUKIT_CLRSTATUS, 0, 0).kind, DFUKIT_ANSWER_STALL);
    t.m.left_us = 0;
    dfukit_dfu_poll(&t.m.dfu, 10);
    assert_int_equal(mock_do(&t.m, DFUKIT_CLRSTATUS, 0, 0).kind, DFUKIT_ANSWER_OUT);
    assert_int_equal(t.m.writes, 1);
    assert_int_equal(t.m.reads, 0);
}

/* The failure of a block shows at the next request, whichever block it was. */
static void a_late_failure(void **state)
{
    dfukit_status_reply r;
    twin t;

    (void)state;
    begin_twin(&t, 10000);
    send(&t, 0);
    assert_int_equal(mock_status(&t.m).bState, DFUKIT_DNLOAD_IDLE);
    t.m.poll_status = DFUKIT_STATUS_PROG;
    t.m.left_us = 0;
    assert_int_equal(send(&t, 1).kind, DFUKIT_ANSWER_STALL);
    r = mock_status(&t.m);
    assert_int_equal(r.bStatus, DFUKIT_STATUS_PROG);
    assert_int_equal(r.bState, DFUKIT_DFU_ERROR);
    assert_int_equal(t.m.writes, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_waits_for_getstatus),
        cmocka_unit_test(a_block_that_fails_or_is_given_up),
        cmocka_unit_test(the_next_block_comes_meanwhile),
        cmocka_unit_test(giving_up_with_two_blocks),
        cmocka_unit_test(a_late_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
