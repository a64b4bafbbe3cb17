/* SPDX-License-Identifier: MIT */
/*
 * Requirements of docs/CONFORMANCE.md that no other test of this folder states by itself: chapter 9
 * in every DFU state, what is forgotten, the whole list of statuses, and a clock that wraps.
 */
#include "pipe_bench.h"

/* ---- Chapter 9 beside the class (USB 2.0 §9.4, DFU 1.1 Annex A.1) ---- */

/* Lead a function that is configured to a dfu state, by requests and time alone. */
static void lead(mock *m, uint8_t to)
{
    if (to >= 3 && to <= 8) {
        m->takes_us = to < 5 ? 20000 : 0;
        mock_do(m, DFUKIT_DNLOAD, 0, 64);
        if (to != 3)
            mock_do(m, DFUKIT_GETSTATUS, 0, 6);
    }
    if (to == 8)
        m->config.functional.bmAttributes = DFUKIT_CAN_DNLOAD;
    if (to >= 6 && to <= 8) {
        m->takes_us = to == 7 ? 20000 : 0;
        mock_do(m, DFUKIT_DNLOAD, 1, 0);
        if (to != 6)
            mock_do(m, DFUKIT_GETSTATUS, 0, 6);
    }
    if (to == 8)
        dfukit_dfu_poll(&m->dfu, 1);
    if (to == 9)
        mock_do(m, DFUKIT_UPLOAD, 0, 64);
    if (to == 10)
        mock_do(m, DFUKIT_CLRSTATUS, 0, 0);
    assert_int_equal(m->dfu.state, to);
}

/* Standard and vendor requests are answered in every DFU state as in any other, and neither state
 * nor status nor the store takes notice. */
static void other_requests_in_every_state(void **state)
{
    static const struct {
        uint8_t type, request;
        uint16_t value, index;
        int result; /* as get() and command() - 1 */
    } rows[] = {
        {0x80, 0, 0, 0, 0},       {0x81, 0, 0, 0, 0},       {0x82, 0, 0, 0, 0},
        {0x80, 8, 0, 0, 1},       {0x81, 10, 0, 0, 0},      {0x00, 5, 7, 0, -1},
        {0x00, 9, 2, 0, -1},      {0x01, 11, 3, 0, -1},     {0x01, 11, 0, 1, -1},
        {0x00, 3, 1, 0, -1},      {0x02, 3, 0, 0, -1},      {0x00, 1, 1, 0, -1},
        {0x80, 6, 0x0400, 0, -1}, {0x80, 6, 0x0600, 0, -1}, {0x80, 6, 0x0700, 0, -1},
        {0xC0, 1, 0, 7, -1},      {0x40, 1, 0, 0, -1},      {0xC1, 3, 0, 0, -1},
    };

    (void)state;
    for (uint8_t to = 2; to <= 10; to++) {
        for (size_t i = 0; i < LENGTH(rows); i++) {
            uint8_t bytes[64];
            unsigned packets, calls;
            uint8_t status;
            int got;
            bench b;

            begin_configured(&b, true);
            lead(&b.m, to);
            calls = b.m.rewinds + b.m.writes + b.m.finishes + b.m.manifests + b.m.reads;
            status = b.m.dfu.status;
            got =
                (rows[i].type & 0x80u) != 0
                    ? get(&b, rows[i].type, rows[i].request, rows[i].value, rows[i].index)
                    : command(&b, rows[i].type, rows[i].request, rows[i].value, rows[i].index) - 1;
            if (got != rows[i].result || b.m.dfu.state != to || b.m.dfu.status != status ||
                b.m.rewinds + b.m.writes + b.m.finishes + b.m.manifests + b.m.reads != calls)
                fail_msg("state %u, row %zu: %d, state %u, status %u", to, i, got, b.m.dfu.state,
                         b.m.dfu.status);
            got = fetch(&b, 0x80, 6, 0x0200, 0, 64, bytes, &packets);
            if (got != 27 || b.m.dfu.state != to)
                fail_msg("state %u: a configuration of %d bytes", to, got);
        }
    }
}

/* Descriptors can be read in the Default, the Address and the Configured state; an address of 0
 * leads back to the Default state (USB 2.0 §9.4.3, §9.4.6). */
