/* SPDX-License-Identifier: MIT */
/* Personas that speak DfuSe, by raw control transfers: memories, times, and what is theirs alone.
 */
#include "dfuse_bench.h"

#define FLASH   0x08000000u
#define OPTIONS 0x1FFFC000u
#define OTP     0x1FFF7800u
#define FEATURE 0xFFFF0000u

static void open_persona(bench *b, const char *name, bool fast)
{
    dfukit_virtual_options options = {.fast = fast};

    bench_open(b, dfukit_persona_find(name), &options);
}

static const char *name_of(bench *b, uint8_t alt)
{
    static char text[256];
    uint8_t configuration[512], bytes[255];
    int32_t n = descriptor(b, DFUKIT_DESC_CONFIGURATION, 0, configuration, sizeof configuration);
    size_t at = 0;
    const uint8_t *d;

    assert_true(n > 0);
    while (dfukit_descriptor_next(configuration, (size_t)n, &at, &d)) {
        if (d[1] != DFUKIT_DESC_INTERFACE || d[3] != alt)
            continue;
        n = descriptor(b, DFUKIT_DESC_STRING, d[8], bytes, sizeof bytes);
        assert_true(n > 2);
        assert_true(dfukit_string_decode(bytes, (size_t)n, text, sizeof text) >= 0);
        return text;
    }
    return NULL;
}

