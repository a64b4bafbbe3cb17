/* SPDX-License-Identifier: MIT */
/* Init functions find memory as a reset of the chip leaves it: full of what was there before. What
 * they make is ready, whatever that was. */
#include "dfuse_bench.h"
#include "mock_store.h"

enum { USUAL = DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_MANIFESTATION_TOLERANT };

static const uint8_t fills[] = {0x00, 0x01, 0x02, 0x04, 0xA5, 0xFF};

/* ---- The class ---- */

typedef struct function {
    mock m;
    uint8_t blocks[2 * MOCK_TRANSFER_SIZE];
} function;

static void begin_over(function *f, uint8_t fill, bool loader_only, bool double_buffer)
{
    mock_init(&f->m, USUAL, true);
    f->m.config.status_string = 0;
    f->m.config.loader_only = loader_only;
    f->m.config.double_buffer = double_buffer;
    f->m.rewinds = f->m.polls = 0;
    memset(&f->m.dfu, fill, sizeof f->m.dfu);
    dfukit_dfu_init(&f->m.dfu, &f->m.config, &f->m, f->blocks);
}

/* Time begins at 0: a detach timer counts from there. */
static void a_function(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(fills); i++) {
        function f;

        begin_over(&f, fills[i], false, false);
        dfukit_dfu_complete(&f.m.dfu); /* of nothing */
        assert_int_equal(f.m.dfu.state, DFUKIT_APP_IDLE);
        assert_int_equal(dfukit_dfu_wish(&f.m.dfu), DFUKIT_WISH_NONE);
        assert_int_equal(mock_do(&f.m, DFUKIT_GETSTATUS, 0, 6).kind, DFUKIT_ANSWER_STALL);
        dfukit_dfu_set_configured(&f.m.dfu, true);
        assert_int_equal(mock_do(&f.m, DFUKIT_DETACH, 500, 0).kind, DFUKIT_ANSWER_OUT);
        dfukit_dfu_poll(&f.m.dfu, 499);
        if (f.m.dfu.state != DFUKIT_APP_DETACH)
            fail_msg("over %02X: the detach timer is over", fills[i]);
        dfukit_dfu_poll(&f.m.dfu, 500);
        assert_int_equal(f.m.dfu.state, DFUKIT_APP_IDLE);
    }
}

static void a_loader(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(fills); i++) {
        function f;
        dfukit_status_reply r;

        begin_over(&f, fills[i], true, false);
        assert_int_equal(f.m.dfu.state, DFUKIT_DFU_IDLE);
        dfukit_dfu_set_configured(&f.m.dfu, true);
        r = mock_status(&f.m);
        if (r.bStatus != 0 || r.bwPollTimeout != 0 || r.bState != 2 || r.iString != 0)
            fail_msg("over %02X: %u %u %u %u", fills[i], r.bStatus, r.bwPollTimeout, r.bState,
                     r.iString);
        mock_do(&f.m, DFUKIT_DNLOAD, 0, 64);
        assert_int_equal(mock_status(&f.m).bState, DFUKIT_DNLOAD_IDLE);
        mock_do(&f.m, DFUKIT_DNLOAD, 1, 0);
        assert_int_equal(mock_status(&f.m).bState, DFUKIT_DFU_IDLE);
        if (f.m.manifests != 1)
            fail_msg("over %02X: %u manifestations", fills[i], f.m.manifests);
    }
}

static void two_buffers(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(fills); i++) {
        function f;

        begin_over(&f, fills[i], true, true);
        dfukit_dfu_set_configured(&f.m.dfu, true);
        dfukit_dfu_poll(&f.m.dfu, 1);
        if (f.m.writes != 0)
            fail_msg("over %02X: a block that never came was written", fills[i]);
        for (uint16_t n = 0; n < 3; n++) {
            const dfukit_setup s = mock_request(&f.m, DFUKIT_DNLOAD, n, 64);
            dfukit_answer a = dfukit_dfu_setup(&f.m.dfu, &s);

            if (a.data != f.blocks + (n % 2 != 0 ? 64 : 0))
                fail_msg("over %02X: block %u goes elsewhere", fills[i], n);
            dfukit_dfu_complete(&f.m.dfu);
            assert_int_equal(mock_status(&f.m).bState, DFUKIT_DNLOAD_IDLE);
        }
    }
}

/* ---- A DfuSe store that was stopped in the midst of things ---- */

static void again(bench *b)
{
    b->flash.latency = 0; /* the flash was stopped as well */
    b->flash.working = false;
    b->flash.owed = false;
    dfukit_dfuse_init(&b->store, &b->config, &b->flash);
}

static void expect_quiet(bench *b, const char *what)
{
    unsigned operations = b->flash.operations;

    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(dfukit_dfuse_store.poll(&b->store), 0);
    if (b->flash.operations != operations || b->left != 0 || b->unprotected != 0)
        fail_msg("%s: it goes on", what);
}

/* A page: 20 s, and nothing of what was left before. */
static void expect_time_of_a_page(bench *b, const char *what)
{
    const uint8_t page[5] = {0x41, 0, 0x10, 0, 0x08};
    int32_t told;

    b->flash.latency = 2;
    assert_int_equal(dfukit_dfuse_store.write(&b->store, 0, page, 5), DFUKIT_STATUS_OK);
    told = dfukit_dfuse_store.poll(&b->store);
    if (told != 20000)
        fail_msg("%s: a page takes %d ms", what, told);
    assert_int_equal(work(b), DFUKIT_STATUS_OK);
}

static void a_dfuse_store_amidst_a_block(void **state)
{
    static uint8_t bytes[2048];
    bench *b = malloc(sizeof *b);

    (void)state;
    begin(b, 1, 0xFF, 2);
    erase_everything(b);
    assert_int_equal(dfukit_dfuse_store.write(&b->store, 2, bytes, sizeof bytes), DFUKIT_STATUS_OK);
    assert_true(dfukit_dfuse_store.poll(&b->store) > 0);
    assert_true(b->store.left != 0);
    again(b);
    expect_quiet(b, "amidst a block");
    expect_time_of_a_page(b, "amidst a block");
    free(b);
}

static void a_dfuse_store_amidst_other_things(void **state)
{
    static const uint8_t all[1] = {0x41}, lift[1] = {0x92};
    bench *b = malloc(sizeof *b);

    (void)state;
    begin(b, 8, 0xFF, 2);
    assert_int_equal(dfukit_dfuse_store.write(&b->store, 0, all, 1), DFUKIT_STATUS_OK);
    again(b);
    expect_quiet(b, "before a mass erase");
    assert_int_equal(dfukit_dfuse_store.write(&b->store, 0, lift, 1), DFUKIT_STATUS_OK);
    again(b);
    expect_quiet(b, "before read unprotect");
    dfukit_dfuse_store.manifest(&b->store);
    again(b);
    expect_quiet(b, "before leaving");
    expect_time_of_a_page(b, "before leaving");
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_function),
        cmocka_unit_test(a_loader),
        cmocka_unit_test(two_buffers),
        cmocka_unit_test(a_dfuse_store_amidst_a_block),
        cmocka_unit_test(a_dfuse_store_amidst_other_things),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