static void device_states(void **state)
{
    static const struct {
        uint8_t request;
        uint8_t value;
        uint8_t address; /* afterwards */
        uint8_t configuration;
    } rows[] = {
        {DFUKIT_USB_SET_CONFIGURATION, 0, 0, 0},  {DFUKIT_USB_SET_ADDRESS, 9, 9, 0},
        {DFUKIT_USB_SET_ADDRESS, 10, 10, 0},      {DFUKIT_USB_SET_ADDRESS, 0, 0, 0},
        {DFUKIT_USB_SET_ADDRESS, 11, 11, 0},      {DFUKIT_USB_SET_CONFIGURATION, 1, 11, 1},
        {DFUKIT_USB_SET_CONFIGURATION, 1, 11, 1}, {DFUKIT_USB_SET_CONFIGURATION, 0, 11, 0},
        {DFUKIT_USB_SET_ADDRESS, 12, 12, 0},
    };
    bench b;

    (void)state;
    begin(&b, true);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint8_t bytes[64];
        unsigned packets;

        if (!command(&b, 0x00, rows[i].request, rows[i].value, 0))
            fail_msg("row %zu: a stall", i);
        if (b.p.address != rows[i].address)
            fail_msg("row %zu: address %u", i, b.p.address);
        assert_int_equal(get(&b, 0x80, DFUKIT_USB_GET_CONFIGURATION, 0, 0), rows[i].configuration);
        assert_int_equal(fetch(&b, 0x80, 6, 0x0100, 0, 64, bytes, &packets), 18);
        assert_memory_equal(bytes, device, 18);
    }
}

/* Answers of chapter 9 are cut to wLength too (USB 2.0 §9.3.5). */
static void short_answers(void **state)
{
    static const struct {
        uint8_t type, request, own;
    } rows[] = {{0x80, 0, 2}, {0x81, 0, 2}, {0x82, 0, 2}, {0x80, 8, 1}, {0x81, 10, 1}};
    static const uint16_t lengths[] = {1, 2, 3, 16, 17, 64};

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        for (size_t k = 0; k < LENGTH(lengths); k++) {
            uint8_t bytes[65];
            unsigned packets;
            int wanted = rows[i].own < lengths[k] ? rows[i].own : lengths[k];
            bench b;

            begin_configured(&b, true);
            memset(bytes, 0xEE, sizeof bytes);
            if (fetch(&b, rows[i].type, rows[i].request, 0, 0, lengths[k], bytes, &packets) !=
                    wanted ||
                bytes[wanted] != 0xEE)
                fail_msg("row %zu, wLength %u", i, lengths[k]);
        }
    }
}

/* ---- Statuses (DFU 1.1 §6.1.2) ---- */

/* Every bStatus that a store reports is told as it is, with a text only for errVENDOR, and goes
 * with CLRSTATUS. */
static void every_status(void **state)
{
    (void)state;
    for (uint8_t status = 1; status < DFUKIT_STATUS_COUNT; status++) {
        dfukit_status_reply r;
        mock m;

        mock_dfu_mode(&m, USUAL, true);
        m.takes_us = 5000;
        mock_do(&m, DFUKIT_DNLOAD, 0, 64);
        m.poll_status = status;
        m.left_us = 0;
        for (unsigned again = 0; again < 2; again++) {
            r = mock_status(&m);
            if (r.bStatus != status || r.bState != DFUKIT_DFU_ERROR ||
                r.iString != (status == DFUKIT_STATUS_VENDOR ? 9 : 0))
                fail_msg("status %u: told %u, state %u, iString %u", status, r.bStatus, r.bState,
                         r.iString);
        }
        assert_int_equal(mock_do(&m, DFUKIT_CLRSTATUS, 0, 0).kind, DFUKIT_ANSWER_OUT);
        r = mock_status(&m);
        assert_int_equal(r.bStatus, DFUKIT_STATUS_OK);
        assert_int_equal(r.bState, DFUKIT_DFU_IDLE);
        assert_int_equal(r.iString, 0);
    }
}

/* ---- Time ---- */

/* A clock of 32 bits wraps every 49 days: looked at before, at and after that moment, no wait is
 * shorter or longer for it. */
static void a_clock_that_wraps(void **state)
{
    static const uint32_t starts[] = {0, 0x7FFFFFF0u, 0xFFFFFFF0u, 0xFFFFFFECu, 0xFFFFFFFFu};
    const uint32_t wait = 20;

    (void)state;
    for (size_t i = 0; i < LENGTH(starts); i++) {
        for (unsigned detach = 0; detach < 2; detach++) {
            uint8_t waits = detach != 0 ? DFUKIT_APP_DETACH : DFUKIT_DNBUSY;
            mock m;

            if (detach != 0)
                mock_init(&m, USUAL, true);
            else
                mock_dfu_mode(&m, USUAL, true);
            m.takes_us = wait * 1000;
            dfukit_dfu_poll(&m.dfu, starts[i]);
            mock_do(&m, detach != 0 ? DFUKIT_DETACH : DFUKIT_DNLOAD, (uint16_t)wait,
                    detach != 0 ? 0 : 64);
            if (detach == 0)
                assert_int_equal(mock_status(&m).bwPollTimeout, wait);
            m.left_us = 0;
            for (uint32_t ms = 0; ms <= wait; ms++) {
                dfukit_dfu_poll(&m.dfu, starts[i] + ms);
                if ((m.dfu.state == waits) != (ms < wait))
                    fail_msg("from %08X, detach %u: state %u after %u ms", starts[i], detach,
                             m.dfu.state, ms);
            }
        }
    }
}

