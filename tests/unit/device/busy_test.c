/* SPDX-License-Identifier: MIT */
/* The class and time: bwPollTimeout, the busy states and manifestation. */
#include "mock_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { USUAL = DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_MANIFESTATION_TOLERANT };

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static void download(mock *m, uint16_t block, uint16_t n)
{
    assert_int_equal(mock_do(m, DFUKIT_DNLOAD, block, n).kind, DFUKIT_ANSWER_OUT);
}

/* ---- bwPollTimeout and the busy states ---- */

static void busy_until_the_time_told(void **state)
{
    static const struct {
        uint32_t us, ms;
    } rows[] = {{1, 1},      {999, 1},    {1000, 1},         {1001, 2},
                {20000, 20}, {52000, 52}, {65535999, 65536}, {4294966000u, 4294966}};

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const uint32_t start = 0xFFFFFFF0u; /* the clock wraps on the way */
        dfukit_status_reply r;
        mock m;

        mock_dfu_mode(&m, USUAL, false);
        dfukit_dfu_poll(&m.dfu, start);
        m.takes_us = rows[i].us;
        download(&m, 0, 64);
        r = mock_status(&m);
        if (r.bStatus != 0 || r.bwPollTimeout != rows[i].ms || r.bState != DFUKIT_DNBUSY)
            fail_msg("%u us: bwPollTimeout %u, bState %u", rows[i].us, r.bwPollTimeout, r.bState);
        assert_int_equal(m.dfu.state, DFUKIT_DNBUSY);
        dfukit_dfu_poll(&m.dfu, start + rows[i].ms - 1);
        assert_int_equal(m.dfu.state, DFUKIT_DNBUSY);
        r = mock_status(&m); /* too early: what is left of the wait */
        assert_int_equal(r.bwPollTimeout, 1);
        assert_int_equal(r.bState, DFUKIT_DNBUSY);
        m.left_us = 0; /* the work is done, but the time has not come */
        dfukit_dfu_poll(&m.dfu, start + rows[i].ms - 1);
        assert_int_equal(m.dfu.state, DFUKIT_DNBUSY);
        dfukit_dfu_poll(&m.dfu, start + rows[i].ms);
        assert_int_equal(m.dfu.state, DFUKIT_DNLOAD_SYNC);
        r = mock_status(&m);
        assert_int_equal(r.bwPollTimeout, 0);
        assert_int_equal(r.bState, DFUKIT_DNLOAD_IDLE);
    }
}

static void busy_again_when_work_is_left(void **state)
{
    dfukit_status_reply r;
    mock m;

    (void)state;
    mock_dfu_mode(&m, USUAL, true);
    m.takes_us = 10000;
    download(&m, 0, 64);
    mock_status(&m);
    m.left_us = 3500;
    dfukit_dfu_poll(&m.dfu, 10);
    r = mock_status(&m);
    assert_int_equal(r.bState, DFUKIT_DNBUSY);
    assert_int_equal(r.bwPollTimeout, 4);
    dfukit_dfu_poll(&m.dfu, 13);
    assert_int_equal(m.dfu.state, DFUKIT_DNBUSY);
    m.left_us = 0;
    dfukit_dfu_poll(&m.dfu, 14);
    assert_int_equal(mock_status(&m).bState, DFUKIT_DNLOAD_IDLE);
}

/* The wait counts from the request: so a host that waits as it was told is never early, however
 * long the answer takes; and it begins when the answer has ended. */
static void the_wait_counts_from_the_request(void **state)
{
    mock m;
    dfukit_setup s;

    (void)state;
    for (unsigned delay = 0; delay < 20; delay++) {
        mock_dfu_mode(&m, USUAL, true);
        m.takes_us = 10000;
        download(&m, 0, 64);
        s = mock_request(&m, DFUKIT_GETSTATUS, 0, 6);
        dfukit_dfu_setup(&m.dfu, &s);
        dfukit_dfu_poll(&m.dfu, delay);
        assert_int_equal(m.dfu.state, DFUKIT_DNLOAD_SYNC);
        dfukit_dfu_complete(&m.dfu);
        assert_int_equal(m.dfu.state, DFUKIT_DNBUSY);
        dfukit_dfu_poll(&m.dfu, 9);
        if (delay <= 9)
            assert_int_equal(m.dfu.state, DFUKIT_DNBUSY);
        dfukit_dfu_poll(&m.dfu, delay + 10);
        assert_int_equal(m.dfu.state, DFUKIT_DNLOAD_SYNC);
    }
}

