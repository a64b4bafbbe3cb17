/* SPDX-License-Identifier: MIT */
/* The misbehaviours a to f, which are about time, as raw control transfers meet them. */
#include "dfuse_bench.h"

#define FLASH 0x08000000u

static void test_a_honest_fast(void **state)
{
    uint8_t block[2048];
    bench bed, *b = &bed;
    outcome o;

    (void)state;
    fill_payload(block, sizeof block, 1);
    open_with(b, "stm32f407-rom", "a", false);
    make_ready(b);
    o = command(b, 0x41, FLASH);
    assert_true(worked(&o));
    assert_true(o.first.bwPollTimeout <= 5 && o.statuses == 2 && o.us <= 5000);
    assert_works(command(b, 0x21, FLASH));
    o = dnload(b, 2, block, sizeof block);
    assert_true(worked(&o));
    assert_true(o.first.bwPollTimeout <= 5 && o.statuses == 2 && o.us <= 5000);
    bench_close(b);
}

static void test_b_rom_polls(void **state)
{
    uint8_t block[1024];
    outcome o;
    bench bed, *b = &bed;

    (void)state;
    fill_payload(block, sizeof block, 1);
    for (unsigned fast = 0; fast < 2; fast++) {
        open_with(b, "dsonano", "b", fast != 0);
        make_ready(b);
        o = command(b, 0x41, FLASH + 0x3000);
        assert_true(worked(&o));
        assert_int_equal(o.first.bwPollTimeout, 100);
        assert_int_equal(o.statuses, 2);
        assert_works(command(b, 0x21, FLASH + 0x3000));
        o = dnload(b, 2, block, sizeof block);
        assert_true(worked(&o));
        assert_int_equal(o.first.bwPollTimeout, 104);
        assert_int_equal(o.first.bState, DFUKIT_DNBUSY);
        bench_close(b);
    }
    open_with(b, "micro", "b", true);
    {
        report r = {0};

        assert_true(enter_dfu_mode(b, &r));
    }
    o = dnload(b, 0, block, sizeof block);
    assert_true(worked(&o));
    assert_int_equal(o.first.bwPollTimeout, 104);
    bench_close(b);
}

static void test_c_mass_erase_lies(void **state)
{
    static const struct {
        const char *fault;
        uint32_t ms;
    } rows[] = {{"c", 5000}, {"c=32000", 32000}, {"slow-mass-erase=700", 700}};
    uint8_t cell;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bench bed, *b = &bed;
        outcome o;

        open_with(b, "stm32f407-rom", rows[i].fault, true);
        make_ready(b);
        o = short_command(b, 0x41);
        assert_true(worked(&o));
        assert_int_equal(o.first.bwPollTimeout, 100);
        assert_int_equal(o.first.bState, DFUKIT_DNBUSY);
        assert_true(o.us >= rows[i].ms * 1000u && o.us <= (rows[i].ms + 101u) * 1000u);
        assert_in_range(o.statuses, rows[i].ms / 100u, rows[i].ms / 100u + 2u);
        assert_int_equal(dfukit_virtual_peek(b->device, 0, FLASH, &cell, 1), 1);
        assert_int_equal(cell, 0xFF);
        o = command(b, 0x41, FLASH); /* one page does not lie */
        assert_true(o.us < 100000u);
        bench_close(b);
    }
}

static void test_d_getstatus_stalls(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 3; n++) {
        bench bed, *b = &bed;
        char fault[8];

        snprintf(fault, sizeof fault, "d=%u", n);
        open_with(b, "stm32f107-rom", n == 3 ? "d" : fault, n == 2);
        make_ready(b);
        for (unsigned round = 0; round < 2; round++) {
            uint8_t erase[5] = {0x41, 0, (uint8_t)(round * 8), 0, 8};
            dfukit_status_reply status;

            assert_int_equal(class_out(b, DFUKIT_DNLOAD, 0, erase, round == 0 ? 5 : 1),
                             round == 0 ? 5 : 1);
            assert_int_equal(get_status(b, &status), 6);
            assert_int_equal(status.bState, DFUKIT_DNBUSY);
            for (unsigned k = 0; k < n; k++) {
                pass(b, status.bwPollTimeout * (uint64_t)MS);
                assert_int_equal(class_in(b, DFUKIT_GETSTATUS, 0, erase, 6), DFUKIT_ERR_STALL);
            }
            pass(b, 10000u * (uint64_t)MS);
            assert_int_equal(get_status(b, &status), 6);
            assert_int_equal(status.bState, DFUKIT_DNLOAD_IDLE);
            assert_int_equal(status.bStatus, DFUKIT_STATUS_OK);
        }
        assert_works(command(b, 0x21, FLASH)); /* no erase, no stall */
        bench_close(b);
    }
}

