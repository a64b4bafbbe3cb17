/* SPDX-License-Identifier: MIT */
/* The firmware slot where memory ends, where it is protected, and where power does. */
#include "slot_bench.h"

/* ---- Both ends of the address space ---- */

/* T18: regions at 0 and up to 0xFFFFFFFF: all of them can be written and read, nothing beyond. */
static void both_ends(void **state)
{
    static const uint32_t bases[] = {0, 0xFFFFFFFFu - (REGION_SIZE - 1u)};
    static const uint16_t blocks[] = {1, 250, 256, 1024, REGION_SIZE};
    bench *b = malloc(sizeof *b);

    (void)state;
    fill_image();
    for (size_t i = 0; i < LENGTH(bases) * LENGTH(blocks); i++) {
        uint16_t n = blocks[i / LENGTH(bases)], number = 0;
        uint32_t at = 0;
        uint8_t to[REGION_SIZE + 1];
        int32_t got;

        begin(b, 4, 0xFF, 1);
        b->region.address = b->flash.base = bases[i % LENGTH(bases)];
        if (download(b, REGION_SIZE, n) != DFUKIT_STATUS_OK)
            fail_msg("base %08X, blocks of %u", b->region.address, n);
        check_stored(b, REGION_SIZE, "at the end");
        dfukit_slot_store.rewind(&b->slot, 0);
        do {
            got = dfukit_slot_store.read(&b->slot, number++, to + at, n);
            assert_true(got >= 0 && at + (uint32_t)got <= REGION_SIZE);
            at += (uint32_t)got;
        } while (got == n);
        assert_int_equal(at, REGION_SIZE);
        assert_memory_equal(to, image, REGION_SIZE);
        dfukit_slot_store.rewind(&b->slot, 0);
        assert_int_equal(put(b, 0, image, REGION_SIZE), DFUKIT_STATUS_OK);
        assert_int_equal(put(b, 1, image, 1), DFUKIT_STATUS_ADDRESS);
        assert_int_equal(put(b, 1, image, 256), DFUKIT_STATUS_ADDRESS);
        assert_int_equal(b->flash.misuses, 0);
    }
    free(b);
}

/* T23: what was downloaded comes back, at sizes around whole blocks, whatever each block asks for.
 */
static void round_trips(void **state)
{
    static const uint16_t lengths[] = {256, 1, 255, 17, 256, 64};
    bench *b = malloc(sizeof *b);

    (void)state;
    fill_image();
    for (uint32_t k = 1; k <= 4; k++) {
        for (uint32_t size = k * 256 - 1; size <= k * 256 + 1; size++) {
            for (size_t first = 0; first < LENGTH(lengths); first++) {
                uint8_t to[REGION_SIZE];
                uint16_t number = 0;

                begin(b, 8, 0xFF, 2);
                assert_int_equal(download(b, size, 256), DFUKIT_STATUS_OK);
                dfukit_slot_store.rewind(&b->slot, 0);
                for (uint32_t at = 0, n; at < size; at += n) {
                    n = lengths[(first + number) % LENGTH(lengths)];
                    n = n < REGION_SIZE - at ? n : REGION_SIZE - at;
                    assert_int_equal(
                        dfukit_slot_store.read(&b->slot, number++, to + at, (uint16_t)n), n);
                }
                if (memcmp(to, image, size) != 0)
                    fail_msg("%u bytes, lengths from %zu", size, first);
            }
        }
    }
    free(b);
}

/* An upload whose first block the host never got is no beginning of a download. */
static void a_download_after_a_read(void **state)
{
    bench *b = malloc(sizeof *b);
    uint8_t to[256];

    (void)state;
    fill_image();
    for (uint16_t blocks = 1; blocks <= 3; blocks++) {
        begin(b, 8, 0xFF, 1);
        for (uint16_t i = 0; i < blocks; i++)
            assert_int_equal(dfukit_slot_store.read(&b->slot, i, to, 256), 256);
        for (uint16_t i = 0; i < 4; i++)
            assert_int_equal(put(b, i, image + 256u * i, 256), DFUKIT_STATUS_OK);
        assert_int_equal(dfukit_slot_store.finish(&b->slot), DFUKIT_STATUS_OK);
        assert_int_equal(manifest(b), DFUKIT_STATUS_OK);
        assert_int_equal(b->accept_length, 1024);
        check_stored(b, 1024, "after a read");
    }
    free(b);
}

/* ---- Protection ---- */

