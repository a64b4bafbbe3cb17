/* SPDX-License-Identifier: MIT */
/* The flash model: what silicon does, what it forbids, how long it takes, how it fails. */
#include "bench.h"

#define BASE 0x08000000u
#define RWE  (DFUKIT_MAY_READ | DFUKIT_MAY_ERASE | DFUKIT_MAY_WRITE)

/* clang-format off */
static const dfukit_sectors mixed[] = { { 4, 64 }, { 1, 256 }, { 0, 0 } };
static const dfukit_region nor  = { BASE, mixed, 4, 0xFF, RWE, 2000, 10 };
static const dfukit_region zero = { BASE, mixed, 4, 0x00, RWE, 2000, 10 };
static const dfukit_region rom  = { BASE, mixed, 4, 0xFF, DFUKIT_MAY_READ, 2000, 10 };
/* clang-format on */

static uint64_t now_us;
static dfukit_clock clock_;

static dfukit_vflash *flash_new(const dfukit_region *region, bool timed)
{
    dfukit_vflash *f;

    now_us = 5000;
    clock_ = dfukit_clock_virtual(&now_us);
    f = dfukit_vflash_new(region, &clock_, timed);
    assert_non_null(f);
    return f;
}

static uint8_t erase(dfukit_vflash *f, uint32_t offset)
{
    return dfukit_vflash_ops.erase(f, BASE + offset);
}

static uint8_t program(dfukit_vflash *f, uint32_t offset, const void *data, uint32_t n)
{
    return dfukit_vflash_ops.program(f, BASE + offset, data, n);
}

static bool busy(dfukit_vflash *f, uint8_t *status)
{
    *status = 0xEE;
    return dfukit_vflash_ops.busy(f, status);
}

static void assert_done(dfukit_vflash *f, uint8_t expected)
{
    uint8_t status;

    assert_false(busy(f, &status));
    assert_int_equal(status, expected);
}

static void test_bits_leave_the_erased_value_only(void **state)
{
    static const uint8_t data[8] = {0x12, 0x00, 0xFF, 0xA5, 1, 2, 3, 4};
    const dfukit_region *regions[] = {&nor, &zero};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        dfukit_vflash *f = flash_new(regions[i], false);
        uint32_t n;
        uint8_t *cells = dfukit_vflash_cells(f, &n);
        uint8_t read[8];

        assert_int_equal(n, 512);
        for (uint32_t k = 0; k < n; k++)
            assert_int_equal(cells[k], regions[i]->erased);
        assert_int_equal(program(f, 64, data, 8), DFUKIT_STATUS_OK);
        assert_done(f, DFUKIT_STATUS_OK);
        dfukit_vflash_ops.read(f, BASE + 64, read, 8);
        assert_memory_equal(read, data, 8);
        assert_int_equal(cells[63], regions[i]->erased);
        assert_int_equal(cells[72], regions[i]->erased);
        assert_int_equal(erase(f, 64), DFUKIT_STATUS_OK);
        assert_done(f, DFUKIT_STATUS_OK);
        for (uint32_t k = 0; k < n; k++)
            assert_int_equal(cells[k], regions[i]->erased);
        assert_int_equal(dfukit_vflash_operations(f), 2);
        assert_int_equal(dfukit_vflash_misuses(f), 0);
        dfukit_vflash_free(&f);
    }
}