/* As recorded: typed from the recordings, not from the table. */
static void test_descriptors(void **state)
{
    static const struct {
        const char *persona;
        uint16_t bcdDevice, transfer_size;
        uint8_t protocol;
        const char *names[5];
    } rows[] = {
        {"stm32f107-rom",
         0x2000,
         2048,
         2,
         {"@Internal Flash  /0x08000000/128*002Kg", "@Option Bytes  /0x1FFFF800/01*016 g"}},
        {"stm32f407-rom",
         0x2100,
         2048,
         2,
         {"@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
          "@Option Bytes  /0x1FFFC000/01*016 g", "@OTP Memory /0x1FFF7800/01*512 g,01*016 g",
          "@Device Feature/0xFFFF0000/01*004 g"}},
        {"dsonano",
         0x011A,
         1024,
         0,
         {"@Internal Flash  /0x08000000/12*001Ka,116*001Kg",
          "@SPI Flash : M25P64/0x00000000/64*064Kg,64*064Kg"}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t configuration[512];
        dfukit_device_descriptor d;
        int32_t n;
        bench b;

        print_message("%s\n", rows[i].persona);
        open_persona(&b, rows[i].persona, false);
        d = device_descriptor(&b);
        assert_int_equal(d.idVendor, 0x0483);
        assert_int_equal(d.idProduct, 0xDF11);
        assert_int_equal(d.bcdDevice, rows[i].bcdDevice);
        n = descriptor(&b, DFUKIT_DESC_CONFIGURATION, 0, configuration, sizeof configuration);
        assert_int_equal(configuration[9 + 7], rows[i].protocol);
        assert_int_equal(configuration[n - 9], 9);
        assert_int_equal(configuration[n - 7], 0x0B);
        assert_int_equal(configuration[n - 6] | configuration[n - 5] << 8, 255);
        assert_int_equal(configuration[n - 4] | configuration[n - 3] << 8, rows[i].transfer_size);
        assert_int_equal(configuration[n - 2] | configuration[n - 1] << 8, 0x011A);
        for (uint8_t alt = 0; alt < 5; alt++) {
            const char *name = name_of(&b, alt);

            if (rows[i].names[alt] == NULL)
                assert_null(name);
            else
                assert_string_equal(name, rows[i].names[alt]);
        }
        bench_close(&b);
    }
}

/* The states and times of one page, as a ROM tells them. */
static void test_a_page(void **state)
{
    static uint8_t page[2048], back[2048];
    bench bed, *b = &bed;
    outcome o;

    (void)state;
    fill_payload(page, sizeof page, 5);
    open_persona(b, "stm32f107-rom", false);
    make_ready(b);
    o = command(b, 0x41, FLASH);
    assert_true(worked(&o));
    assert_int_equal(o.first.bState, DFUKIT_DNBUSY);
    assert_int_equal(o.first.bwPollTimeout, 100);
    assert_int_equal(o.statuses, 2);
    o = command(b, 0x21, FLASH);
    assert_true(worked(&o));
    assert_int_equal(o.first.bState, DFUKIT_DNBUSY);
    o = dnload(b, 2, page, sizeof page);
    assert_true(worked(&o));
    assert_int_equal(o.first.bState, DFUKIT_DNBUSY);
    assert_int_equal(o.first.bwPollTimeout, 104);
    assert_int_equal(o.statuses, 2);
    /* Nothing is erased but on command. */
    assert_fails(dnload(b, 2, page, sizeof page), DFUKIT_STATUS_CHECK_ERASED);
    assert_int_equal(read_at(b, FLASH, back, sizeof back), sizeof back);
    assert_memory_equal(back, page, sizeof page);
    assert_int_equal(dfukit_virtual_peek(b->device, 0, FLASH, back, sizeof back), sizeof back);
    assert_memory_equal(back, page, sizeof page);
    assert_int_equal(dfukit_virtual_operations(b->device), 2);
    assert_int_equal(dfukit_vflash_misuses(dfukit_virtual_flash(b->device)), 0);
    bench_close(b);
}

/* Starts in dfuERROR, each time; three zones of one flash; its last byte, and the one behind. */
static void test_f407(void **state)
{
    static uint8_t block[2048], back[2048];
    dfukit_status_reply status;
    bench bed, *b = &bed;
    uint32_t before;
    outcome o;

    (void)state;
    fill_payload(block, sizeof block, 6);
    open_persona(b, "stm32f407-rom", false);
    assert_int_equal(configure(b), 0);
    assert_int_equal(get_status(b, &status), 6);
    assert_int_equal(status.bState, DFUKIT_DFU_ERROR);
    assert_int_equal(status.bStatus, DFUKIT_STATUS_FIRMWARE);
    make_ready(b);

    o = command(b, 0x41, FLASH + 0x20000u);
    assert_true(worked(&o));
    assert_true(o.us >= 1000000u && o.us < 1200000u);
    assert_int_equal(o.first.bwPollTimeout, 100);
    assert_works(command(b, 0x41, FLASH + 0x10000u));
    assert_works(command(b, 0x21, FLASH + 0x20000u - 1024u)); /* across the end of a zone */
    assert_works(dnload(b, 2, block, sizeof block));
    assert_int_equal(dfukit_virtual_peek(b->device, 0, FLASH + 0x20000u - 1024u, back, 2048), 2048);
    assert_memory_equal(back, block, sizeof block);
    assert_int_equal(read_at(b, FLASH + 0x100000u - 16u, back, sizeof back), 16);
    assert_fails(command(b, 0x21, FLASH + 0x100000u), DFUKIT_STATUS_TARGET);
    assert_null(dfukit_virtual_flash_at(b->device, 0, FLASH + 0x100000u));
    assert_ptr_not_equal(dfukit_virtual_flash_at(b->device, 0, FLASH),
                         dfukit_virtual_flash_at(b->device, 0, FLASH + 0x20000u));

    /* It leaves, and is back in its loader 500 ms later, in dfuERROR again. */
    assert_works(command(b, 0x21, FLASH));
    before = attachment(b);
    o = dnload(b, 0, NULL, 0);
    assert_int_equal(o.first.bState, DFUKIT_MANIFEST);
    assert_int_equal(attachment(b), 0);
    pass(b, 450u * MS);
    assert_int_equal(attachment(b), 0);
    pass(b, 60u * MS);
    assert_true(attachment(b) != 0 && attachment(b) != before);
    assert_int_equal(configure(b), 0);
    assert_int_equal(get_status(b, &status), 6);
    assert_int_equal(status.bState, DFUKIT_DFU_ERROR);
    bench_close(b);
}

/* Written over what is there, no erase needed, and the device starts anew. */
static void test_option_bytes(void **state)
{
    uint8_t options[16], back[16];
    bench bed, *b = &bed;

    (void)state;
    for (unsigned round = 0; round < 4; round++) {
        uint32_t before;
        outcome o;

        if (round == 0 || round == 2) {
            if (round == 2)
                bench_close(b);
            open_persona(b, "stm32f407-rom", round == 0);
        }
        fill_payload(options, sizeof options, 7 + round);
        make_ready(b);
        assert_int_equal(select_alternate(b, 1), 0);
        before = attachment(b);
        assert_works(command(b, 0x21, OPTIONS));
        o = dnload(b, 2, options, sizeof options);
        assert_int_equal(o.result, DFUKIT_ERR_GONE);
        assert_int_equal(o.first.bState, DFUKIT_DNBUSY);
        comes_back(b, before);
        assert_int_equal(dfukit_virtual_peek(b->device, 1, OPTIONS, back, 16), 16);
        assert_memory_equal(back, options, 16);
        assert_int_equal(select_alternate(b, 1), 0);
        assert_works(command(b, 0x41, OPTIONS)); /* their map has it that they are erased */
        assert_fails(command(b, 0x41, OPTIONS + 16), DFUKIT_STATUS_TARGET);
        assert_int_equal(read_at(b, OPTIONS, back, sizeof back), 16);
        assert_memory_equal(back, options, 16);
    }
    bench_close(b);
}

/* Bits go one way, and never come back. */
static void test_otp(void **state)
{
    const uint8_t first[4] = {0xF0, 0xFF, 0x12, 0xFF}, second[4] = {0xC0, 0x0F, 0x12, 0xFF};
    const uint8_t third[1] = {0xFF};
    uint8_t back[4];
    uint32_t before;
    bench bed, *b = &bed;

    (void)state;
    open_persona(b, "stm32f407-rom", true);
    make_ready(b);
    before = attachment(b);
    assert_int_equal(select_alternate(b, 2), 0);
    assert_works(command(b, 0x21, OTP + 508));
    assert_works(dnload(b, 2, first, 4));
    assert_works(command(b, 0x21, OTP + 508));
    assert_works(dnload(b, 2, second, 4));
    assert_works(command(b, 0x21, OTP + 508));
    assert_fails(dnload(b, 2, third, 1), DFUKIT_STATUS_VERIFY);
    assert_fails(command(b, 0x41, OTP), DFUKIT_STATUS_ERASE);
    assert_fails(short_command(b, 0x41), DFUKIT_STATUS_ERASE);
    assert_int_equal(read_at(b, OTP + 508, back, 4), 4);
    assert_memory_equal(back, second, 4);
    assert_int_equal(attachment(b), before);

    assert_int_equal(select_alternate(b, 3), 0); /* the device feature, rewritten at will */
    for (uint8_t round = 0; round < 3; round++) {
        const uint8_t feature[4] = {round, 0xFF, (uint8_t)~round, 0};

        assert_works(command(b, 0x21, FEATURE));
        assert_works(dnload(b, 2, feature, 4));
        assert_int_equal(read_at(b, FEATURE, back, 4), 4);
        assert_memory_equal(back, feature, 4);
    }
    bench_close(b);
}

/* Get Commands, and what is no command. */
static void test_commands(void **state)
{
    const uint8_t wrong[][5] = {{0x21}, {0x42}, {0x92, 1}, {0x00}};
    uint8_t list[16];
    bench bed, *b = &bed;

    (void)state;
    open_persona(b, "stm32f107-rom", true);
    make_ready(b);
    assert_int_equal(class_in(b, DFUKIT_UPLOAD, 0, list, sizeof list), 4);
    assert_memory_equal(list, ((const uint8_t[]){0x00, 0x21, 0x41, 0x92}), 4);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_fails(dnload(b, 0, wrong[i], i == 2 ? 2 : 1), DFUKIT_STATUS_STALLEDPKT);
    assert_fails(dnload(b, 1, list, 4), DFUKIT_STATUS_STALLEDPKT);
    bench_close(b);

    open_persona(b, "dsonano", true); /* offers no Read Unprotect */
    make_ready(b);
    assert_int_equal(class_in(b, DFUKIT_UPLOAD, 0, list, sizeof list), 3);
    assert_fails(short_command(b, 0x92), DFUKIT_STATUS_STALLEDPKT);
    bench_close(b);
}

/* A loader in the flash that it must not touch; another memory at other addresses. */
static void test_dsonano(void **state)
{
    static uint8_t block[1024], back[1024];
    uint8_t *cells;
    uint32_t n;
    bench bed, *b = &bed;

    (void)state;
    fill_payload(block, sizeof block, 8);
    open_persona(b, "dsonano", false);
    make_ready(b);
    assert_works(command(b, 0x21, FLASH));
    assert_fails(dnload(b, 2, block, sizeof block), DFUKIT_STATUS_WRITE);
    assert_fails(command(b, 0x41, FLASH + 1024), DFUKIT_STATUS_ERASE);
    assert_works(command(b, 0x41, FLASH + 0x3000));
    assert_works(command(b, 0x21, FLASH + 0x3000));
    assert_works(dnload(b, 2, block, sizeof block));
    cells = dfukit_vflash_cells(dfukit_virtual_flash(b->device), &n);
    assert_int_equal(n, 116u * 1024u);
    assert_memory_equal(cells, block, sizeof block);

    assert_int_equal(select_alternate(b, 1), 0);
    assert_fails(command(b, 0x21, FLASH + 0x3000), DFUKIT_STATUS_TARGET);
    assert_works(command(b, 0x41, 0x00400000));
    assert_works(command(b, 0x21, 0x00400000));
    assert_works(dnload(b, 2, block, 1000)); /* ends in the midst of a write unit */
    assert_int_equal(class_out(b, DFUKIT_ABORT, 0, NULL, 0), 0);
    assert_int_equal(select_alternate(b, 0), DFUKIT_ERR_STALL); /* which is programmed now */
    pass(b, 10u * MS);
    assert_int_equal(select_alternate(b, 0), 0);
    assert_int_equal(read_at(b, FLASH + 0x3000, back, sizeof back), sizeof back);
    assert_memory_equal(back, block, sizeof back);
    assert_int_equal(dfukit_virtual_peek(b->device, 1, 0x00400000, back, 1000), 1000);
    assert_memory_equal(back, block, 1000);
    assert_int_equal(dfukit_virtual_memory_size(b->device), 128u * 1024u + 8192u * 1024u);
    bench_close(b);
}

/* Everything that may be erased goes, in the time that takes, 100 ms at a time. */
static void test_mass_erase(void **state)
{
    uint8_t back[64];
    bench bed, *b = &bed;
    outcome o;

    (void)state;
    open_persona(b, "stm32f107-rom", false);
    make_ready(b);
    assert_int_equal(read_at(b, FLASH + 64, back, sizeof back), sizeof back);
    assert_true(memcmp(back, back + 1, sizeof back - 1) != 0); /* as shipped */
    o = short_command(b, 0x41);
    assert_true(worked(&o));
    assert_int_equal(o.first.bwPollTimeout, 100);
    assert_true(o.us >= 128u * 30000u && o.us < 128u * 30000u + 200000u);
    assert_int_equal(dfukit_virtual_operations(b->device), 128);
    assert_int_equal(read_at(b, FLASH + 64, back, sizeof back), sizeof back);
    for (size_t i = 0; i < sizeof back; i++)
        assert_int_equal(back[i], 0xFF);
    bench_close(b);
}

/* A reset of the bus leaves a ROM where it is; only one that was waited for ends DFU mode. */
static void test_bus_reset(void **state)
{
    uint32_t before;
    bench bed, *b = &bed;

    (void)state;
    open_persona(b, "stm32f107-rom", false);
    make_ready(b);
    before = attachment(b);
    assert_works(command(b, 0x21, FLASH));
    b->wire.ops->reset(b->wire.self);
    pass(b, 1000u * MS);
    assert_int_equal(attachment(b), before);
    make_ready(b);
    bench_close(b);
}

/* All memories are in the file, and come back from it. */
static void test_saved(void **state)
{
    static const char file[] = "dfuse_test.flash";
    uint8_t block[32], back[32];
    uint32_t before;
    bench bed, *b = &bed;

    (void)state;
    fill_payload(block, sizeof block, 9);
    open_persona(b, "stm32f407-rom", true);
    make_ready(b);
    assert_works(command(b, 0x41, FLASH + 0xE0000));
    assert_works(command(b, 0x21, FLASH + 0x100000 - 32));
    assert_works(dnload(b, 2, block, 32));
    assert_int_equal(select_alternate(b, 3), 0);
    assert_works(command(b, 0x21, FEATURE));
    assert_works(dnload(b, 2, block, 4));
    before = attachment(b);
    assert_int_equal(select_alternate(b, 1), 0);
    assert_works(command(b, 0x21, OPTIONS));
    assert_int_equal(dnload(b, 2, block + 8, 16).result, DFUKIT_ERR_GONE);
    comes_back(b, before);
    assert_int_equal(dfukit_virtual_save(b->device, file), DFUKIT_OK);
    bench_close(b);

    open_persona(b, "stm32f407-rom", true);
    assert_int_equal(dfukit_virtual_load(b->device, file), DFUKIT_OK);
    make_ready(b);
    assert_int_equal(read_at(b, FLASH + 0x100000 - 32, back, 32), 32);
    assert_memory_equal(back, block, 32);
    assert_int_equal(dfukit_virtual_peek(b->device, 3, FEATURE, back, 32), 4);
    assert_memory_equal(back, block, 4);
    assert_int_equal(dfukit_virtual_peek(b->device, 1, OPTIONS, back, 32), 16);
    assert_memory_equal(back, block + 8, 16);
    bench_close(b);

    open_persona(b, "stm32f107-rom", true);
    assert_int_equal(dfukit_virtual_load(b->device, file), DFUKIT_ERR_DAMAGED);
    bench_close(b);
    assert_int_equal(remove(file), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_descriptors), cmocka_unit_test(test_a_page),
        cmocka_unit_test(test_f407),        cmocka_unit_test(test_option_bytes),
        cmocka_unit_test(test_otp),         cmocka_unit_test(test_commands),
        cmocka_unit_test(test_dsonano),     cmocka_unit_test(test_mass_erase),
        cmocka_unit_test(test_bus_reset),   cmocka_unit_test(test_saved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