/* A poll time that runs out between a lenient answer and its end must not leave the device busy. */
static void the_wait_ends_during_an_answer(void **state)
{
    static const uint8_t requests[] = {DFUKIT_GETSTATUS, DFUKIT_GETSTATE};

    (void)state;
    for (size_t i = 0; i < LENGTH(requests); i++) {
        mock m;
        dfukit_setup s;

        mock_dfu_mode(&m, USUAL, false);
        m.takes_us = 10000;
        download(&m, 0, 64);
        mock_status(&m);
        s = mock_request(&m, (dfukit_request)requests[i], 0, 6);
        assert_int_equal(dfukit_dfu_setup(&m.dfu, &s).kind, DFUKIT_ANSWER_IN);
        m.left_us = 0;
        dfukit_dfu_poll(&m.dfu, 10);
        dfukit_dfu_complete(&m.dfu);
        assert_int_equal(m.dfu.state, DFUKIT_DNLOAD_SYNC);
    }
}

/* Work that is still going on after an error is waited for, not interfered with. */
static void work_left_behind(void **state)
{
    static const uint8_t requests[] = {DFUKIT_DNLOAD, DFUKIT_UPLOAD};
    dfukit_status_reply r;
    mock m;

    (void)state;
    mock_dfu_mode(&m, USUAL, true);
    m.takes_us = 10000;
    download(&m, 0, 64);
    assert_int_equal(mock_do(&m, DFUKIT_DNLOAD, 1, 64).kind, DFUKIT_ANSWER_STALL);
    assert_int_equal(m.rewinds, 1);
    r = mock_status(&m);
    assert_int_equal(r.bState, DFUKIT_DFU_ERROR);
    assert_int_equal(r.bwPollTimeout, 10);
    assert_int_equal(mock_do(&m, DFUKIT_CLRSTATUS, 0, 0).kind, DFUKIT_ANSWER_STALL);
    assert_false(dfukit_dfu_set_alternate(&m.dfu, 0));
    m.left_us = 0;
    assert_int_equal(mock_do(&m, DFUKIT_CLRSTATUS, 0, 0).kind, DFUKIT_ANSWER_OUT);
    assert_int_equal(m.dfu.state, DFUKIT_DFU_IDLE);
    /* Also when DFU mode is entered anew in the meantime. */
    for (size_t i = 0; i < LENGTH(requests); i++) {
        mock_dfu_mode(&m, USUAL, true);
        m.left_us = 10000;
        assert_int_equal(mock_do(&m, (dfukit_request)requests[i], 0, 64).kind, DFUKIT_ANSWER_STALL);
        assert_int_equal(m.writes + m.reads + m.begins, 0);
    }
}

/* ---- Manifestation ---- */

static void to_the_end(mock *m, uint8_t attributes, uint32_t takes_us)
{
    mock_dfu_mode(m, attributes, true);
    download(m, 0, 64);
    mock_status(m);
    m->takes_us = takes_us;
    mock_do(m, DFUKIT_DNLOAD, 1, 0);
}

static void a_tolerant_device_that_takes_its_time(void **state)
{
    dfukit_status_reply r;
    mock m;

    (void)state;
    to_the_end(&m, USUAL, 30000);
    r = mock_status(&m);
    assert_int_equal(r.bState, DFUKIT_MANIFEST);
    assert_int_equal(r.bwPollTimeout, 30);
    m.left_us = 0;
    dfukit_dfu_poll(&m.dfu, 29);
    assert_int_equal(m.dfu.state, DFUKIT_MANIFEST);
    dfukit_dfu_poll(&m.dfu, 30);
    assert_int_equal(m.dfu.state, DFUKIT_MANIFEST_SYNC);
    assert_int_equal(mock_status(&m).bState, DFUKIT_DFU_IDLE);
    assert_int_equal(m.manifests, 1);
    /* longer than it said */
    to_the_end(&m, USUAL, 30000);
    mock_status(&m);
    m.left_us = 2000;
    dfukit_dfu_poll(&m.dfu, 30);
    r = mock_status(&m);
    assert_int_equal(r.bState, DFUKIT_MANIFEST);
    assert_int_equal(r.bwPollTimeout, 2);
    assert_int_equal(m.manifests, 1);
}

static void a_device_that_is_not_tolerant(void **state)
{
    dfukit_status_reply r;
    mock m;

    (void)state;
    to_the_end(&m, DFUKIT_CAN_DNLOAD, 30000);
    r = mock_status(&m);
    assert_int_equal(r.bState, DFUKIT_MANIFEST);
    assert_int_equal(r.bwPollTimeout, 30);
    m.left_us = 4000;
    dfukit_dfu_poll(&m.dfu, 30); /* longer than it said: it waits for the work */
    assert_int_equal(m.dfu.state, DFUKIT_MANIFEST);
    dfukit_dfu_poll(&m.dfu, 40);
    assert_int_equal(m.dfu.state, DFUKIT_MANIFEST);
    m.left_us = 0;
    dfukit_dfu_poll(&m.dfu, 40);
    assert_int_equal(m.dfu.state, DFUKIT_MANIFEST_WAIT_RESET);
    assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_NONE);
    dfukit_dfu_bus_reset(&m.dfu);
    assert_int_equal(m.dfu.state, DFUKIT_APP_IDLE);
    assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_REATTACH_APP);
    assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_NONE);
}