static void test_misuse(void **state)
{
    /* On a flash whose unit at 0 has been programmed. n 0: erase. */
    /* clang-format off */
    static const struct {
        const char *what; uint32_t offset, n; uint8_t status;
    } rows[] = {
        { "erase inside a sector",      4,   0,    DFUKIT_STATUS_ADDRESS },
        { "erase beyond the end",       512, 0,    DFUKIT_STATUS_ADDRESS },
        { "erase below the start",      0u - 64u, 0, DFUKIT_STATUS_ADDRESS },
        { "program misaligned",         66,  4,    DFUKIT_STATUS_ADDRESS },
        { "program half a unit",        64,  6,    DFUKIT_STATUS_ADDRESS },
        { "program across a sector",    60,  8,    DFUKIT_STATUS_ADDRESS },
        { "program beyond the end",     508, 8,    DFUKIT_STATUS_ADDRESS },
        { "program outside",            512, 4,    DFUKIT_STATUS_ADDRESS },
        { "program more than there is", 64,  0xFFFFFFFC, DFUKIT_STATUS_ADDRESS },
        { "program a unit twice",       0,   4,    DFUKIT_STATUS_CHECK_ERASED },
        { "program over a blank and a programmed unit", 4, 8, DFUKIT_STATUS_CHECK_ERASED },
    };
    /* clang-format on */
    static const uint8_t blank[16] = {255, 255, 255, 255, 255, 255, 255, 255};
    static const uint8_t data[16] = {1, 2, 3};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dfukit_vflash *f = flash_new(&nor, false);
        uint8_t status;

        assert_int_equal(program(f, 0, data, 4), DFUKIT_STATUS_OK);
        assert_int_equal(program(f, 8, blank, 4), DFUKIT_STATUS_OK); /* counts though it is FF */
        status =
            rows[i].n == 0 ? erase(f, rows[i].offset) : program(f, rows[i].offset, data, rows[i].n);
        if (status != rows[i].status || dfukit_vflash_misuses(f) != 1)
            fail_msg("%s: status %u, misuses %u", rows[i].what, status, dfukit_vflash_misuses(f));
        assert_int_equal(dfukit_vflash_operations(f), 2);
        dfukit_vflash_free(&f);
    }
}

static void test_permissions(void **state)
{
    static const uint8_t data[4] = {0};
    dfukit_vflash *f = flash_new(&rom, false);

    (void)state;
    assert_int_equal(erase(f, 0), DFUKIT_STATUS_ERASE);
    assert_int_equal(program(f, 0, data, 4), DFUKIT_STATUS_WRITE);
    assert_int_equal(dfukit_vflash_misuses(f), 2);
    dfukit_vflash_free(&f);
}

static void test_cells_set_by_hand_are_programmed(void **state)
{
    static const uint8_t data[4] = {0};
    dfukit_vflash *f = flash_new(&nor, false);
    uint32_t n;

    (void)state;
    dfukit_vflash_cells(f, &n)[130] = 0x7F;
    assert_int_equal(program(f, 128, data, 4), DFUKIT_STATUS_CHECK_ERASED);
    assert_int_equal(program(f, 132, data, 4), DFUKIT_STATUS_OK);
    dfukit_vflash_free(&f);
}

static void test_time(void **state)
{
    static const uint8_t data[16] = {1};
    dfukit_vflash *f = flash_new(&nor, true);
    uint8_t status, read[4];

    (void)state;
    assert_int_equal(erase(f, 0), DFUKIT_STATUS_OK);
    assert_true(busy(f, &status));
    now_us += 1999;
    assert_true(busy(f, &status));
    /* Nothing else may be started meanwhile, nor read. */
    assert_int_equal(erase(f, 64), DFUKIT_STATUS_ERASE);
    assert_int_equal(program(f, 64, data, 4), DFUKIT_STATUS_WRITE);
    dfukit_vflash_ops.read(f, BASE, read, 4);
    assert_int_equal(dfukit_vflash_misuses(f), 3);
    now_us += 1;
    assert_done(f, DFUKIT_STATUS_OK);
    /* Four units of 10 us. */
    assert_int_equal(program(f, 0, data, 16), DFUKIT_STATUS_OK);
    now_us += 39;
    assert_true(busy(f, &status));
    now_us += 1;
    assert_done(f, DFUKIT_STATUS_OK);
    assert_int_equal(dfukit_vflash_operations(f), 2);
    dfukit_vflash_free(&f);
}

