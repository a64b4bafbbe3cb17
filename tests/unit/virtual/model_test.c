/* SPDX-License-Identifier: MIT */
/* Each way in which a persona can behave other than specified, in a persona that has it alone. */
#include "made_up.h"

static const dfukit_region other_zones[] = {{0x08000000, sectors, 4, 0xFF, RWE, 10000, 10}, {0}};

/* ---- Coming and going ---- */

static void test_bystanders(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 4; kind++) {
        dfukit_persona p = plain();
        bench bed, *b = &bed;
        uint32_t before;
        dfukit_status_reply status;

        if ((kind & 1) != 0)
            p.stays_put = true;
        else
            p.dfu.idVendor = 0;
        if ((kind & 2) != 0) {
            p.region = NULL;
            p.alternates[0] = NULL;
            p.functional.bmAttributes = 0x08;
        }
        open_timed(b, &p);
        before = attachment(b);
        assert_int_equal(class_out(b, DFUKIT_DETACH, 1000, NULL, 0), 0);
        if ((kind & 2) == 0) {
            b->wire.ops->reset(b->wire.self);
            configure(b);
        }
        pass(b, 3000u * MS);
        assert_int_equal(attachment(b), before);
        assert_false(in_dfu_mode(b));
        assert_int_equal(get_status(b, &status), 6);
        assert_int_equal(status.bState, DFUKIT_APP_IDLE);
        bench_close(b);
    }
}

static void test_starts_in_error(void **state)
{
    dfukit_persona p = plain();
    dfukit_status_reply status;
    bench bed, *b = &bed;

    (void)state;
    p.starts_in_error = true;
    open_timed(b, &p);
    assert_int_equal(get_status(b, &status), 6);
    assert_int_equal(status.bState, DFUKIT_APP_IDLE);
    to_dfu_mode(b);
    assert_int_equal(get_status(b, &status), 6);
    assert_int_equal(status.bState, DFUKIT_DFU_ERROR);
    assert_int_equal(status.bStatus, DFUKIT_STATUS_FIRMWARE);
    make_ready(b);
    bench_close(b);
}

static void test_detach_to_leave(void **state)
{
    (void)state;
    for (unsigned has = 0; has < 2; has++) {
        dfukit_persona p = plain();
        bench bed, *b = &bed;
        uint32_t before;

        p.detach_to_leave = has != 0;
        open_timed(b, &p);
        to_dfu_mode(b);
        before = attachment(b);
        assert_int_equal(class_out(b, DFUKIT_DETACH, 0, NULL, 0), has != 0 ? 0 : DFUKIT_ERR_STALL);
        assert_int_equal(attachment(b), has != 0 ? 0 : before);
        if (has != 0) {
            assert_true(arrives(b, before));
            assert_false(in_dfu_mode(b));
        }
        bench_close(b);
    }
}

/* The end of a download, in each way there is. */
static void test_leaving(void **state)
{
    static uint8_t payload[1000];
    dfukit_status_reply status;

    (void)state;
    fill_payload(payload, sizeof payload, 1);
    for (int way = DFUKIT_LEAVES_BY_TABLE; way <= DFUKIT_LEAVES_ON_RESET; way++) {
        dfukit_persona p = plain();
        report r = {0};
        bench bed, *b = &bed;
        uint32_t before;

        p.leaving = (dfukit_leaving)way;
        p.functional.bmAttributes = 0x0F; /* tolerant, will detach: the way goes before it */
        p.manifest_ms = 50;
        open_timed(b, &p);
        to_dfu_mode(b);
        before = attachment(b);
        assert_true(send_blocks(b, payload, sizeof payload, &r));
        assert_int_equal(class_out(b, DFUKIT_DNLOAD, (uint16_t)r.block, NULL, 0), 0);
        assert_int_equal(attachment(b), way == DFUKIT_LEAVES_ON_DNLOAD ? 0 : before);
        if (way != DFUKIT_LEAVES_ON_DNLOAD) {
            assert_int_equal(get_status(b, &status), 6);
            assert_int_equal(status.bState, DFUKIT_MANIFEST);
            assert_int_equal(attachment(b), way == DFUKIT_LEAVES_ON_STATUS ? 0 : before);
        }
        pass(b, 60u * MS);
        if (way == DFUKIT_LEAVES_BY_TABLE) {
            assert_int_equal(get_status(b, &status), 6);
            assert_int_equal(status.bState, DFUKIT_DFU_IDLE);
        } else if (way == DFUKIT_LEAVES_ON_RESET) {
            pass(b, 5000u * MS);
            assert_int_equal(attachment(b), before);
            assert_int_equal(dfukit_virtual_engine(b->device)->state, DFUKIT_MANIFEST_WAIT_RESET);
            b->wire.ops->reset(b->wire.self);
            assert_int_equal(attachment(b), 0);
        }
        if (way != DFUKIT_LEAVES_BY_TABLE) {
            assert_true(arrives(b, before));
            assert_false(in_dfu_mode(b));
        }
        assert_int_equal(dfukit_virtual_firmware_size(b->device), sizeof payload);
        bench_close(b);
    }
}