static void a_device_that_detaches_by_itself(void **state)
{
    static const uint32_t takes_us[] = {0, 30000};

    (void)state;
    for (size_t i = 0; i < LENGTH(takes_us); i++) {
        dfukit_status_reply r;
        mock m;

        to_the_end(&m, DFUKIT_CAN_DNLOAD | DFUKIT_WILL_DETACH, takes_us[i]);
        r = mock_status(&m);
        assert_int_equal(r.bState, DFUKIT_MANIFEST);
        /* Enough for the host to end this transfer before the device is gone. */
        assert_in_range(r.bwPollTimeout, takes_us[i] / 1000 + 2, takes_us[i] / 1000 + 20);
        m.left_us = 0;
        dfukit_dfu_poll(&m.dfu, r.bwPollTimeout - 1);
        assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_NONE);
        assert_int_equal(m.dfu.state, DFUKIT_MANIFEST);
        dfukit_dfu_poll(&m.dfu, r.bwPollTimeout);
        assert_int_equal(m.dfu.state, DFUKIT_MANIFEST_WAIT_RESET);
        assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_REATTACH_APP);
        dfukit_dfu_attach(&m.dfu, false);
        assert_int_equal(m.dfu.state, DFUKIT_APP_IDLE);
    }
    /* bitWillDetach means nothing more to a tolerant device here. */
    {
        mock m;

        to_the_end(&m, USUAL | DFUKIT_WILL_DETACH, 0);
        assert_int_equal(mock_status(&m).bState, DFUKIT_DFU_IDLE);
        assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_NONE);
    }
}

/* At once, while waiting, or when the wait is over; also when the host asks what it must not. */
static void manifestation_that_fails(void **state)
{
    static const uint8_t attributes[] = {USUAL, DFUKIT_CAN_DNLOAD,
                                         DFUKIT_CAN_DNLOAD | DFUKIT_WILL_DETACH};

    (void)state;
    for (size_t i = 0; i < LENGTH(attributes); i++) {
        for (unsigned when = 0; when < 5; when++) {
            dfukit_status_reply r;
            mock m;

            to_the_end(&m, attributes[i], 30000);
            if (when > 0 && when < 4)
                assert_int_equal(mock_status(&m).bState, DFUKIT_MANIFEST);
            if (when == 4) /* as soon as it begins, in the answer to GETSTATUS */
                m.manifest_status = DFUKIT_STATUS_VERIFY;
            else
                m.poll_status = DFUKIT_STATUS_VERIFY;
            m.left_us = m.takes_us = 0;
            if (when == 2)
                dfukit_dfu_poll(&m.dfu, 7);
            if (when == 3) /* strict: GETSTATE is refused in dfuMANIFEST, but the work has failed */
                dfukit_dfu_poll(&m.dfu, 40);
            if (when > 0 && when < 4)
                mock_do(&m, DFUKIT_ABORT, 0, 0);
            r = mock_status(&m);
            if (r.bStatus != DFUKIT_STATUS_VERIFY || r.bState != DFUKIT_DFU_ERROR)
                fail_msg("attributes %02x, case %u: status %u, state %u", attributes[i], when,
                         r.bStatus, r.bState);
            dfukit_dfu_poll(&m.dfu, 1000);
            assert_int_equal(dfukit_dfu_wish(&m.dfu), DFUKIT_WISH_NONE);
            assert_int_equal(m.dfu.state, DFUKIT_DFU_ERROR);
        }
    }
}

/* Nothing of a long manifestation runs between the first GETSTATUS and the end of its answer. */
static void no_manifestation_within_an_answer(void **state)
{
    mock m;
    dfukit_setup s;
    unsigned polls;

    (void)state;
    to_the_end(&m, USUAL, 30000);
    s = mock_request(&m, DFUKIT_GETSTATUS, 0, 6);
    dfukit_dfu_setup(&m.dfu, &s);
    polls = m.polls;
    dfukit_dfu_poll(&m.dfu, 1);
    assert_int_equal(m.polls, polls);
    dfukit_dfu_complete(&m.dfu);
    dfukit_dfu_poll(&m.dfu, 2);
    assert_int_equal(m.polls, polls + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(busy_until_the_time_told),
        cmocka_unit_test(busy_again_when_work_is_left),
        cmocka_unit_test(the_wait_counts_from_the_request),
        cmocka_unit_test(the_wait_ends_during_an_answer),
        cmocka_unit_test(work_left_behind),
        cmocka_unit_test(a_tolerant_device_that_takes_its_time),
        cmocka_unit_test(a_device_that_is_not_tolerant),
        cmocka_unit_test(a_device_that_detaches_by_itself),
        cmocka_unit_test(manifestation_that_fails),
        cmocka_unit_test(no_manifestation_within_an_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
