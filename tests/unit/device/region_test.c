/* SPDX-License-Identifier: MIT */
/* Sizes and sectors of regions, also absurd ones. */
#include "dfukit/device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static void sizes(void **state)
{
    static const struct {
        dfukit_sectors sectors[4];
        uint32_t size;
    } rows[] = {
        {{{4, 16384}, {1, 65536}, {7, 131072}, {0, 0}}, 1048576},
        {{{0, 0}}, 0},
        {{{1, 1}, {0, 0}}, 1},
        {{{0xFFFF, 0x10000}, {1, 0xFFFF}, {0, 0}}, 0xFFFFFFFF},
        {{{0x10000, 0x10000}, {0, 0}}, 0xFFFFFFFF},
        {{{0xFFFFFFFF, 0xFFFFFFFF}, {1, 1}, {0, 0}}, 0xFFFFFFFF},
        {{{1, 0xFFFFFFFF}, {1, 1}, {0, 0}}, 0xFFFFFFFF},
        {{{3, 0}, {2, 8}, {0, 0}}, 16},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        dfukit_region r = {.sectors = rows[i].sectors};

        if (dfukit_region_size(&r) != rows[i].size)
            fail_msg("row %zu: %u", i, dfukit_region_size(&r));
    }
}

static void sectors(void **state)
{
    static const dfukit_sectors runs[] = {{4, 16}, {1, 64}, {2, 128}, {0, 0}};
    static const struct {
        uint32_t offset;
        bool good;
        uint32_t start, size;
    } rows[] = {
        {0, true, 0, 16},      {15, true, 0, 16},     {16, true, 16, 16},
        {63, true, 48, 16},    {64, true, 64, 64},    {127, true, 64, 64},
        {128, true, 128, 128}, {255, true, 128, 128}, {256, true, 256, 128},
        {383, true, 256, 128}, {384, false, 0, 0},    {0xFFFFFFFF, false, 0, 0},
    };
    dfukit_region r = {.sectors = runs};

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint32_t start = 0, size = 0;
        bool good = dfukit_region_sector(&r, rows[i].offset, &start, &size);

        if (dfukit_region_sector_end(&r, rows[i].offset) !=
            (rows[i].good ? rows[i].start + rows[i].size : 0xFFFFFFFF))
            fail_msg("offset %u: ends at %u", rows[i].offset,
                     dfukit_region_sector_end(&r, rows[i].offset));
        if (good != rows[i].good || start != rows[i].start || size != rows[i].size)
            fail_msg("offset %u: %d, %u, %u", rows[i].offset, good, start, size);
    }
}

static void sectors_of_four_gigabytes(void **state)
{
    static const dfukit_sectors runs[] = {{2, 0}, {0xFFFFF, 0x1000}, {0xFFFFFFFF, 0x800}, {0, 0}};
    dfukit_region r = {.sectors = runs};
    uint32_t start = 0, size = 0;

    (void)state;
    assert_true(dfukit_region_sector(&r, 0xFFFFEFFF, &start, &size));
    assert_int_equal(start, 0xFFFFE000);
    assert_int_equal(size, 0x1000);
    assert_true(dfukit_region_sector(&r, 0xFFFFF7FF, &start, &size));
    assert_int_equal(start, 0xFFFFF000);
    assert_int_equal(size, 0x800);
    assert_true(dfukit_region_sector(&r, 0xFFFFFFFF, &start, &size));
    assert_int_equal(start, 0xFFFFF800);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes),
        cmocka_unit_test(sectors),
        cmocka_unit_test(sectors_of_four_gigabytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