static void assert_wedged(bench *b)
{
    dfukit_status_reply status;

    assert_int_equal(get_status(b, &status), 6);
    assert_int_equal(status.bState, DFUKIT_DNBUSY);
    pass(b, 500u * MS);
    assert_int_equal(get_status(b, &status), 6);
    assert_int_equal(status.bState, DFUKIT_DNBUSY);
}

static void test_e_wedged(void **state)
{
    static uint8_t block[2048], back[2048];
    dfukit_status_reply status;
    bench bed, *b = &bed;

    (void)state;
    fill_payload(block, sizeof block, 2);
    for (unsigned fast = 0; fast < 2; fast++) {
        open_with(b, "stm32f107-rom", "e=2", fast != 0);
        make_ready(b);
        assert_works(command(b, 0x41, FLASH));
        assert_works(command(b, 0x21, FLASH));
        assert_int_equal(class_out(b, DFUKIT_DNLOAD, 2, block, sizeof block), sizeof block);
        for (unsigned i = 0; i < 10; i++)
            assert_wedged(b);
        assert_int_equal(class_out(b, DFUKIT_CLRSTATUS, 0, NULL, 0), 0);
        assert_wedged(b);
        assert_int_equal(class_out(b, DFUKIT_CLRSTATUS, 0, NULL, 0), 0);
        assert_int_equal(get_status(b, &status), 6);
        assert_int_equal(status.bState, DFUKIT_DFU_IDLE);
        assert_int_equal(status.bStatus, DFUKIT_STATUS_OK);
        assert_int_equal(read_at(b, FLASH, back, sizeof back), sizeof back);
        assert_memory_equal(back, block, sizeof back);
        bench_close(b);
    }
}

static void test_f_works_in_the_data_stage(void **state)
{
    static uint8_t block[4096];
    dfukit_setup setup = {DFUKIT_TYPE_CLASS_OUT, DFUKIT_DNLOAD, 0, 0, sizeof block};
    report r = {0};
    bench bed, *b = &bed;
    uint64_t start;
    outcome o;

    (void)state;
    for (unsigned round = 0; round < 2; round++) {
        uint64_t ms = round == 0 ? 5500 : 250;
        int32_t result;

        open_with(b, "micro", round == 0 ? "f" : "f=250", true);
        assert_true(enter_dfu_mode(b, &r));
        start = b->now_us;
        while ((result = b->wire.ops->control(b->wire.self, &setup, block)) == DFUKIT_ERR_AGAIN) {
            uint64_t next = b->wire.ops->work(b->wire.self);

            assert_true(next != UINT64_MAX);
            pass(b, next);
        }
        assert_int_equal(result, sizeof block);
        assert_true(b->now_us - start >= ms * 1000u && b->now_us - start < ms * 1000u + 1000u);
        assert_int_equal(class_in(b, DFUKIT_GETSTATUS, 0, block, 6), 6);
        assert_int_equal(block[4], DFUKIT_DNLOAD_IDLE);
        o = dnload(b, 1, block, sizeof block); /* the first block only */
        assert_true(worked(&o));
        /* The host gives up: nothing of it has been taken. */
        assert_int_equal(class_out(b, DFUKIT_ABORT, 0, NULL, 0), 0);
        assert_int_equal(b->wire.ops->control(b->wire.self, &setup, block), DFUKIT_ERR_AGAIN);
        b->wire.ops->cancel(b->wire.self);
        assert_int_equal(class_in(b, DFUKIT_GETSTATE, 0, block, 1), 1);
        assert_int_equal(block[0], DFUKIT_DFU_IDLE);
        bench_close(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_honest_fast),     cmocka_unit_test(test_b_rom_polls),
        cmocka_unit_test(test_c_mass_erase_lies), cmocka_unit_test(test_d_getstatus_stalls),
        cmocka_unit_test(test_e_wedged),          cmocka_unit_test(test_f_works_in_the_data_stage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