static void test_wear(void **state)
{
    dfukit_vflash *f = flash_new(&nor, false);

    (void)state;
    for (int i = 0; i < 3; i++)
        erase(f, 64);
    erase(f, 256);
    assert_int_equal(dfukit_vflash_wear(f, BASE), 0);
    assert_int_equal(dfukit_vflash_wear(f, BASE + 64), 3);
    assert_int_equal(dfukit_vflash_wear(f, BASE + 127), 3);
    assert_int_equal(dfukit_vflash_wear(f, BASE + 511), 1);
    assert_int_equal(dfukit_vflash_wear(f, BASE + 512), 0);
    dfukit_vflash_free(&f);
}

static void test_failures(void **state)
{
    static const uint8_t data[16] = {0};
    dfukit_vflash *f = flash_new(&nor, false);
    uint32_t n;
    uint8_t *cells = dfukit_vflash_cells(f, &n);

    (void)state;
    dfukit_vflash_fail_at(f, 2, DFUKIT_STATUS_WRITE);
    assert_int_equal(erase(f, 0), DFUKIT_STATUS_OK);
    assert_done(f, DFUKIT_STATUS_OK);
    assert_int_equal(program(f, 0, data, 16), DFUKIT_STATUS_OK);
    assert_done(f, DFUKIT_STATUS_WRITE);
    assert_int_equal(cells[7], 0x00);
    assert_true(cells[8] != 0x00 && cells[8] != 0xFF); /* torn */
    assert_int_equal(cells[12], 0xFF);
    assert_int_equal(erase(f, 0), DFUKIT_STATUS_OK);
    assert_done(f, DFUKIT_STATUS_OK);
    assert_int_equal(cells[8], 0xFF);
    /* The status that fits. */
    dfukit_vflash_fail_at(f, 4, DFUKIT_STATUS_OK);
    assert_int_equal(erase(f, 64), DFUKIT_STATUS_OK);
    assert_done(f, DFUKIT_STATUS_ERASE);
    dfukit_vflash_fail_at(f, 5, DFUKIT_STATUS_OK);
    assert_int_equal(program(f, 64, data, 4), DFUKIT_STATUS_OK);
    assert_done(f, DFUKIT_STATUS_PROG);
    dfukit_vflash_free(&f);
}

static void test_power_cut(void **state)
{
    static const uint8_t data[64] = {0};
    dfukit_vflash *f = flash_new(&nor, true);
    uint32_t n;
    uint8_t *cells = dfukit_vflash_cells(f, &n);
    uint8_t status;

    (void)state;
    assert_int_equal(program(f, 64, data, 64), DFUKIT_STATUS_OK);
    now_us += 85; /* eight units, and half of the ninth */
    dfukit_vflash_cut(f);
    assert_false(busy(f, &status));
    assert_int_equal(cells[64 + 31], 0x00);
    assert_true(cells[64 + 32] != 0x00 && cells[64 + 32] != 0xFF);
    assert_int_equal(cells[64 + 36], 0xFF);

    assert_int_equal(erase(f, 64), DFUKIT_STATUS_OK);
    now_us += 500; /* a quarter of 2000 */
    dfukit_vflash_cut(f);
    assert_int_equal(cells[64 + 15], 0xFF);
    assert_int_equal(cells[64 + 16], 0x00);
    /* What was over before the cut is whole. */
    assert_int_equal(erase(f, 64), DFUKIT_STATUS_OK);
    now_us += 2000;
    dfukit_vflash_cut(f);
    for (uint32_t i = 64; i < 128; i++)
        assert_int_equal(cells[i], 0xFF);
    dfukit_vflash_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bits_leave_the_erased_value_only),
        cmocka_unit_test(test_misuse),
        cmocka_unit_test(test_permissions),
        cmocka_unit_test(test_cells_set_by_hand_are_programmed),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_wear),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_power_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
