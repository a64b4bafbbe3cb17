/* SPDX-License-Identifier: MIT */
/* The misbehaviours g to p, and who can have which, as raw control transfers meet them. */
#include "dfuse_bench.h"

#include "dfukit/dfuse.h"

#define FLASH   0x08000000u
#define OPTIONS 0x1FFFF800u

/* Where each of the three ends: after so many transfers behind the last block. */
static void test_g_disappears(void **state)
{
    static uint8_t payload[5000];
    static const char *const personas[] = {"micro", "dfu10", "stm32f107-rom"};

    (void)state;
    fill_payload(payload, sizeof payload, 3);
    for (unsigned n = 1; n <= 3; n++) {
        for (size_t i = 0; i < 3; i++) {
            bool dfuse = i == 2;
            dfukit_status_reply status;
            report r = {0};
            bench bed, *b = &bed;
            uint32_t before;
            char fault[4];

            snprintf(fault, sizeof fault, "g=%u", n);
            open_with(b, personas[i], fault, false);
            if (dfuse)
                make_ready(b);
            else
                assert_true(enter_dfu_mode(b, &r) && send_blocks(b, payload, sizeof payload, &r));
            before = attachment(b);
            assert_int_equal(class_out(b, DFUKIT_DNLOAD, (uint16_t)r.block, NULL, 0), 0);
            assert_int_equal(attachment(b), n == 1 ? 0 : before);
            if (n > 1)
                assert_int_equal(get_status(b, &status), n == 3 ? DFUKIT_ERR_GONE : 6);
            if (n == 2)
                assert_int_equal(status.bState, DFUKIT_MANIFEST);
            assert_int_equal(attachment(b), 0);
            assert_true(arrives(b, before));
            if (dfuse) {
                bench_close(b);
                continue;
            }
            /* It counts all the same. */
            assert_false(in_dfu_mode(b));
            assert_int_equal(dfukit_virtual_firmware_size(b->device), sizeof payload);
            assert_int_equal(device_descriptor(b).bcdDevice,
                             expected_revision(payload, sizeof payload));
            r = upgrade(b, payload, sizeof payload); /* once only */
            assert_int_equal(r.stage, STAGE_DONE);
            bench_close(b);
        }
    }
}

static void test_h_option_bytes_reset(void **state)
{
    uint8_t options[16];
    bench bed, *b = &bed;
    uint32_t before;

    (void)state;
    fill_payload(options, sizeof options, 4);
    open_with(b, "stm32f107-rom", "h", false);
    make_ready(b);
    assert_int_equal(select_alternate(b, 1), 0);
    before = attachment(b);
    assert_works(command(b, 0x21, OPTIONS));
    assert_int_equal(dnload(b, 2, options, 16).result, DFUKIT_ERR_GONE);
    comes_back(b, before);
    bench_close(b);
}

static void test_i_manifestation_fails(void **state)
{
    static uint8_t payload[3000];
    report r = {0};
    outcome o;
    bench bed, *b = &bed;

    (void)state;
    open_with(b, "stm32f107-rom", "i", false);
    make_ready(b);
    assert_works(command(b, 0x21, FLASH));
    o = dnload(b, 0, NULL, 0);
    assert_true(failed_with(&o, DFUKIT_STATUS_VERIFY));
    assert_int_equal(class_out(b, DFUKIT_CLRSTATUS, 0, NULL, 0), 0);
    o = dnload(b, 0, NULL, 0); /* once */
    assert_int_equal(o.first.bState, DFUKIT_MANIFEST);
    bench_close(b);

    open_with(b, "tomu", "i", false);
    assert_true(enter_dfu_mode(b, &r) && send_blocks(b, payload, sizeof payload, &r));
    o = dnload(b, (uint16_t)r.block, NULL, 0);
    assert_true(failed_with(&o, DFUKIT_STATUS_VERIFY));
    bench_close(b);
}

static void test_j_reset_renumbers(void **state)
{
    static const char *const personas[] = {"stm32f107-rom", "micro"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        bench bed, *b = &bed;
        uint32_t before;
        bool dfu;

        open_with(b, personas[i], "j", false);
        before = attachment(b);
        dfu = in_dfu_mode(b);
        b->wire.ops->reset(b->wire.self); /* while it is enumerated */
        assert_int_equal(attachment(b), before);
        configure(b);
        b->wire.ops->reset(b->wire.self);
        assert_int_equal(attachment(b), 0);
        assert_int_equal(configure(b), DFUKIT_ERR_GONE);
        assert_true(arrives(b, before));
        assert_int_equal(in_dfu_mode(b), dfu);
        bench_close(b);
    }
}

