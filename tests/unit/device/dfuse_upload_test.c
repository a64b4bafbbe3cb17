/* SPDX-License-Identifier: MIT */
/* The DfuSe store: uploads. They never leave what may be read. */
#include "dfuse_bench.h"

/* Into memory of just that size. */
static int32_t take(bench *b, uint16_t block, uint16_t n, uint8_t *to)
{
    uint8_t *room = malloc(n);
    int32_t got = dfukit_dfuse_store.read(&b->store, block, room, n);

    assert_true(got <= (int32_t)n);
    if (got > 0)
        memcpy(to, room, (size_t)got);
    free(room);
    return got;
}

static void the_commands(void **state)
{
    static const uint8_t all[] = {0x00, 0x21, 0x41, 0x92};
    bench *b = malloc(sizeof *b);
    uint8_t to[TRANSFER];

    (void)state;
    for (unsigned offered = 3; offered <= 4; offered++) {
        begin(b, 8, 0xFF, 0);
        if (offered == 3)
            b->config.unprotect = NULL;
        for (uint16_t n = 1; n <= TRANSFER; n++) {
            int32_t got = take(b, 0, n, to);

            if (got != (int32_t)(n < offered ? n : offered))
                fail_msg("%u commands, %u asked for: %d", offered, n, (int)got);
            assert_memory_equal(to, all, (size_t)got);
        }
        for (uint16_t n = 1; n <= 5; n++) { /* not a byte beyond what it says */
            int32_t got;

            memset(to, 0xC9, sizeof to);
            got = dfukit_dfuse_store.read(&b->store, 0, to, n);
            for (size_t i = (size_t)got; i < sizeof to; i++)
                assert_int_equal(to[i], 0xC9);
        }
        assert_int_equal(take(b, 1, 4, to), -DFUKIT_STATUS_FILE);
        assert_int_equal(b->flash.reads, 0);
    }
    free(b);
}

/* T18, T23: what a block gives, at every kind of border. */
static void borders(void **state)
{
    static const struct {
        uint32_t pointer; /* an offset */
        uint16_t block, n;
        int32_t got; /* bytes, or a negated status */
    } rows[] = {
        {0, 2, 256, 256},
        {0, 17, 256, 256},
        {0, 18, 256, 256},
        {0xFFF, 2, 256, 256}, /* across zones that touch */
        {0x1500, 2, 256, 256},
        {0x1501, 2, 256, 255}, /* the end */
        {0x15FF, 2, 256, 1},
        {0x1500, 3, 256, 0},                     /* just behind it */
        {0x1501, 3, 256, -DFUKIT_STATUS_TARGET}, /* beyond */
        {0x1500, 4, 256, -DFUKIT_STATUS_TARGET},
        {0x1800, 2, 256, -DFUKIT_STATUS_VENDOR},
        {0x1500, 5, 1, -DFUKIT_STATUS_VENDOR},
        {0x1B00, 3, 256, 256}, /* RAM, behind what may not be read */
        {0x1C00, 2, 256, 256},
        {0x1C00, 3, 256, 0},
        {0x1C00, 4, 256, -DFUKIT_STATUS_TARGET},
        {0x1C00, 65535, 256, -DFUKIT_STATUS_TARGET}, /* T6: no wrap */
        {0, 2, 65535, 0x1600},
    };
    bench *b = malloc(sizeof *b);
    uint8_t to[NOR_SIZE];

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint32_t at = rows[i].pointer + (rows[i].block - 2u) * TRANSFER;
        int32_t got;

        begin(b, 8, 0xFF, 0);
        for (uint32_t k = 0; k < NOR_SIZE; k++)
            b->flash.cells[k] = image_byte(k);
        assert_int_equal(set_address(b, rows[i].pointer), DFUKIT_STATUS_OK);
        got = take(b, rows[i].block, rows[i].n, to);
        if (got != rows[i].got)
            fail_msg("row %zu: %d", i, (int)got);
        if (got > 0)
            assert_memory_equal(to, b->flash.cells + at, (size_t)got);
        assert_int_equal(b->flash.misuses, 0);
    }
    free(b);
}

