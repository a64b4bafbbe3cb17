/* SPDX-License-Identifier: MIT */
/* The wire: lengths of every kind, NAKs, absence, and that a caller may sleep as long as it is
 * told. */
#include "bench.h"

#define BLOCK_NUMBERS (524288u / 4096u)

static void open_in_dfu_mode(bench *b, const char *persona, bool fast)
{
    dfukit_virtual_options options = {.fast = fast};
    report r = {0};

    bench_open(b, dfukit_persona_find(persona), &options);
    assert_true(enter_dfu_mode(b, &r));
}

/* Blocks of every length around the packet size, and a device that takes no byte too many. */
static void test_block_lengths(void **state)
{
    static const char *const personas[] = {"micro", "tomu", "dfu10"};

    (void)state;
    for (size_t i = 0; i < sizeof personas / sizeof personas[0]; i++) {
        const dfukit_persona *p = dfukit_persona_find(personas[i]);
        uint16_t most = p->functional.wTransferSize;
        uint16_t packet = p->max_packet_size0;
        const uint16_t lengths[] = {1,
                                    (uint16_t)(packet - 1),
                                    packet,
                                    (uint16_t)(packet + 1),
                                    (uint16_t)(2 * packet),
                                    (uint16_t)(most - 1),
                                    most};
        uint8_t block[4097];
        uint32_t size;

        fill_payload(block, sizeof block, 11);
        for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++) {
            dfukit_status_reply s;
            uint8_t *cells;
            bench b;

            open_in_dfu_mode(&b, personas[i], true);
            if (class_out(&b, DFUKIT_DNLOAD, 0, block, lengths[k]) != lengths[k])
                fail_msg("%s: %u bytes", personas[i], lengths[k]);
            assert_int_equal(get_status(&b, &s), 6);
            assert_int_equal(s.bState, DFUKIT_DNLOAD_IDLE);
            assert_int_equal(class_out(&b, DFUKIT_DNLOAD, 1, NULL, 0), 0);
            assert_int_equal(get_status(&b, &s), 6);
            pass(&b, 10 * MS);
            cells = dfukit_vflash_cells(dfukit_virtual_flash(b.device), &size);
            assert_memory_equal(cells, block, lengths[k]);
            if (lengths[k] % p->region->sectors[0].size != 0) /* the next sector is untouched */
                assert_int_equal(cells[lengths[k]], 0xFF);
            assert_int_equal(dfukit_virtual_firmware_size(b.device), lengths[k]);
            bench_close(&b);
        }
        {
            bench b;

            open_in_dfu_mode(&b, personas[i], true);
            assert_int_equal(class_out(&b, DFUKIT_DNLOAD, 0, block, (uint16_t)(most + 1)),
                             DFUKIT_ERR_STALL);
            bench_close(&b);
        }
    }
}

/* An upload ends with a short frame; here with an empty one, since the memory is a multiple. */
static void test_upload_to_the_end(void **state)
{
    static uint8_t block[4096];
    dfukit_status_reply s;
    uint32_t size;
    uint8_t *cells;
    bench b;

    (void)state;
    open_in_dfu_mode(&b, "micro", true);
    cells = dfukit_vflash_cells(dfukit_virtual_flash(b.device), &size);
    for (uint32_t n = 0; n < BLOCK_NUMBERS; n++) {
        assert_int_equal(class_in(&b, DFUKIT_UPLOAD, (uint16_t)n, block, sizeof block), 4096);
        if (memcmp(block, cells + n * 4096u, 4096) != 0)
            fail_msg("block %u", n);
    }
    assert_int_equal(get_status(&b, &s), 6);
    assert_int_equal(s.bState, DFUKIT_UPLOAD_IDLE);
    assert_int_equal(class_in(&b, DFUKIT_UPLOAD, BLOCK_NUMBERS, block, sizeof block), 0);
    assert_int_equal(get_status(&b, &s), 6);
    assert_int_equal(s.bState, DFUKIT_DFU_IDLE);
    bench_close(&b);
}

/* A reply is never longer than what was asked for, nor than what there is. */
static void test_reply_lengths(void **state)
{
    uint8_t bytes[32];
    bench b;

    (void)state;
    open_in_dfu_mode(&b, "tomu", true);
    for (uint16_t wLength = 1; wLength < sizeof bytes; wLength++) {
        int32_t wanted = wLength < 6 ? wLength : 6;

        memset(bytes, 0xEE, sizeof bytes);
        assert_int_equal(class_in(&b, DFUKIT_GETSTATUS, 0, bytes, wLength), wanted);
        assert_int_equal(bytes[wanted], 0xEE);
        assert_int_equal(class_in(&b, DFUKIT_GETSTATE, 0, bytes, wLength), 1);
        assert_int_equal(bytes[0], DFUKIT_DFU_IDLE);
    }
    bench_close(&b);
}

static void test_never_answered(void **state)
{
    dfukit_virtual_options options = {.fault_count = 1};
    dfukit_status_reply s;
    report r = {0};
    bench b;

    (void)state;
    assert_int_equal(dfukit_fault_parse("hang-getstatus=0", &options.faults[0]), DFUKIT_OK);
    bench_open(&b, dfukit_persona_find("micro"), &options);
    assert_true(enter_dfu_mode(&b, &r));
    for (int i = 0; i < 10; i++) {
        assert_int_equal(get_status(&b, &s), DFUKIT_ERR_AGAIN);
        pass(&b, 1000 * MS);
    }
    b.wire.ops->cancel(b.wire.self);
    assert_int_equal(get_status(&b, &s), 6);
    assert_int_equal(s.bState, DFUKIT_DFU_IDLE);
    bench_close(&b);
}