/* T11: cells that ignore erasing and programming without a word are found out, one of them even. */
static void write_protection(void **state)
{
    static const struct {
        uint32_t from, to;
        bool blank; /* already before */
        uint8_t status;
    } rows[] = {
        {0, REGION_SIZE, false, DFUKIT_STATUS_CHECK_ERASED},
        {0, 1, false, DFUKIT_STATUS_CHECK_ERASED},
        {255, 256, false, DFUKIT_STATUS_CHECK_ERASED},
        {256, 512, false, DFUKIT_STATUS_CHECK_ERASED},
        {1999, 2000, false, DFUKIT_STATUS_CHECK_ERASED},
        {2006, 2007, false, DFUKIT_STATUS_CHECK_ERASED}, /* beside the data, in its unit */
        {2008, 2009, false, DFUKIT_STATUS_OK},           /* beyond */
        {0, REGION_SIZE, true, DFUKIT_STATUS_VERIFY},
        {0, 1, true, DFUKIT_STATUS_VERIFY},
        {1999, 2000, true, DFUKIT_STATUS_VERIFY},
        {2005, REGION_SIZE, true, DFUKIT_STATUS_OK},
    };
    bench *b = malloc(sizeof *b);

    (void)state;
    fill_image();
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint8_t status;

        begin(b, 8, 0xFF, 1);
        b->flash.protect_from = rows[i].from;
        b->flash.protect_to = rows[i].to;
        if (rows[i].blank) {
            memset(b->flash.cells + rows[i].from, 0xFF, rows[i].to - rows[i].from);
            memset(b->flash.spent + rows[i].from, false, rows[i].to - rows[i].from);
        }
        status = download(b, 2005, 256);
        if (status != rows[i].status)
            fail_msg("row %zu: status %u", i, status);
        assert_int_equal(b->accepted, status == DFUKIT_STATUS_OK);
    }
    free(b);
}

/* ---- Power ---- */

/* T21: power fails in every operation, at every part of it: nothing was accepted. Then the same
 * image comes again, from the start, and is whole; also when power fails a second time. */
static void power_fails(void **state)
{
    bench *b = malloc(sizeof *b);
    unsigned operations = 1, cuts = 0;

    (void)state;
    fill_image();
    for (unsigned n = 1; n <= operations; n++) {
        for (unsigned eighths = 0; eighths <= 8; eighths += eighths == 0 || eighths == 7 ? 1 : 3) {
            begin(b, 8, 0xFF, 1);
            assert_int_equal(download(b, 2005, 128), DFUKIT_STATUS_OK);
            operations = b->flash.operations;
            begin(b, 8, 0xFF, 1);
            for (unsigned cut = 0; cut < 2; cut++) {
                b->flash.cut_at = b->flash.operations + n - cut * (n / 2);
                b->flash.cut_eighths = eighths;
                assert_int_not_equal(download(b, 2005, 128), DFUKIT_STATUS_OK);
                assert_true(b->flash.dead);
                assert_int_equal(b->accepted, 0);
                b->flash.dead = false;
                memset(&b->slot, 0xA5, sizeof b->slot);
                dfukit_slot_init(&b->slot, &b->config, &b->flash);
                cuts++;
            }
            memset(b->flash.erased, 0, sizeof b->flash.erased);
            if (download(b, 2005, 128) != DFUKIT_STATUS_OK || b->accepted != 1)
                fail_msg("operation %u, %u eighths", n, eighths);
            check_stored(b, 2005, "after power came back");
        }
    }
    assert_true(cuts > 200);
    free(b);
}

/* With two block buffers the end may be told while the last block is still being worked on: its
 * last bytes, less than a write unit, are programmed all the same, and their time is told. */
static void an_end_amidst_work(void **state)
{
    bench *b = malloc(sizeof *b);

    (void)state;
    fill_image();
    for (uint16_t n = 1; n < 300; n++) {
        for (unsigned polls = 0; polls < 6; polls++) {
            uint32_t left = 0;
            begin(b, 8, 0xFF, 1);
            assert_int_equal(dfukit_slot_store.write(&b->slot, 0, image, n), DFUKIT_STATUS_OK);
            for (unsigned i = 0; i < polls; i++)
                store_poll(&dfukit_slot_store, &b->slot, &left);
            dfukit_slot_store.manifest(&b->slot);
            assert_int_equal(work(b), DFUKIT_STATUS_OK);
            assert_int_equal(b->accepted, 1);
            assert_int_equal(b->accept_length, n);
            check_stored(b, n, "an end amidst work");
        }
    }
    /* Erasing, with 7 bytes to come: the erase and one unit. */
    uint32_t left = 0;
    begin(b, 8, 0xFF, 2);
    assert_int_equal(dfukit_slot_store.write(&b->slot, 0, image, 7), DFUKIT_STATUS_OK);
    store_poll(&dfukit_slot_store, &b->slot, &left);
    dfukit_slot_store.manifest(&b->slot);
    store_poll(&dfukit_slot_store, &b->slot, &left);
    assert_int_equal(left, 20000 + 50);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends),          cmocka_unit_test(round_trips),
        cmocka_unit_test(write_protection),   cmocka_unit_test(power_fails),
        cmocka_unit_test(an_end_amidst_work), cmocka_unit_test(a_download_after_a_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