/* T23: what was downloaded comes back, at sizes around whole blocks; the address goes by
 * wTransferSize, whatever wLength is. */
static void round_trips(void **state)
{
    bench *b = malloc(sizeof *b);
    uint8_t to[TRANSFER];

    (void)state;
    for (uint32_t k = 1; k <= 4; k++) {
        for (uint32_t size = k * TRANSFER - 1; size <= k * TRANSFER + 1; size++) {
            uint16_t block = 2;

            begin(b, 8, 0xFF, 2);
            erase_everything(b);
            assert_int_equal(put_at(b, 0x80, size), DFUKIT_STATUS_OK);
            dfukit_dfuse_store.rewind(&b->store, b->store.alt);
            assert_int_equal(work(b), DFUKIT_STATUS_OK);
            assert_int_equal(set_address(b, 0x80), DFUKIT_STATUS_OK);
            for (uint32_t at = 0; at < size; at += TRANSFER, block++) {
                static const uint16_t lengths[] = {TRANSFER, 1, 7, TRANSFER - 1};

                for (size_t i = 0; i < LENGTH(lengths); i++) {
                    uint32_t n = size - at < lengths[i] ? size - at : lengths[i];

                    assert_int_equal(take(b, block, (uint16_t)n, to), n);
                    if (memcmp(to, b->expected + 0x80 + at, n) != 0)
                        fail_msg("%u bytes, block %u, wLength %u", size, block, n);
                }
            }
            check(b, "round trip");
        }
    }
    free(b);
}

/* ---- Both ends of the address space ---- */

static const struct {
    uint32_t base, pointer;
    uint16_t block, n;
    uint8_t written;
    int32_t got;
} ends[] = {
    {0xFFFFFC00, 0xFFFFFC00, 2, 256, DFUKIT_STATUS_OK, 256},
    {0xFFFFFC00, 0xFFFFFC00, 5, 256, DFUKIT_STATUS_OK, 256},
    {0xFFFFFC00, 0xFFFFFFFF, 2, 1, DFUKIT_STATUS_OK, 1},
    {0xFFFFFC00, 0xFFFFFFFF, 2, 2, DFUKIT_STATUS_TARGET, 1},
    {0xFFFFFC00, 0xFFFFFFFF, 2, 65535, DFUKIT_STATUS_TARGET, 1},
    {0xFFFFFC00, 0xFFFFFF00, 2, 257, DFUKIT_STATUS_TARGET, 256},
    {0xFFFFFC00, 0xFFFFFC00, 6, 1, DFUKIT_STATUS_TARGET, 0}, /* just behind the end */
    {0xFFFFFC00, 0xFFFFFC01, 6, 1, DFUKIT_STATUS_TARGET, -DFUKIT_STATUS_TARGET},
    {0xFFFFFC00, 0xFFFFFC00, 7, 1, DFUKIT_STATUS_TARGET, -DFUKIT_STATUS_TARGET},
    {0xFFFFFC00, 0xFFFFFC00, 65535, 1, DFUKIT_STATUS_TARGET, -DFUKIT_STATUS_TARGET},
    {0x00000000, 0x00000000, 2, 256, DFUKIT_STATUS_OK, 256},
    {0x00000000, 0x000003FF, 2, 1, DFUKIT_STATUS_OK, 1},
    {0x00000000, 0x000003FF, 2, 2, DFUKIT_STATUS_TARGET, 1},
    {0x00000000, 0x00000000, 6, 1, DFUKIT_STATUS_TARGET, 0},
    {0x00000000, 0x00000000, 7, 1, DFUKIT_STATUS_TARGET, -DFUKIT_STATUS_TARGET},
    {0x00000000, 0x00000000, 65535, 1, DFUKIT_STATUS_TARGET, -DFUKIT_STATUS_TARGET},
};