static void test_absent(void **state)
{
    dfukit_device_descriptor d;
    uint32_t before;
    bench b;

    (void)state;
    bench_open(&b, dfukit_persona_find("micro"), NULL);
    before = attachment(&b);
    dfukit_virtual_power(b.device, false);
    assert_int_equal(attachment(&b), 0);
    assert_true(b.wire.ops->work(b.wire.self) == UINT64_MAX);
    assert_int_equal(configure(&b), DFUKIT_ERR_GONE);
    b.wire.ops->reset(b.wire.self);
    b.wire.ops->cancel(b.wire.self);
    assert_int_equal(attachment(&b), 0);
    dfukit_virtual_power(b.device, false);
    dfukit_virtual_power(b.device, true);
    assert_true(attachment(&b) != 0 && attachment(&b) != before);
    before = attachment(&b);
    dfukit_virtual_power(b.device, true);
    assert_int_equal(attachment(&b), before);
    d = device_descriptor(&b);
    assert_int_equal(d.idProduct, 0x0001);
    bench_close(&b);
}

/* Linux resets a device several times while it enumerates it: none of that may end DFU mode. */
static void test_resets_while_enumerating(void **state)
{
    dfukit_status_reply s;
    report r = {0};
    uint32_t before;
    bench b;

    (void)state;
    bench_open(&b, dfukit_persona_find("micro"), NULL);
    b.wire.ops->reset(b.wire.self);
    assert_true(enter_dfu_mode(&b, &r));
    before = attachment(&b);
    for (int i = 0; i < 4; i++) {
        b.wire.ops->reset(b.wire.self);
        assert_int_equal(device_descriptor(&b).idProduct, 0x8001);
        assert_int_equal(configure(&b), 0);
    }
    assert_int_equal(attachment(&b), before);
    assert_int_equal(get_status(&b, &s), 6);
    assert_int_equal(s.bState, DFUKIT_DFU_IDLE);
    b.wire.ops->reset(b.wire.self); /* now it is meant */
    assert_true(arrives(&b, before));
    assert_int_equal(device_descriptor(&b).idProduct, 0x0001);
    bench_close(&b);
}

/* Sleep as long as work() says, and every event comes at its time, no call in vain. */
static void test_sleeping_exactly(void **state)
{
    static const uint8_t block[4096] = {0};
    dfukit_status_reply s;
    uint64_t next;
    bench b;

    (void)state;
    bench_open(&b, dfukit_persona_find("micro"), NULL);
    assert_true(b.wire.ops->work(b.wire.self) == UINT64_MAX);
    configure(&b);
    assert_int_equal(class_out(&b, DFUKIT_DETACH, 50, NULL, 0), 0);
    next = b.wire.ops->work(b.wire.self); /* the detach timer */
    assert_in_range(next, 49 * MS, 50 * MS);
    b.wire.ops->reset(b.wire.self);
    assert_int_equal(b.wire.ops->work(b.wire.self), 100 * MS); /* off the bus */
    b.now_us += 100 * MS - 1;
    assert_int_equal(b.wire.ops->work(b.wire.self), 1);
    assert_int_equal(attachment(&b), 0);
    b.now_us += 1;
    assert_true(b.wire.ops->work(b.wire.self) == UINT64_MAX);
    assert_true(attachment(&b) != 0);

    configure(&b);
    assert_int_equal(class_out(&b, DFUKIT_DNLOAD, 0, block, sizeof block), sizeof block);
    assert_int_equal(b.wire.ops->work(b.wire.self), 20 * MS); /* the sector's erase */
    b.now_us += 20 * MS;
    assert_int_equal(b.wire.ops->work(b.wire.self), 512 * 30); /* its 512 units */
    b.now_us += 512 * 30;
    assert_true(b.wire.ops->work(b.wire.self) == UINT64_MAX);
    assert_int_equal(get_status(&b, &s), 6);
    assert_int_equal(s.bState, DFUKIT_DNLOAD_IDLE); /* done before it was asked */

    assert_int_equal(class_out(&b, DFUKIT_DNLOAD, 1, block, sizeof block), sizeof block);
    assert_int_equal(get_status(&b, &s), 6);
    assert_int_equal(s.bState, DFUKIT_DNBUSY);
    for (unsigned calls = 0; (next = b.wire.ops->work(b.wire.self)) != UINT64_MAX; calls++) {
        assert_true(next > 0 && calls < 4); /* erase, program, bwPollTimeout */
        b.now_us += next;
    }
    assert_int_equal(dfukit_virtual_engine(b.device)->state, DFUKIT_DNLOAD_SYNC);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_block_lengths),    cmocka_unit_test(test_upload_to_the_end),
        cmocka_unit_test(test_reply_lengths),    cmocka_unit_test(test_never_answered),
        cmocka_unit_test(test_absent),           cmocka_unit_test(test_resets_while_enumerating),
        cmocka_unit_test(test_sleeping_exactly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
