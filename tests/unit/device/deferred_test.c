/* SPDX-License-Identifier: MIT */
/*
 * Blocks that wait for the store: with two buffers, while it still works on the last one; for
 * DfuSe, until GETSTATUS asks (AN3156: nothing is executed before).
 */
#include "mock_store.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { USUAL = DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_MANIFESTATION_TOLERANT };

/* Room for two blocks, and what stands behind them. */
static uint8_t buffers[2 * MOCK_TRANSFER_SIZE + 1];

static void start(mock *m, uint8_t attributes, bool strict, bool dfuse)
{
    mock_dfu_mode(m, attributes, strict);
    m->config.dfuse = dfuse;
    m->config.double_buffer = !dfuse;
    buffers[sizeof buffers - 1] = 0xA5;
    dfukit_dfu_init(&m->dfu, &m->config, m, buffers);
    dfukit_dfu_attach(&m->dfu, true);
    dfukit_dfu_set_configured(&m->dfu, true);
    m->rewinds = 0;
}

/* A block whose bytes tell its number. @return false: it was stalled. */
static bool block(mock *m, uint16_t number, uint16_t n)
{
    dfukit_setup s = mock_request(m, DFUKIT_DNLOAD, number, n);
    dfukit_answer a = dfukit_dfu_setup(&m->dfu, &s);

    if (a.kind != DFUKIT_ANSWER_OUT)
        return false;
    assert_int_equal(a.n, n);
    assert_in_range(a.data - buffers, 0, sizeof buffers - 1 - n);
    memset(a.data, (uint8_t)(number + 1), n);
    dfukit_dfu_complete(&m->dfu);
    assert_int_equal(buffers[sizeof buffers - 1], 0xA5);
    return true;
}

static void expect(mock *m, unsigned bState, uint32_t bwPollTimeout, unsigned writes,
                   const char *what)
{
    dfukit_status_reply r = mock_status(m);

    if (r.bState != bState || r.bwPollTimeout != bwPollTimeout || m->writes != writes)
        fail_msg("%s: bState %u, bwPollTimeout %u, %u writes, not %u, %u, %u", what, r.bState,
                 r.bwPollTimeout, m->writes, bState, bwPollTimeout, writes);
    assert_int_equal(m->dfu.state, bState);
}

/* ---- Two buffers ---- */

static void the_next_block_comes_while_the_last_is_at_work(void **state)
{
    (void)state;
    for (unsigned strict = 0; strict < 2; strict++) {
        mock m;

        start(&m, USUAL, strict != 0, false);
        m.takes_us = 8000;
        assert_true(block(&m, 0, 64));
        assert_int_equal(m.writes, 0);
        expect(&m, DFUKIT_DNLOAD_IDLE, 0, 1, "the first is at work, there is room");
        assert_true(block(&m, 1, 64));
        assert_int_equal(m.bytes[0], 1); /* the first is not overwritten */
        m.left_us = 5000;
        expect(&m, DFUKIT_DNBUSY, 5, 1, "the second waits for the first");
        dfukit_dfu_poll(&m.dfu, 4);
        assert_int_equal(m.dfu.state, DFUKIT_DNBUSY);
        m.left_us = 0;
        dfukit_dfu_poll(&m.dfu, 5);
        assert_int_equal(m.dfu.state, DFUKIT_DNLOAD_SYNC);
        assert_int_equal(m.writes, 2); /* as soon as it can be */
        assert_int_equal(m.bytes[63], 2);
        expect(&m, DFUKIT_DNLOAD_IDLE, 0, 2, "the second is at work");
        assert_true(block(&m, 2, 7));
        m.left_us = 0;
        expect(&m, DFUKIT_DNLOAD_IDLE, 0, 3, "the third at once");
        assert_int_equal(m.n, 7);
        assert_int_equal(m.block, 2);
    }
}