/* A device that detaches by itself in run-time mode, and in DFU mode waits for a reset. */
static void test_waits_for_reset_in_dfu_mode_only(void **state)
{
    dfukit_persona p = plain();
    bench bed, *b = &bed;

    (void)state;
    p.leaving = DFUKIT_LEAVES_ON_RESET;
    p.functional.bmAttributes = 0x0B;
    open_timed(b, &p);
    assert_int_equal(class_out(b, DFUKIT_DETACH, 1000, NULL, 0), 0);
    assert_int_equal(attachment(b), 0);
    assert_true(arrives(b, 1));
    assert_true(in_dfu_mode(b));
    bench_close(b);
}

static void test_prefix(void **state)
{
    uint8_t block[512] = {0x1A, 0x3F, 1, 0};
    dfukit_persona p = plain();
    bench bed, *b = &bed;

    (void)state;
    p.prefix = DFUKIT_NEEDS_LPC_PREFIX;
    open_timed(b, &p);
    to_dfu_mode(b);
    assert_works(dnload(b, 0, block, sizeof block));
    block[0] = 0; /* only the first block has it */
    assert_works(dnload(b, 1, block, sizeof block));
    assert_int_equal(class_out(b, DFUKIT_ABORT, 0, NULL, 0), 0);
    assert_fails(dnload(b, 0, block, sizeof block), DFUKIT_STATUS_FILE);
    block[0] = 0x1A;
    assert_fails(dnload(b, 0, block, 1), DFUKIT_STATUS_FILE);
    bench_close(b);
}

/* ---- Time ---- */

static void test_polls(void **state)
{
    static const struct {
        uint16_t busy, erase, mass;
        uint32_t wanted_write, wanted_erase, wanted_mass; /* 0: what is left */
    } rows[] = {{0, 0, 0, 0, 0, 0},
                {40, 0, 0, 40, 40, 40},
                {40, 60, 0, 40, 60, 60},
                {40, 60, 80, 40, 60, 80},
                {0, 60, 0, 0, 60, 60}};
    uint8_t block[1024];

    (void)state;
    memset(block, 0, sizeof block);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (unsigned fast = 0; fast < 2; fast++) {
            dfukit_virtual_options options = {.fast = fast != 0};
            dfukit_persona p = dfuse();
            bench bed, *b = &bed;
            outcome o[3];

            p.busy_poll_ms = rows[i].busy;
            p.erase_poll_ms = rows[i].erase;
            p.mass_erase_poll_ms = rows[i].mass;
            bench_open(b, &p, &options);
            make_ready(b);
            o[2] = short_command(b, 0x41);
            o[1] = command(b, 0x41, 0x08000000);
            assert_works(command(b, 0x21, 0x08000000));
            o[0] = dnload(b, 2, block, sizeof block);
            for (unsigned k = 0; k < 3; k++) {
                uint32_t wanted = k == 0   ? rows[i].wanted_write
                                  : k == 1 ? rows[i].wanted_erase
                                           : rows[i].wanted_mass;

                assert_true(worked(&o[k]));
                if (fast != 0)
                    wanted = 1;
                else if (wanted == 0)
                    wanted = k == 0 ? 3 : k == 1 ? 10 : 160;
                if (o[k].first.bwPollTimeout != wanted)
                    fail_msg("row %zu, %u: %u ms, not %u", i, k, o[k].first.bwPollTimeout, wanted);
            }
            bench_close(b);
        }
    }
}