/* T18: zones at 0 and up to 0xFFFFFFFF. */
static void both_ends(void **state)
{
    static const dfukit_sectors runs[] = {{4, 256}, {0, 0}};
    static uint8_t bytes[65535], to[65535];
    bench *b = malloc(sizeof *b);

    (void)state;
    memset(bytes, 0x3C, sizeof bytes);
    for (size_t i = 0; i < LENGTH(ends); i++) {
        uint32_t at = ends[i].pointer - ends[i].base + (ends[i].block - 2u) * TRANSFER;
        uint8_t status;
        int32_t got;

        begin(b, 4, 0xFF, 1);
        memset(b->zones, 0, sizeof b->zones);
        b->zones[0] = (dfukit_region){ends[i].base, runs, 4, 0xFF, ALL, 20000000, 50000};
        nor_init(&b->flash, b->zones, 1);
        dfukit_dfuse_init(&b->store, &b->config, &b->flash);
        assert_int_equal(command(b, 0x21, ends[i].base + 0x400), DFUKIT_STATUS_TARGET);
        assert_int_equal(command(b, 0x21, ends[i].base - 1), DFUKIT_STATUS_TARGET);
        assert_int_equal(command(b, 0x41, ends[i].base + 0x400), DFUKIT_STATUS_TARGET);
        assert_int_equal(command(b, 0x41, ends[i].base - 1), DFUKIT_STATUS_TARGET);
        assert_int_equal(command(b, 0x41, ends[i].base + 0x3FF), DFUKIT_STATUS_OK);
        assert_int_equal(short_command(b, 0x41), DFUKIT_STATUS_OK);
        assert_int_equal(b->flash.erases, 5);
        assert_int_equal(command(b, 0x21, ends[i].pointer), DFUKIT_STATUS_OK);
        status = put(b, ends[i].block, bytes, ends[i].n);
        assert_int_equal(manifest(b), DFUKIT_STATUS_OK);
        got = take(b, ends[i].block, ends[i].n, to);
        if (status != ends[i].written || got != ends[i].got || b->flash.misuses != 0)
            fail_msg("row %zu: status %u, %d read, %u misuses", i, status, (int)got,
                     b->flash.misuses);
        for (uint32_t k = 0; k < 0x400; k++) {
            bool data = status == DFUKIT_STATUS_OK && k >= at && k - at < ends[i].n;

            if (b->flash.cells[k] != (data ? 0x3C : 0xFF))
                fail_msg("row %zu: cell %u", i, k);
        }
    }
    free(b);
}

/* T18: with memory at both ends at once, a block that passes 0xFFFFFFFF does not go on at 0. */
static void no_way_around(void **state)
{
    static const dfukit_sectors runs[] = {{4, 256}, {0, 0}};
    static const uint8_t bytes[64];
    bench *b = malloc(sizeof *b);
    uint8_t to[64];

    (void)state;
    begin(b, 4, 0xFF, 1);
    memset(b->zones, 0, sizeof b->zones);
    b->zones[0] = (dfukit_region){0xFFFFFC00, runs, 4, 0xFF, ALL, 20000000, 50000};
    b->zones[1] = (dfukit_region){0x00000000, runs, 4, 0xFF, ALL, 20000000, 50000};
    nor_init(&b->flash, b->zones, 2);
    dfukit_dfuse_init(&b->store, &b->config, &b->flash);
    assert_int_equal(short_command(b, 0x41), DFUKIT_STATUS_OK);
    assert_int_equal(b->flash.erases, 8);
    assert_int_equal(command(b, 0x21, 0xFFFFFFF0), DFUKIT_STATUS_OK);
    assert_int_equal(put(b, 2, bytes, 17), DFUKIT_STATUS_TARGET);
    assert_int_equal(put(b, 3, bytes, 1), DFUKIT_STATUS_TARGET);
    assert_int_equal(b->flash.programs, 0);
    assert_int_equal(take(b, 2, 64, to), 16);
    assert_int_equal(take(b, 3, 64, to), -DFUKIT_STATUS_TARGET);
    assert_int_equal(put(b, 2, bytes, 16), DFUKIT_STATUS_OK);
    assert_int_equal(command(b, 0x21, 0), DFUKIT_STATUS_OK);
    assert_int_equal(put(b, 2, bytes, 16), DFUKIT_STATUS_OK);
    assert_int_equal(b->flash.misuses, 0);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_commands),  cmocka_unit_test(borders),
        cmocka_unit_test(round_trips),   cmocka_unit_test(both_ends),
        cmocka_unit_test(no_way_around),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