/* The buffers take turns for as long as it goes on. */
static void many_blocks(void **state)
{
    mock m;

    (void)state;
    start(&m, USUAL, true, false);
    m.takes_us = 1;
    for (uint16_t n = 0; n < 999; n++) {
        uint32_t left = n % 3 == 0 ? 0 : 1000;

        assert_true(block(&m, n, 64));
        m.left_us = left;
        if (left != 0 && n > 0) {
            assert_int_equal(mock_status(&m).bState, DFUKIT_DNBUSY);
            m.left_us = 0;
            dfukit_dfu_poll(&m.dfu, m.dfu.now_ms + 1);
        }
        m.left_us = 0;
        assert_int_equal(mock_status(&m).bState, DFUKIT_DNLOAD_IDLE);
        assert_int_equal(m.writes, n + 1);
        for (unsigned i = 0; i < 64; i++)
            assert_int_equal(m.bytes[i], (uint8_t)(n + 1));
    }
    assert_int_equal(m.begins, 1);
}

/* The end may come while the last block is at work: manifestation waits for it. */
static void the_end_comes_while_the_last_is_at_work(void **state)
{
    mock m;

    (void)state;
    start(&m, USUAL, true, false);
    m.takes_us = 8000;
    assert_true(block(&m, 0, 64));
    expect(&m, DFUKIT_DNLOAD_IDLE, 0, 1, "one block");
    assert_int_equal(mock_do(&m, DFUKIT_DNLOAD, 1, 0).kind, DFUKIT_ANSWER_OUT);
    assert_int_equal(m.dfu.state, DFUKIT_MANIFEST_SYNC);
    expect(&m, DFUKIT_MANIFEST, 8, 1, "the store tells of both");
    assert_int_equal(m.manifests, 1);
    m.left_us = 0;
    dfukit_dfu_poll(&m.dfu, 8);
    expect(&m, DFUKIT_DFU_IDLE, 0, 1, "over");
}

/* A failure is told of at the next request, whatever that is; nothing more is written. */
static void a_failure_behind_the_scenes(void **state)
{
    (void)state;
    for (unsigned next = 0; next < 4; next++) {
        dfukit_status_reply r;
        mock m;

        start(&m, USUAL, true, false);
        m.takes_us = 8000;
        assert_true(block(&m, 0, 64));
        expect(&m, DFUKIT_DNLOAD_IDLE, 0, 1, "one block");
        if (next == 3)
            assert_true(block(&m, 1, 64)); /* it waits, and is given up */
        m.poll_status = DFUKIT_STATUS_PROG;
        m.left_us = 0;
        if (next == 0)
            assert_false(block(&m, 1, 64));
        else if (next == 1)
            assert_int_equal(mock_do(&m, DFUKIT_DNLOAD, 1, 0).kind, DFUKIT_ANSWER_STALL);
        else if (next == 2)
            dfukit_dfu_poll(&m.dfu, 1);
        r = mock_status(&m);
        assert_int_equal(r.bState, DFUKIT_DFU_ERROR);
        assert_int_equal(r.bStatus, DFUKIT_STATUS_PROG);
        assert_int_equal(mock_do(&m, DFUKIT_CLRSTATUS, 0, 0).kind, DFUKIT_ANSWER_OUT);
        dfukit_dfu_poll(&m.dfu, 9);
        assert_int_equal(m.writes, 1);
    }
}

