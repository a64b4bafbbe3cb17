/* SPDX-License-Identifier: MIT */
/*
 * Requirements of docs/CONFORMANCE.md that no other test of this folder states by itself: chapter 9
 * in every DFU state, blocks that wait for DFU_GETSTATUS (DfuSe), two block buffers, and the whole
 * list of statuses.
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
        cmocka_unit_test(other_requests_in_every_state),
        cmocka_unit_test(device_states),
        cmocka_unit_test(short_answers),
        cmocka_unit_test(every_status),
        cmocka_unit_test(a_block_waits_for_getstatus),
        cmocka_unit_test(a_block_that_fails_or_is_given_up),
        cmocka_unit_test(leaving_from_idle),
        cmocka_unit_test(the_next_block_comes_meanwhile),
        cmocka_unit_test(giving_up_with_two_blocks),
        cmocka_unit_test(a_late_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
