/* SPDX-License-Identifier: MIT */
/* dfukit_dfu_config.dfuse: what the class does otherwise for DfuSe hosts (AN3156), on the store of
 * mock_store.h. */
#include "mock_store.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { USUAL = DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD };

static void begin(mock *m, bool strict)
{
    mock_dfu_mode(m, USUAL, strict);
    m->config.dfuse = true;
    dfukit_dfu_poll(&m->dfu, 1000);
}

static void expect_status(mock *m, uint8_t bStatus, uint8_t bState, uint32_t bwPollTimeout)
{
    dfukit_status_reply r = mock_status(m);

    assert_int_equal(r.bStatus, bStatus);
    assert_int_equal(r.bState, bState);
    assert_int_equal(r.bwPollTimeout, bwPollTimeout);
}

/* The first GETSTATUS begins the work, whatever comes before it, and time alone does not. */
static void getstatus_begins_the_work(void **state)
{
    static const struct {
        uint32_t takes_us, told_ms;
    } rows[] = {{0, 1}, {1, 1}, {1000, 1}, {1001, 2}, {20000, 20}};
    mock m;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(&m, true);
        m.takes_us = rows[i].takes_us;
        mock_do(&m, DFUKIT_DNLOAD, 0, 64);
        dfukit_dfu_poll(&m.dfu, 1100);
        assert_int_equal(mock_do(&m, DFUKIT_GETSTATE, 0, 1).data[0], DFUKIT_DNLOAD_SYNC);
        assert_int_equal(m.writes, 0);
        expect_status(&m, 0, DFUKIT_DNBUSY, rows[i].told_ms);
        assert_int_equal(m.writes, 1);
        m.left_us = 0;
        dfukit_dfu_poll(&m.dfu, 1100 + rows[i].told_ms - 1);
        assert_int_equal(m.dfu.state, DFUKIT_DNBUSY);
        dfukit_dfu_poll(&m.dfu, 1100 + rows[i].told_ms);
        expect_status(&m, 0, DFUKIT_DNLOAD_IDLE, 0);
        assert_int_equal(m.writes, 1);
    }
}

/* A command that is refused, and work that fails at once, are told by the first GETSTATUS. */
static void a_failure_is_told_at_once(void **state)
{
    mock m;

    (void)state;
    begin(&m, true);
    m.write_status = DFUKIT_STATUS_TARGET;
    mock_do(&m, DFUKIT_DNLOAD, 0, 64);
    expect_status(&m, DFUKIT_STATUS_TARGET, DFUKIT_DFU_ERROR, 0);
    begin(&m, true);
    mock_do(&m, DFUKIT_DNLOAD, 0, 64);
    m.takes_us = 20000;
    {
        const dfukit_setup s = mock_request(&m, DFUKIT_GETSTATUS, 0, 6);

        dfukit_dfu_setup(&m.dfu, &s); /* cut short: the block has been handed on */
    }
    assert_int_equal(m.writes, 1);
    m.left_us = 0;
    m.poll_status = DFUKIT_STATUS_PROG;
    expect_status(&m, DFUKIT_STATUS_PROG, DFUKIT_DFU_ERROR, 0);
    assert_int_equal(m.writes, 1);
}

/* The empty DNLOAD leaves from dfuIDLE, but from nowhere else that DFU 1.1 does not know. */
static void leaving_from_dfu_idle(void **state)
{
    mock m;

    (void)state;
    begin(&m, true);
    assert_int_equal(mock_do(&m, DFUKIT_DNLOAD, 0, 0).kind, DFUKIT_ANSWER_OUT);
    assert_int_equal(m.dfu.state, DFUKIT_MANIFEST_SYNC);
    expect_status(&m, 0, DFUKIT_MANIFEST, 0);
    assert_int_equal(m.manifests, 1);
    begin(&m, true);
    m.finish_status = DFUKIT_STATUS_NOTDONE;
    assert_int_equal(mock_do(&m, DFUKIT_DNLOAD, 0, 0).kind, DFUKIT_ANSWER_STALL);
    assert_int_equal(m.dfu.status, DFUKIT_STATUS_NOTDONE);
    begin(&m, true);
    mock_do(&m, DFUKIT_UPLOAD, 0, 64);
    assert_int_equal(m.dfu.state, DFUKIT_UPLOAD_IDLE);
    assert_int_equal(mock_do(&m, DFUKIT_DNLOAD, 0, 0).kind, DFUKIT_ANSWER_STALL);
    assert_int_equal(m.dfu.status, DFUKIT_STATUS_STALLEDPKT);
}

/* What was given up before it was asked for is never written. */
static void a_block_that_waits_is_given_up(void **state)
{
    mock m;

    (void)state;
    begin(&m, false);
    mock_do(&m, DFUKIT_DNLOAD, 0, 64);
    assert_int_equal(mock_do(&m, DFUKIT_ABORT, 0, 0).kind, DFUKIT_ANSWER_OUT);
    expect_status(&m, 0, DFUKIT_DFU_IDLE, 0);
    dfukit_dfu_poll(&m.dfu, 2000);
    assert_int_equal(m.writes, 0);
    assert_int_equal(m.alt, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(getstatus_begins_the_work),
        cmocka_unit_test(a_failure_is_told_at_once),
        cmocka_unit_test(leaving_from_dfu_idle),
        cmocka_unit_test(a_block_that_waits_is_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