/* ---- DfuSe ---- */

/* Leave: the empty DNLOAD in dfuIDLE, and nowhere else but in dfuDNLOAD-IDLE. */
static void leaving_from_idle(void **state)
{
    (void)state;
    for (uint8_t from = 2; from <= 10; from++) {
        bool taken = from == DFUKIT_DFU_IDLE || from == DFUKIT_DNLOAD_IDLE;
        mock m;

        mock_dfu_mode(&m, USUAL, true);
        lead(&m, from);
        m.config.dfuse = true;
        if ((mock_do(&m, DFUKIT_DNLOAD, 0, 0).kind != DFUKIT_ANSWER_STALL) != taken)
            fail_msg("state %u", from);
        if (taken)
            assert_int_equal(m.dfu.state, DFUKIT_MANIFEST_SYNC);
    }
}

/* ---- What is forgotten ---- */

/* A class request whose data or status stage never came is forgotten with the next SETUP: the end
 * of another transfer does not do what it would have done. */
static void a_request_given_up(void **state)
{
    static const struct {
        uint8_t state, request;
        uint16_t length;
    } rows[] = {
        {2, DFUKIT_DNLOAD, 64},   {2, DFUKIT_UPLOAD, 64},    {2, DFUKIT_ABORT, 0},
        {3, DFUKIT_GETSTATUS, 6}, {4, DFUKIT_GETSTATE, 1},   {5, DFUKIT_DNLOAD, 64},
        {5, DFUKIT_DNLOAD, 0},    {6, DFUKIT_GETSTATUS, 6},  {9, DFUKIT_UPLOAD, 64},
        {9, DFUKIT_ABORT, 0},     {10, DFUKIT_CLRSTATUS, 0},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        for (unsigned how = 0; how < 3; how++) {
            dfukit_setup s;
            unsigned writes;
            bench b;

            begin_configured(&b, true);
            b.m.config.strict = false;
            lead(&b.m, rows[i].state);
            writes = b.m.writes;
            s = mock_request(&b.m, (dfukit_request)rows[i].request, 0, rows[i].length);
            setup(&b, s.bmRequestType, s.bRequest, s.wValue, s.wIndex, s.wLength);
            assert_int_not_equal(b.p.action, DFUKIT_EP0_STALL);
            if (how == 0)
                assert_int_equal(get(&b, 0x80, DFUKIT_USB_GET_CONFIGURATION, 0, 0), 1);
            else if (how == 1)
                assert_false(command(&b, 0x21, DFUKIT_CLRSTATUS, 0, 1)); /* interface 1 */
            else
                assert_int_equal(get(&b, 0x81, DFUKIT_USB_GET_INTERFACE, 0, 0), 0);
            dfukit_ep0_sent(&b.p);
            if (b.m.dfu.state != rows[i].state || b.m.writes != writes)
                fail_msg("row %zu, case %u: state %u", i, how, b.m.dfu.state);
        }
    }
}

/* A bus reset takes address and configuration, also where it leaves the DFU state alone: in
 * run-time mode, and where it belongs to the enumeration (USB 2.0 §9.1.1). */
static void a_reset_ends_the_configuration(void **state)
{
    (void)state;
    for (unsigned dfu_mode = 0; dfu_mode < 2; dfu_mode++) {
        uint16_t index = dfu_mode != 0 ? 0 : MOCK_RUNTIME_INTERFACE;
        uint8_t before;
        bench b;

        begin_configured(&b, dfu_mode != 0);
        b.m.config.strict = false;
        before = b.m.dfu.state;
        dfukit_ep0_bus_reset(&b.p);
        assert_int_equal(b.p.address, 0);
        assert_int_equal(b.m.dfu.state, before);
        assert_int_equal(get(&b, 0x80, DFUKIT_USB_GET_CONFIGURATION, 0, 0), 0);
        assert_int_equal(get(&b, 0x81, DFUKIT_USB_GET_INTERFACE, 0, index), -1);
        assert_int_equal(get(&b, 0xA1, DFUKIT_GETSTATE, 0, index), -1);
        assert_true(command(&b, 0x00, DFUKIT_USB_SET_CONFIGURATION, 1, 0));
        assert_int_equal(get(&b, 0xA1, DFUKIT_GETSTATE, 0, index), before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_requests_in_every_state),
        cmocka_unit_test(device_states),
        cmocka_unit_test(short_answers),
        cmocka_unit_test(every_status),
        cmocka_unit_test(a_clock_that_wraps),
        cmocka_unit_test(leaving_from_idle),
        cmocka_unit_test(a_request_given_up),
        cmocka_unit_test(a_reset_ends_the_configuration),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