static void test_l_read_protected(void **state)
{
    uint8_t block[64], back[64];

    (void)state;
    memset(block, 0, sizeof block);
    for (unsigned fast = 0; fast < 2; fast++) {
        bench bed, *b = &bed;
        uint32_t before;
        outcome o;

        open_with(b, "stm32f107-rom", "l", fast != 0);
        make_ready(b);
        before = attachment(b);
        assert_int_equal(read_at(b, FLASH, back, sizeof back), DFUKIT_ERR_STALL);
        assert_int_equal(get_status(b, &o.status), 6);
        assert_int_equal(o.status.bState, DFUKIT_DFU_ERROR);
        assert_int_equal(o.status.bStatus, DFUKIT_STATUS_VENDOR);
        assert_int_equal(class_out(b, DFUKIT_CLRSTATUS, 0, NULL, 0), 0);
        assert_fails(command(b, 0x41, FLASH), DFUKIT_STATUS_VENDOR);
        assert_fails(short_command(b, 0x41), DFUKIT_STATUS_VENDOR);
        assert_works(command(b, 0x21, FLASH));
        assert_fails(dnload(b, 2, block, sizeof block), DFUKIT_STATUS_VENDOR);
        assert_int_equal(dfukit_virtual_operations(b->device), 0);
        assert_int_equal(class_in(b, DFUKIT_UPLOAD, 0, back, 64), 4);
        assert_int_equal(class_out(b, DFUKIT_ABORT, 0, NULL, 0), 0);

        o = short_command(b, 0x92);
        assert_int_equal(o.result, DFUKIT_ERR_GONE);
        assert_int_equal(o.first.bState, DFUKIT_DNBUSY);
        assert_true(fast != 0 || o.us >= 128u * 30000u);
        comes_back(b, before);
        assert_int_equal(read_at(b, FLASH, back, sizeof back), sizeof back);
        for (size_t i = 0; i < sizeof back; i++)
            assert_int_equal(back[i], 0xFF);
        assert_works(command(b, 0x41, FLASH));
        bench_close(b);
    }
    { /* Interrupted, it is protected still, and nothing is lost. */
        bench bed, *b = &bed;
        uint8_t wipe = 0x92;
        outcome o = {0};

        open_with(b, "stm32f107-rom", "l", false);
        make_ready(b);
        assert_int_equal(class_out(b, DFUKIT_DNLOAD, 0, &wipe, 1), 1);
        assert_int_equal(get_status(b, &o.status), 6);
        dfukit_virtual_power(b->device, false);
        pass(b, 10000u * (uint64_t)MS);
        dfukit_virtual_power(b->device, true);
        make_ready(b);
        assert_fails(command(b, 0x41, FLASH), DFUKIT_STATUS_VENDOR);
        assert_int_equal(dfukit_virtual_peek(b->device, 0, FLASH, back, 64), 64);
        assert_true(memcmp(back, back + 1, 63) != 0);
        bench_close(b);
    }
}

static const char *serial_number(bench *b)
{
    static char text[256];
    uint8_t bytes[255];
    int32_t n = descriptor(b, DFUKIT_DESC_STRING, device_descriptor(b).iSerialNumber, bytes, 255);

    assert_true(n > 2);
    dfukit_string_decode(bytes, (size_t)n, text, sizeof text);
    return text;
}

static void test_m_serial_shared(void **state)
{
    report r = {0};
    bench bed, *b = &bed;

    (void)state;
    open_with(b, "micro", "", false);
    assert_string_equal(serial_number(b), "OTHER-1");
    bench_close(b);
    open_with(b, "micro", "m", false);
    assert_string_equal(serial_number(b), "MICRO-0001");
    assert_true(enter_dfu_mode(b, &r));
    assert_string_equal(serial_number(b), "MICRO-0001");
    bench_close(b);
    open_with(b, "stm32f107-rom", "m", false);
    assert_string_equal(serial_number(b), "STM32");
    bench_close(b);
}