/* ABORT and the like drop the block that waits; the one at work keeps its buffer to itself. */
static void giving_up_a_block_that_waits(void **state)
{
    (void)state;
    for (unsigned how = 0; how < 5; how++) {
        mock m;

        start(&m, USUAL, false, false);
        m.takes_us = 8000;
        assert_true(block(&m, 0, 64));
        expect(&m, DFUKIT_DNLOAD_IDLE, 0, 1, "one block");
        if (how != 1)
            assert_true(block(&m, 1, 64));
        if (how <= 1) /* in dfuDNLOAD-SYNC by lenient practice, in dfuDNLOAD-IDLE by the text */
            assert_int_equal(mock_do(&m, DFUKIT_ABORT, 0, 0).kind, DFUKIT_ANSWER_OUT);
        else if (how == 2)
            dfukit_dfu_bus_reset(&m.dfu);
        else if (how == 3)
            dfukit_dfu_attach(&m.dfu, true);
        else /* not while work goes on */
            assert_false(dfukit_dfu_set_alternate(&m.dfu, 1));
        if (how < 4)
            assert_false(m.dfu.pending);
        dfukit_dfu_set_configured(&m.dfu, true);
        if (how == 0 || how == 1 || how == 3) {
            assert_int_equal(mock_do(&m, DFUKIT_GETSTATUS, 0, 6).kind, DFUKIT_ANSWER_IN);
            assert_int_equal(m.dfu.state, DFUKIT_DFU_IDLE);
            /* What runs has its buffer; the other one takes a new download. */
            assert_true(block(&m, 0, 64));
            assert_int_equal(m.bytes[0], 1);
            m.left_us = 3000;
            expect(&m, DFUKIT_DNBUSY, 3, 1, "a new first block waits");
            m.left_us = 0;
            dfukit_dfu_poll(&m.dfu, 3);
            expect(&m, DFUKIT_DNLOAD_IDLE, 0, 2, "and is written");
            assert_int_equal(m.begins, 2);
        }
    }
}

/* What the store must not be asked while it works. */
static void requests_that_wait_for_quiet(void **state)
{
    mock m;

    (void)state;
    start(&m, USUAL, true, false);
    m.takes_us = 8000;
    assert_true(block(&m, 0, 64));
    expect(&m, DFUKIT_DNLOAD_IDLE, 0, 1, "one block");
    mock_do(&m, DFUKIT_ABORT, 0, 0);
    assert_int_equal(mock_do(&m, DFUKIT_UPLOAD, 0, 64).kind, DFUKIT_ANSWER_STALL);
    assert_int_equal(m.reads, 0);
    assert_int_equal(mock_do(&m, DFUKIT_CLRSTATUS, 0, 0).kind, DFUKIT_ANSWER_STALL);
    m.left_us = 0;
    assert_int_equal(mock_do(&m, DFUKIT_CLRSTATUS, 0, 0).kind, DFUKIT_ANSWER_OUT);
    assert_int_equal(mock_do(&m, DFUKIT_UPLOAD, 0, 64).kind, DFUKIT_ANSWER_IN);
}

/* ---- DfuSe ---- */

static void nothing_happens_before_the_first_getstatus(void **state)
{
    (void)state;
    for (unsigned strict = 0; strict < 2; strict++) {
        mock m;

        start(&m, USUAL, strict != 0, true);
        assert_true(block(&m, 0, 5));
        for (uint32_t t = 0; t < 5000; t += 100)
            dfukit_dfu_poll(&m.dfu, t);
        assert_int_equal(m.writes, 0);
        assert_int_equal(m.dfu.state, DFUKIT_DNLOAD_SYNC);
        /* Busy first, always: hosts expect it. */
        expect(&m, DFUKIT_DNBUSY, 1, 1, "work that takes no time");
        assert_int_equal(m.n, 5);
        dfukit_dfu_poll(&m.dfu, 5001);
        expect(&m, DFUKIT_DNLOAD_IDLE, 0, 1, "the second one tells the outcome");
        m.takes_us = 30000;
        assert_true(block(&m, 2, 64));
        expect(&m, DFUKIT_DNBUSY, 30, 2, "work that takes its time");
        m.left_us = 0;
        dfukit_dfu_poll(&m.dfu, 5031);
        expect(&m, DFUKIT_DNLOAD_IDLE, 0, 2, "done");
    }
}

