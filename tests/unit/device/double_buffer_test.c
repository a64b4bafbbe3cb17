/* SPDX-License-Identifier: MIT */
/* dfukit_dfu_config.double_buffer: the next block is received while the store works on the last
 * one; the block memory is twice wTransferSize. The store is the one of mock_store.h, with a watch
 * on the memory that it works on. */
#include "mock_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { USUAL = DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_MANIFESTATION_TOLERANT, GUARD = 64 };

typedef struct bench {
    mock m;
    uint8_t before[GUARD], block[2 * MOCK_TRANSFER_SIZE], behind[GUARD];
} bench;

static void begin(bench *b, bool strict)
{
    mock_init(&b->m, USUAL, strict);
    b->m.config.double_buffer = true;
    memset(b->before, 0xEE, GUARD);
    memset(b->behind, 0xEE, GUARD);
    memset(b->block, 0, sizeof b->block);
    memset(&b->m.dfu, 1, sizeof b->m.dfu); /* as memory is after a reset of the chip */
    dfukit_dfu_init(&b->m.dfu, &b->m.config, &b->m, b->block);
    dfukit_dfu_attach(&b->m.dfu, true);
    dfukit_dfu_set_configured(&b->m.dfu, true);
    dfukit_dfu_poll(&b->m.dfu, 1000);
    b->m.rewinds = 0;
}

/* Where the data stage goes. */
static uint8_t *receive(bench *b, uint16_t number)
{
    const dfukit_setup s = mock_request(&b->m, DFUKIT_DNLOAD, number, MOCK_TRANSFER_SIZE);
    dfukit_answer a = dfukit_dfu_setup(&b->m.dfu, &s);

    assert_int_equal(a.kind, DFUKIT_ANSWER_OUT);
    assert_in_range((uintptr_t)a.data, (uintptr_t)b->block,
                    (uintptr_t)(b->block + MOCK_TRANSFER_SIZE));
    memset(a.data, 0x40 + number, a.n);
    dfukit_dfu_complete(&b->m.dfu);
    assert_int_equal(b->m.dfu.state, DFUKIT_DNLOAD_SYNC);
    return a.data;
}

static void expect_status(bench *b, uint8_t bState, uint32_t bwPollTimeout)
{
    dfukit_status_reply r = mock_status(&b->m);

    assert_int_equal(r.bState, bState);
    assert_int_equal(r.bwPollTimeout, bwPollTimeout);
}

/* Block after block, each in the buffer that the store does not work on. */
static void buffers_take_turns(void **state)
{
    bench b;
    uint8_t *last = NULL;

    (void)state;
    begin(&b, true);
    b.m.takes_us = 20000;
    for (uint16_t i = 0; i < 7; i++) {
        uint8_t *to = receive(&b, i);

        assert_ptr_not_equal(to, last);
        last = to;
        assert_int_equal(b.m.writes, i);
        if (i != 0) { /* the one before is at work still */
            expect_status(&b, DFUKIT_DNBUSY, 20);
            b.m.left_us = 0;
            dfukit_dfu_poll(&b.m.dfu, 1000 + 100u * i);
            assert_int_equal(b.m.dfu.state, DFUKIT_DNLOAD_SYNC);
        }
        expect_status(&b, DFUKIT_DNLOAD_IDLE, 0);
        assert_int_equal(b.m.writes, i + 1);
        assert_int_equal(b.m.block, i);
        assert_int_equal(b.m.bytes[0], 0x40 + i);
        assert_int_equal(b.m.bytes[MOCK_TRANSFER_SIZE - 1], 0x40 + i);
        assert_int_equal(mock_status(&b.m).bwPollTimeout, 20); /* what is left, when asked again */
    }
    for (size_t i = 0; i < GUARD; i++)
        assert_true(b.before[i] == 0xEE && b.behind[i] == 0xEE);
}

/* What is over is not handed on: ABORT, SET_INTERFACE, a bus reset, and an error. */
static void a_block_that_waits_is_given_up(void **state)
{
    (void)state;
    for (unsigned how = 0; how < 5; how++) {
        bench b;

        begin(&b, false);
        b.m.takes_us = 20000;
        receive(&b, 0);
        expect_status(&b, DFUKIT_DNLOAD_IDLE, 0);
        receive(&b, 1);
        if (how == 0)
            assert_int_equal(mock_do(&b.m, DFUKIT_ABORT, 0, 0).kind, DFUKIT_ANSWER_OUT);
        else if (how == 1)
            mock_do(&b.m, DFUKIT_DETACH, 0, 0);
        else if (how == 2)
            dfukit_dfu_bus_reset(&b.m.dfu);
        else if (how == 3)
            dfukit_dfu_attach(&b.m.dfu, true);
        else
            b.m.poll_status = DFUKIT_STATUS_PROG;
        dfukit_dfu_poll(&b.m.dfu, 1001);
        b.m.left_us = 0;
        dfukit_dfu_poll(&b.m.dfu, 2000);
        dfukit_dfu_poll(&b.m.dfu, 3000);
        if (b.m.writes != 1 || b.m.rewinds == 0)
            fail_msg("way %u: %u blocks, %u rewinds", how, b.m.writes, b.m.rewinds);
    }
}

/* Work that is begun in the midst of a request counts in it. */
static void a_block_just_handed_on_is_work(void **state)
{
    bench b;

    (void)state;
    begin(&b, true);
    b.m.takes_us = 20000;
    receive(&b, 0);
    assert_false(dfukit_dfu_set_alternate(&b.m.dfu, 1));
    assert_int_equal(b.m.writes, 1);
    begin(&b, true);
    b.m.takes_us = 20000;
    b.m.write_status = DFUKIT_STATUS_ADDRESS;
    receive(&b, 0);
    b.m.takes_us = 0;
    assert_int_equal(mock_status(&b.m).bState, DFUKIT_DFU_ERROR);
    assert_int_equal(b.m.dfu.status, DFUKIT_STATUS_ADDRESS);
}

/* The end may come while the last block is at work; what fails then is not found out later. */
static void the_last_block_fails_in_manifest_sync(void **state)
{
    bench b;

    (void)state;
    begin(&b, true);
    b.m.takes_us = 20000;
    receive(&b, 0);
    expect_status(&b, DFUKIT_DNLOAD_IDLE, 0);
    assert_int_equal(mock_do(&b.m, DFUKIT_DNLOAD, 1000, 0).kind, DFUKIT_ANSWER_OUT);
    assert_int_equal(b.m.dfu.state, DFUKIT_MANIFEST_SYNC);
    b.m.poll_status = DFUKIT_STATUS_PROG;
    dfukit_dfu_poll(&b.m.dfu, 1001);
    assert_int_equal(b.m.dfu.state, DFUKIT_DFU_ERROR);
    assert_int_equal(b.m.dfu.status, DFUKIT_STATUS_PROG);
    assert_int_equal(b.m.manifests, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffers_take_turns),
        cmocka_unit_test(a_block_that_waits_is_given_up),
        cmocka_unit_test(a_block_just_handed_on_is_work),
        cmocka_unit_test(the_last_block_fails_in_manifest_sync),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