static void test_idle_poll(void **state)
{
    dfukit_persona p = dfuse();
    dfukit_status_reply status;
    bench bed, *b = &bed;
    outcome o;

    (void)state;
    p.idle_poll_ms = 5;
    open_timed(b, &p);
    assert_int_equal(get_status(b, &status), 6);
    assert_int_equal(status.bwPollTimeout, 5);
    o = command(b, 0x21, 0x08000000);
    assert_int_equal(o.status.bState, DFUKIT_DNLOAD_IDLE);
    assert_int_equal(o.status.bwPollTimeout, 5);
    bench_close(b);
}

/* ---- DfuSe ---- */

/* Two settings at the same addresses are two memories; two with the same zones are one. */
static void test_memories(void **state)
{
    uint8_t block[4] = {1, 2, 3, 4}, back[4];
    dfukit_persona p = dfuse();
    bench bed, *b = &bed;

    (void)state;
    p.alternates[1] = "@Serial Flash /0x08000000/16*001Kg";
    p.zones[1] = other_zones;
    p.alternates[2] = "@Internal again /0x08000000/16*001Kg";
    p.zones[2] = zones;
    open_timed(b, &p);
    assert_int_equal(dfukit_virtual_memory_size(b->device), 2u * 16u * 1024u);
    assert_int_equal(select_alternate(b, 1), 0);
    assert_works(command(b, 0x21, 0x08000000));
    assert_works(dnload(b, 2, block, 4));
    assert_int_equal(select_alternate(b, 0), 0); /* as shipped: not that */
    assert_int_equal(read_at(b, 0x08000000, back, 4), 4);
    assert_true(memcmp(back, block, 4) != 0);
    assert_works(command(b, 0x41, 0x08000000));
    assert_works(command(b, 0x21, 0x08000000));
    block[0] = 9;
    assert_works(dnload(b, 2, block, 4));
    assert_int_equal(select_alternate(b, 2), 0);
    assert_int_equal(read_at(b, 0x08000000, back, 4), 4);
    assert_memory_equal(back, block, 4);
    assert_int_equal(select_alternate(b, 1), 0);
    assert_int_equal(read_at(b, 0x08000000, back, 4), 4);
    assert_int_equal(back[0], 1);
    bench_close(b);
}

static void test_no_mass_erase(void **state)
{
    dfukit_persona p = dfuse();
    bench bed, *b = &bed;

    (void)state;
    p.no_mass_erase = true;
    open_timed(b, &p);
    assert_fails(short_command(b, 0x41), DFUKIT_STATUS_STALLEDPKT);
    assert_works(command(b, 0x41, 0x08000000));
    bench_close(b);
}

/* With a run-time mode: it runs what begins with a word, and stays in its loader otherwise. */
static void test_dfuse_with_firmware(void **state)
{
    uint8_t block[1024];
    dfukit_persona p = dfuse();
    dfukit_status_reply status;
    bench bed, *b = &bed;
    uint32_t before;

    (void)state;
    memset(block, 0x20, sizeof block);
    p.runtime.idVendor = 0x1209;
    open_timed(b, &p);
    to_dfu_mode(b);
    assert_works(command(b, 0x41, 0x08000000));
    dfukit_virtual_power(b->device, false);
    dfukit_virtual_power(b->device, true);
    assert_true(in_dfu_mode(b));
    configure(b);
    assert_int_equal(get_status(b, &status), 6);
    assert_int_equal(status.bStatus, DFUKIT_STATUS_FIRMWARE);
    make_ready(b);
    assert_works(command(b, 0x21, 0x08000000));
    assert_works(dnload(b, 2, block, sizeof block));
    before = attachment(b);
    assert_int_equal(dnload(b, 0, NULL, 0).first.bState, DFUKIT_MANIFEST);
    assert_true(arrives(b, before));
    assert_false(in_dfu_mode(b));
    assert_int_equal(dfukit_virtual_firmware_size(b->device), 0);
    bench_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bystanders),
        cmocka_unit_test(test_starts_in_error),
        cmocka_unit_test(test_detach_to_leave),
        cmocka_unit_test(test_leaving),
        cmocka_unit_test(test_waits_for_reset_in_dfu_mode_only),
        cmocka_unit_test(test_prefix),
        cmocka_unit_test(test_polls),
        cmocka_unit_test(test_idle_poll),
        cmocka_unit_test(test_memories),
        cmocka_unit_test(test_no_mass_erase),
        cmocka_unit_test(test_dfuse_with_firmware),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