/* Every odd map still says what there is; and what is odd about it. */
static void test_n_layouts(void **state)
{
    static const unsigned odd[] = {
        DFUKIT_MAP_ODD_TRAILING,
        DFUKIT_MAP_ODD_BLANK_MULTIPLIER,
        DFUKIT_MAP_ODD_NO_MULTIPLIER,
        DFUKIT_MAP_ODD_SPACES,
        DFUKIT_MAP_ODD_NO_AT,
        DFUKIT_MAP_ODD_TYPE,
        0,
        0,
        0,
        DFUKIT_MAP_ODD_TRAILING,
        DFUKIT_MAP_ODD_BEYOND,
        DFUKIT_MAP_ODD_OVERLAP,
    };
    dfukit_fault fault;

    (void)state;
    assert_int_equal(dfukit_fault_parse("n=12", &fault), DFUKIT_ERR_USAGE);
    for (unsigned n = 0; n < 12; n++) {
        char fault_text[8], text[256];
        uint8_t bytes[255];
        static dfukit_map map;
        bench bed, *b = &bed;
        int32_t length;

        snprintf(fault_text, sizeof fault_text, "n=%u", n);
        open_with(b, "stm32f407-rom", fault_text, true);
        make_ready(b);
        length = descriptor(b, DFUKIT_DESC_STRING, 4, bytes, 255);
        assert_true(length > 2);
        assert_true(dfukit_string_decode(bytes, (size_t)length, text, sizeof text) > 0);
        print_message("%u: \"%s\"\n", n, text);
        if (dfukit_map_parse(text, &map) != DFUKIT_OK)
            fail_msg("not a map");
        if (odd[n] != 0 && (map.oddities & odd[n]) == 0)
            fail_msg("oddities 0x%X, not 0x%X", map.oddities, odd[n]);
        assert_true(map.count >= 3);
        assert_int_equal(map.spans[0].address, FLASH);
        assert_int_equal(map.spans[0].count, 4);
        assert_int_equal(map.spans[0].size, 16384);
        assert_int_equal(map.spans[0].permissions & 7, 7);
        assert_int_equal(map.spans[2].address, FLASH + 0x20000);
        assert_int_equal(map.spans[2].count, 7);
        assert_int_equal(map.spans[2].size, 131072);
        assert_works(command(b, 0x41, FLASH + 0xE0000));
        bench_close(b);
    }
}

static void test_o_oversize(void **state)
{
    static uint8_t block[4096];
    dfukit_status_reply status;
    bench bed, *b = &bed;

    (void)state;
    memset(block, 0xFF, sizeof block);
    for (unsigned strict = 0; strict < 2; strict++) {
        open_with(b, "stm32f107-rom", strict != 0 ? "transfer-size=4096,o" : "transfer-size=4096",
                  true);
        make_ready(b);
        assert_works(command(b, 0x21, FLASH));
        assert_works(command(b, 0x41, FLASH));
        assert_works(command(b, 0x41, FLASH + 2048));
        assert_works(dnload(b, 2, block, 2048));
        assert_int_equal(class_out(b, DFUKIT_DNLOAD, 2, block, 4096),
                         strict != 0 ? DFUKIT_ERR_STALL : 4096);
        do {
            assert_int_equal(get_status(b, &status), 6);
            pass(b, MS);
        } while (status.bState == DFUKIT_DNBUSY);
        assert_int_equal(status.bState, DFUKIT_DFU_ERROR);
        assert_int_equal(status.bStatus,
                         strict != 0 ? DFUKIT_STATUS_STALLEDPKT : DFUKIT_STATUS_CHECK_ERASED);
        bench_close(b);
    }
}