static void a_command_that_is_refused(void **state)
{
    static const uint8_t statuses[] = {DFUKIT_STATUS_TARGET, DFUKIT_STATUS_VENDOR};

    (void)state;
    for (size_t i = 0; i < sizeof statuses; i++) {
        for (unsigned when = 0; when < 2; when++) {
            dfukit_status_reply r;
            mock m;

            start(&m, USUAL, true, true);
            if (when == 0)
                m.write_status = statuses[i];
            assert_true(block(&m, 0, 5));
            if (when == 1)
                m.takes_us = 9000;
            r = mock_status(&m);
            if (when == 1) {
                assert_int_equal(r.bState, DFUKIT_DNBUSY);
                m.left_us = 0;
                m.poll_status = statuses[i];
                dfukit_dfu_poll(&m.dfu, 9);
                r = mock_status(&m);
            }
            assert_int_equal(r.bState, DFUKIT_DFU_ERROR);
            assert_int_equal(r.bStatus, statuses[i]);
            assert_int_equal(r.iString, statuses[i] == DFUKIT_STATUS_VENDOR ? 9 : 0);
            assert_int_equal(m.dfu.state, DFUKIT_DFU_ERROR);
        }
    }
}

/* What is given up before GETSTATUS is never done. */
static void a_command_given_up(void **state)
{
    (void)state;
    for (unsigned how = 0; how < 4; how++) {
        mock m;

        start(&m, USUAL, false, true);
        assert_true(block(&m, 0, 1)); /* erase everything, say */
        if (how == 0)
            assert_int_equal(mock_do(&m, DFUKIT_ABORT, 0, 0).kind, DFUKIT_ANSWER_OUT);
        else if (how == 1)
            dfukit_dfu_bus_reset(&m.dfu);
        else if (how == 2)
            assert_true(dfukit_dfu_set_alternate(&m.dfu, 1));
        else
            mock_do(&m, DFUKIT_UPLOAD, 2, 64); /* not now: dfuERROR */
        dfukit_dfu_set_configured(&m.dfu, true);
        for (unsigned i = 0; i < 3; i++)
            mock_do(&m, DFUKIT_GETSTATUS, 0, 6);
        mock_do(&m, DFUKIT_CLRSTATUS, 0, 0);
        mock_do(&m, DFUKIT_GETSTATUS, 0, 6);
        assert_int_equal(m.writes, 0);
    }
}

/* Leave: an empty DNLOAD, in dfuIDLE or dfuDNLOAD-IDLE; in plain DFU only in the latter. */
static void leaving(void **state)
{
    (void)state;
    for (unsigned dfuse = 0; dfuse < 2; dfuse++) {
        for (unsigned idle = 0; idle < 2; idle++) {
            mock m;
            uint8_t kind;

            start(&m, DFUKIT_CAN_DNLOAD | DFUKIT_WILL_DETACH, true, dfuse != 0);
            if (idle == 0) {
                assert_true(block(&m, 0, 5));
                while (m.dfu.state != DFUKIT_DNLOAD_IDLE) {
                    mock_do(&m, DFUKIT_GETSTATUS, 0, 6);
                    dfukit_dfu_poll(&m.dfu, m.dfu.now_ms + 1);
                }
            }
            kind = mock_do(&m, DFUKIT_DNLOAD, 0, 0).kind;
            if (dfuse == 0 && idle != 0) {
                assert_int_equal(kind, DFUKIT_ANSWER_STALL);
                continue;
            }
            assert_int_equal(kind, DFUKIT_ANSWER_OUT);
            assert_int_equal(mock_status(&m).bState, DFUKIT_MANIFEST);
            assert_int_equal(m.manifests, 1);
            dfukit_dfu_poll(&m.dfu, m.dfu.now_ms + 100);
            assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_REATTACH_APP);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_block_comes_while_the_last_is_at_work),
        cmocka_unit_test(many_blocks),
        cmocka_unit_test(the_end_comes_while_the_last_is_at_work),
        cmocka_unit_test(a_failure_behind_the_scenes),
        cmocka_unit_test(giving_up_a_block_that_waits),
        cmocka_unit_test(requests_that_wait_for_quiet),
        cmocka_unit_test(nothing_happens_before_the_first_getstatus),
        cmocka_unit_test(a_command_that_is_refused),
        cmocka_unit_test(a_command_given_up),
        cmocka_unit_test(leaving),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