/* More blocks than wBlockNum can number: plain DFU counts on from 0. */
static void test_p_block_numbers_wrap(void **state)
{
    static uint8_t payload[65540u * 8u], back[65540u * 8u];
    uint8_t configuration[64];
    report r = {0};
    outcome o;
    bench bed, *b = &bed;

    (void)state;
    fill_payload(payload, sizeof payload, 5);
    open_with(b, "micro", "p", true);
    assert_true(enter_dfu_mode(b, &r));
    assert_int_equal(descriptor(b, DFUKIT_DESC_CONFIGURATION, 0, configuration, 64), 27);
    assert_int_equal(configuration[18 + 5] | configuration[18 + 6] << 8, 8);
    for (uint32_t n = 0; n < 65540u; n++) {
        o = dnload(b, (uint16_t)n, payload + n * 8u, 8);
        if (!worked(&o))
            fail_msg("block %u: %s", n, dfukit_status_name(o.status.bStatus));
    }
    o = dnload(b, 4, NULL, 0);
    assert_int_equal(o.status.bState, DFUKIT_DFU_IDLE);
    assert_int_equal(dfukit_virtual_firmware_size(b->device), sizeof payload);
    assert_int_equal(dfukit_virtual_peek(b->device, 0, 0x08000000, back, sizeof back), sizeof back);
    assert_memory_equal(back, payload, sizeof payload);
    bench_close(b);

    /* DfuSe has 65534 blocks for each address, and what comes then is no data. */
    open_with(b, "stm32f407-rom", "p", true);
    make_ready(b);
    assert_works(command(b, 0x41, FLASH + 0x60000));
    assert_works(command(b, 0x41, FLASH + 0x80000));
    assert_works(command(b, 0x21, FLASH));
    assert_works(dnload(b, 65535, payload, 8));
    assert_int_equal(dfukit_virtual_peek(b->device, 0, FLASH + 65533u * 8u, back, 8), 8);
    assert_memory_equal(back, payload, 8);
    assert_fails(dnload(b, 0, payload, 8), DFUKIT_STATUS_STALLEDPKT);
    assert_fails(dnload(b, 1, payload, 8), DFUKIT_STATUS_STALLEDPKT);
    bench_close(b);
}

/* ---- All of them, on everything there is ---- */

static void test_letters(void **state)
{
    (void)state;
    for (char letter = 'a'; letter <= 'p'; letter++) {
        char text[4] = {letter, '\0'};
        dfukit_fault fault;

        if (dfukit_fault_parse(text, &fault) != DFUKIT_OK)
            fail_msg("%s", text);
    }
    {
        static const char *const wrong[] = {"q", "A", "g=0", "g=4", "g=", "g=x", "h=1", "d=4", "`"};
        dfukit_fault fault;

        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
            assert_int_equal(dfukit_fault_parse(wrong[i], &fault), DFUKIT_ERR_USAGE);
    }
}

/* Each fault suits somebody, but for the one nobody can have; and whom it suits survives it. */
static void test_whom_they_suit(void **state)
{
    const char *name, *text;

    (void)state;
    for (size_t n = 0; dfukit_fault_describe(n, &name, &text); n++) {
        size_t suits = 0;

        for (size_t i = 0; dfukit_persona_at(i) != NULL; i++) {
            const dfukit_persona *p = dfukit_persona_at(i);
            dfukit_virtual_options options = {.fast = true, .fault_count = 1};
            const char *why = NULL;
            bench bed;

            options.faults[0] = (dfukit_fault){(int)n, 64};
            if (!dfukit_fault_applies(&options.faults[0], p, &why)) {
                if (why == NULL || why[0] == '\0')
                    fail_msg("%s on %s", name, p->name);
                continue;
            }
            suits++;
            bench_open(&bed, p, &options);
            assert_true(attachment(&bed) != 0);
            configure(&bed);
            bed.wire.ops->reset(bed.wire.self);
            pass(&bed, 2000u * (uint64_t)MS);
            bench_close(&bed);
        }
        if (suits == 0 && strcmp(name, "erase-first") != 0)
            fail_msg("%s suits nobody", name);
        if (suits != 0 && strcmp(name, "erase-first") == 0)
            fail_msg("%s suits somebody", name);
    }
    assert_false(dfukit_fault_applies(&(dfukit_fault){-1, 0}, dfukit_persona_at(0), NULL));
    assert_false(dfukit_fault_applies(&(dfukit_fault){9999, 0}, dfukit_persona_at(0), NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_g_disappears),
        cmocka_unit_test(test_h_option_bytes_reset),
        cmocka_unit_test(test_i_manifestation_fails),
        cmocka_unit_test(test_j_reset_renumbers),
        cmocka_unit_test(test_l_read_protected),
        cmocka_unit_test(test_m_serial_shared),
        cmocka_unit_test(test_n_layouts),
        cmocka_unit_test(test_o_oversize),
        cmocka_unit_test(test_p_block_numbers_wrap),
        cmocka_unit_test(test_letters),
        cmocka_unit_test(test_whom_they_suit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
