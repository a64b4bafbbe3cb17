/* SPDX-License-Identifier: MIT */
/* The firmware slot on a flash that punishes misuse. */
#include "slot_bench.h"

/* ---- Downloads ---- */

/* T4, T15: every length, from one byte on. */
static void every_length(void **state)
{
    static const uint32_t blocks[] = {1, 7, 64, 100, 255, 256, 257, 1024, REGION_SIZE};
    bench *b = malloc(sizeof *b);

    (void)state;
    fill_image();
    for (uint16_t unit = 1; unit <= 64; unit = (uint16_t)(unit * 2)) {
        for (size_t i = 0; i < LENGTH(blocks); i++) {
            for (uint32_t length = 1; length <= REGION_SIZE;
                 length += length < 70 || length > REGION_SIZE - 70 ? 1 : 173) {
                if (blocks[i] < 64 && length > 600 && length < REGION_SIZE - 2)
                    continue;
                begin(b, unit, (unit & 2u) != 0 ? 0x00 : 0xFF, length % 3);
                if (download(b, length, blocks[i]) != DFUKIT_STATUS_OK)
                    fail_msg("unit %u, block %u, length %u", unit, blocks[i], length);
                check_stored(b, length, "in blocks");
                assert_int_equal(b->accepted, 1);
                assert_int_equal(b->accept_length, length);
            }
        }
    }
    free(b);
}

/* T15: blocks of any length in any order: what is left of a write unit waits for the next block. */
static void odd_blocks(void **state)
{
    bench *b = malloc(sizeof *b);
    uint32_t seed = 1;

    (void)state;
    fill_image();
    for (unsigned round = 0; round < 3000; round++) {
        uint16_t unit = (uint16_t)(1u << round % 7);
        uint32_t length = 1 + (seed >> 8) % 900, most = 1 + (seed >> 20) % 150, at = 0;
        uint16_t number = 0;

        begin(b, unit, 0xFF, round % 4);
        while (at < length) {
            uint32_t n;

            seed = seed * 1664525u + 1013904223u;
            n = 1 + (seed >> 8) % most;
            if (n > length - at)
                n = length - at;
            assert_int_equal(put(b, number++, image + at, (uint16_t)n), DFUKIT_STATUS_OK);
            at += n;
        }
        assert_int_equal(manifest(b), DFUKIT_STATUS_OK);
        check_stored(b, length, "odd blocks");
    }
    free(b);
}

/* Whole units go to the flash in runs, as long as a sector allows. */
static void few_operations(void **state)
{
    bench *b = malloc(sizeof *b);

    (void)state;
    fill_image();
    begin(b, 2, 0xFF, 0);
    assert_int_equal(download(b, 3584, 1024), DFUKIT_STATUS_OK);
    assert_int_equal(b->flash.erases, 8);
    /* 4 × 256 | 1024 | 512, 512 | 512 */
    assert_int_equal(b->flash.programs, 8);
    free(b);
}

/* T6, T14 */
static void numbers_wrap(void **state)
{
    static const dfukit_sectors small[] = {{16, 256}, {0, 0}};
    bench *b = malloc(sizeof *b);

    (void)state;
    fill_image();
    begin(b, 1, 0xFF, 0);
    b->region.sectors = small;
    b->slot.next_block = 65534; /* as after so many blocks */
    assert_int_equal(put(b, 65534, image, 1), DFUKIT_STATUS_OK);
    assert_int_equal(put(b, 65535, image + 1, 1), DFUKIT_STATUS_OK);
    assert_int_equal(put(b, 0, image + 2, 1), DFUKIT_STATUS_OK);
    assert_int_equal(put(b, 1, image + 3, 1), DFUKIT_STATUS_OK);
    assert_int_equal(put(b, 1, image + 3, 1), DFUKIT_STATUS_ADDRESS);
    assert_memory_equal(b->flash.cells, image, 4);
    free(b);
}

/* T11, T14: gaps, repeated numbers, too many bytes, and what may not be written or erased. */
static void refused_blocks(void **state)
{
    static const struct {
        uint8_t permissions;
        uint16_t first, number; /* bytes of block 0, and number of the block after it */
        uint16_t n;
        uint8_t status;
    } rows[] = {
        {ALL, 16, 1, 16, DFUKIT_STATUS_OK},
        {ALL, 16, 0, 16, DFUKIT_STATUS_ADDRESS}, /* again */
        {ALL, 16, 2, 16, DFUKIT_STATUS_ADDRESS}, /* a gap */
        {ALL, 16, 65535, 16, DFUKIT_STATUS_ADDRESS},
        {ALL, 1000, 1, 2584, DFUKIT_STATUS_OK},
        {ALL, 1000, 1, 2585, DFUKIT_STATUS_ADDRESS},
        {ALL, 3584, 1, 1, DFUKIT_STATUS_ADDRESS},
        {ALL, 3583, 1, 1, DFUKIT_STATUS_OK},
        {ALL, 1, 1, 65535, DFUKIT_STATUS_ADDRESS},
        {ALL & ~DFUKIT_MAY_WRITE, 0, 0, 16, DFUKIT_STATUS_WRITE},
        {ALL & ~DFUKIT_MAY_ERASE, 0, 0, 16, DFUKIT_STATUS_ERASE},
        {ALL & ~DFUKIT_MAY_READ, 16, 1, 16, DFUKIT_STATUS_OK},
    };
    static uint8_t bytes[65535];
    bench *b = malloc(sizeof *b);

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint8_t status;

        begin(b, 8, 0xFF, 1);
        b->region.permissions = rows[i].permissions;
        if (rows[i].first != 0)
            assert_int_equal(put(b, 0, bytes, rows[i].first), DFUKIT_STATUS_OK);
        status = put(b, rows[i].number, bytes, rows[i].n);
        if (status != rows[i].status || b->flash.misuses != 0)
            fail_msg("row %zu: status %u, misuses %u", i, status, b->flash.misuses);
        if (rows[i].first == 0)
            assert_int_equal(b->flash.operations, 0);
        for (uint32_t k = REGION_SIZE; k < NOR_SIZE; k++)
            assert_int_equal(b->flash.cells[k], 0x77);
    }
    free(b);
}

/* T16 */
static void an_end_without_data(void **state)
{
    bench *b = malloc(sizeof *b);

    (void)state;
    begin(b, 8, 0xFF, 0);
    assert_int_equal(dfukit_slot_store.finish(&b->slot), DFUKIT_STATUS_NOTDONE);
    put(b, 0, image, 1);
    assert_int_equal(dfukit_slot_store.finish(&b->slot), DFUKIT_STATUS_OK);
    assert_int_equal(dfukit_slot_store.finish(&b->slot), DFUKIT_STATUS_OK);
    free(b);
}

/* ---- Time ---- */

/* With two block buffers the end is told of while the last block is at work: nothing of it is lost,
 * and the time told covers it. */
static void the_end_while_the_last_block_is_at_work(void **state)
{
    bench *b = malloc(sizeof *b);

    (void)state;
    fill_image();
    for (uint16_t unit = 1; unit <= 64; unit = (uint16_t)(unit * 2)) {
        for (unsigned polls = 0; polls < 6; polls++) {
            for (uint32_t length = 100; length < 400; length += 7) {
                uint32_t left = 0, last = UINT32_MAX;

                begin(b, unit, 0xFF, 2);
                assert_int_equal(put(b, 0, image, 100), DFUKIT_STATUS_OK);
                if (length > 100)
                    assert_int_equal(
                        dfukit_slot_store.write(&b->slot, 1, image + 100, (uint16_t)(length - 100)),
                        DFUKIT_STATUS_OK);
                for (unsigned i = 0; i < polls; i++)
                    assert_int_equal(store_poll(&dfukit_slot_store, &b->slot, &left),
                                     DFUKIT_STATUS_OK);
                dfukit_slot_store.manifest(&b->slot);
                do {
                    assert_int_equal(store_poll(&dfukit_slot_store, &b->slot, &left),
                                     DFUKIT_STATUS_OK);
                    if (left > last)
                        fail_msg("unit %u, %u bytes, %u polls: %u ms left after %u", unit, length,
                                 polls, left, last);
                    last = left;
                } while (left != 0);
                assert_int_equal(b->accepted, 1);
                check_stored(b, length, "the end came early");
            }
        }
    }
    free(b);
}

/* What poll() says at each turn of a block over two sectors: all erases and write units still due.
 */
static void remaining_time(void **state)
{
    static const uint32_t expected[] = {
        /* 300 bytes in units of 4: an erase of 20 ms, 64 units of 50 us, an erase, 11 units */
        2 * 20000 + 75 * 50, /* erasing */
        20000 + 75 * 50,     /* programming 256 bytes */
        20000 + 11 * 50,     /* erasing */
        11 * 50,             /* programming */
        0,
    };
    bench *b = malloc(sizeof *b);
    uint32_t left = 99;

    (void)state;
    fill_image();
    begin(b, 4, 0xFF, 1);
    store_poll(&dfukit_slot_store, &b->slot, &left);
    assert_int_equal(left, 0);
    assert_int_equal(dfukit_slot_store.write(&b->slot, 0, image, 300), DFUKIT_STATUS_OK);
    for (size_t i = 0; i < LENGTH(expected); i++) {
        assert_int_equal(store_poll(&dfukit_slot_store, &b->slot, &left), DFUKIT_STATUS_OK);
        if (left != expected[i])
            fail_msg("turn %zu: %u us", i, left);
    }
    /* The next block stays in the sector: no erase is due. 302 = 75 units, and 2 bytes wait. */
    assert_int_equal(dfukit_slot_store.write(&b->slot, 1, image + 300, 10), DFUKIT_STATUS_OK);
    store_poll(&dfukit_slot_store, &b->slot, &left);
    assert_int_equal(left, 2 * 50);
    assert_int_equal(work(b), DFUKIT_STATUS_OK);
    /* Manifestation: the two bytes that wait make a unit, and the time of its own. */
    b->config.manifest_us = 7000000;
    dfukit_slot_store.manifest(&b->slot);
    store_poll(&dfukit_slot_store, &b->slot, &left);
    assert_int_equal(left, 7000 + 50);
    free(b);
}

/* Work that takes no time is over at the first poll. */
static void no_time(void **state)
{
    bench *b = malloc(sizeof *b);
    uint32_t left = 99;

    (void)state;
    fill_image();
    begin(b, 4, 0xFF, 0);
    dfukit_slot_store.write(&b->slot, 0, image, 1001);
    assert_int_equal(store_poll(&dfukit_slot_store, &b->slot, &left), DFUKIT_STATUS_OK);
    assert_int_equal(left, 0);
    dfukit_slot_store.manifest(&b->slot);
    assert_int_equal(store_poll(&dfukit_slot_store, &b->slot, &left), DFUKIT_STATUS_OK);
    assert_int_equal(left, 0);
    assert_int_equal(b->accepted, 1);
    check_stored(b, 1001, "no time");
    free(b);
}

static void absurd_times_do_not_overflow(void **state)
{
    bench *b = malloc(sizeof *b);
    uint32_t left = 0;

    (void)state;
    begin(b, 1, 0xFF, 1);
    b->region.erase_us = 0xFFFFFFF0u;
    b->region.program_us = 65535;
    dfukit_slot_store.write(&b->slot, 0, image, 3000);
    store_poll(&dfukit_slot_store, &b->slot, &left);
    assert_int_equal(left, 4294968);               /* of 0xFFFFFFFF us */
    b->region.erase_us = b->region.program_us = 0; /* busy is busy nevertheless */
    begin(b, 1, 0xFF, 1);
    b->region.erase_us = b->region.program_us = 0;
    dfukit_slot_store.write(&b->slot, 0, image, 3000);
    store_poll(&dfukit_slot_store, &b->slot, &left);
    assert_true(left != 0);
    free(b);
}

/* ---- Manifestation and validity ---- */

static void the_hook(void **state)
{
    static const uint8_t statuses[] = {DFUKIT_STATUS_OK, DFUKIT_STATUS_FIRMWARE,
                                       DFUKIT_STATUS_VERIFY};
    bench *b = malloc(sizeof *b);

    (void)state;
    fill_image();
    for (size_t i = 0; i < LENGTH(statuses); i++) {
        for (unsigned slow = 0; slow < 2; slow++) {
            uint32_t left = 0;

            begin(b, 8, 0xFF, 0);
            dfukit_slot_store.rewind(&b->slot, 1);
            b->config.manifest_us = slow != 0 ? 5000000 : 0;
            b->accept_status = statuses[i];
            assert_int_equal(put(b, 0, image, 33), DFUKIT_STATUS_OK);
            dfukit_slot_store.manifest(&b->slot);
            assert_int_equal(b->accepted, 0);
            if (slow != 0) { /* the first poll belongs to an answer: it only tells */
                assert_int_equal(store_poll(&dfukit_slot_store, &b->slot, &left), DFUKIT_STATUS_OK);
                assert_int_equal(left, 5000);
                assert_int_equal(b->accepted, 0);
            }
            assert_int_equal(store_poll(&dfukit_slot_store, &b->slot, &left), statuses[i]);
            assert_int_equal(left, 0);
            assert_int_equal(b->accepted, 1);
            assert_int_equal(b->accept_alt, 1);
            assert_int_equal(b->accept_length, 33);
            check_stored(b, 33, "at the hook");
            assert_int_equal(work(b), DFUKIT_STATUS_OK); /* told once */
            assert_int_equal(b->accepted, 1);
        }
    }
    begin(b, 8, 0xFF, 0);
    b->config.accept = NULL;
    assert_int_equal(put(b, 0, image, 33), DFUKIT_STATUS_OK);
    assert_int_equal(manifest(b), DFUKIT_STATUS_OK);
    check_stored(b, 33, "without a hook");
    /* An abort in time undoes it. */
    begin(b, 8, 0xFF, 0);
    put(b, 0, image, 33);
    dfukit_slot_store.manifest(&b->slot);
    dfukit_slot_store.rewind(&b->slot, 0);
    assert_int_equal(work(b), DFUKIT_STATUS_OK);
    assert_int_equal(b->accepted, 0);
    free(b);
}

static bool invalid(void *flash)
{
    assert_ptr_equal(flash, &current->flash);
    return false;
}

static void validity(void **state)
{
    bench *b = malloc(sizeof *b);

    (void)state;
    begin(b, 8, 0xFF, 0);
    assert_true(dfukit_slot_store.valid(&b->slot));
    b->config.valid = invalid;
    assert_false(dfukit_slot_store.valid(&b->slot));
    free(b);
}

/* ---- Uploads ---- */

static int32_t take(bench *b, uint16_t block, uint16_t n, uint8_t *to)
{
    uint8_t *room = malloc(n);
    int32_t got = dfukit_slot_store.read(&b->slot, block, room, n);

    if (got > 0)
        memcpy(to, room, (size_t)got);
    free(room);
    return got;
}

/* T23 */
static void uploads(void **state)
{
    static const uint16_t blocks[] = {1, 7, 64, 256, 512, 1000, 1792, 3583, 3584, 3585, 65535};
    bench *b = malloc(sizeof *b);
    uint8_t to[REGION_SIZE];

    (void)state;
    for (size_t i = 0; i < LENGTH(blocks); i++) {
        uint16_t n = blocks[i], number = 0;
        uint32_t at = 0;
        int32_t got;

        begin(b, 8, 0xFF, 0);
        for (uint32_t k = 0; k < NOR_SIZE; k++)
            b->flash.cells[k] = (uint8_t)(k * 7u + (k >> 8));
        do {
            got = take(b, number++, n, to + at);
            assert_true(got >= 0 && at + (uint32_t)got <= REGION_SIZE);
            at += (uint32_t)got;
        } while (got == n);
        if (at != REGION_SIZE || memcmp(to, b->flash.cells, REGION_SIZE) != 0)
            fail_msg("blocks of %u: %u bytes", n, at);
        assert_int_equal(number, REGION_SIZE / n + 1);
        assert_int_equal(b->flash.misuses, 0);
    }
    free(b);
}

static void upload_lengths_that_change(void **state)
{
    bench *b = malloc(sizeof *b);
    uint8_t to[100];

    (void)state;
    begin(b, 8, 0xFF, 0);
    for (uint32_t k = 0; k < NOR_SIZE; k++)
        b->flash.cells[k] = (uint8_t)(k * 7u + (k >> 8));
    assert_int_equal(take(b, 1, 10, to), -DFUKIT_STATUS_ADDRESS);
    assert_int_equal(take(b, 65535, 10, to), -DFUKIT_STATUS_ADDRESS);
    assert_int_equal(take(b, 0, 10, to), 10);
    assert_int_equal(take(b, 1, 33, to), 33);
    assert_memory_equal(to, b->flash.cells + 10, 33);
    assert_int_equal(take(b, 1, 20, to), 20); /* asked again: the same place, and on from its end */
    assert_memory_equal(to, b->flash.cells + 10, 20);
    assert_int_equal(take(b, 2, 20, to), 20);
    assert_memory_equal(to, b->flash.cells + 30, 20);
    assert_int_equal(take(b, 4, 20, to), -DFUKIT_STATUS_ADDRESS);
    assert_int_equal(take(b, 1, 20, to), -DFUKIT_STATUS_ADDRESS);
    dfukit_slot_store.rewind(&b->slot, 0);
    assert_int_equal(take(b, 0, 20, to), 20);
    assert_memory_equal(to, b->flash.cells, 20);
    b->slot.next_block = 65535;
    assert_int_equal(take(b, 65535, 20, to), 20);
    assert_int_equal(take(b, 0, 20, to), 20);
    assert_memory_equal(to, b->flash.cells + 40, 20);
    b->region.permissions = ALL & ~DFUKIT_MAY_READ;
    assert_int_equal(take(b, 1, 20, to), -DFUKIT_STATUS_VENDOR);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length),
        cmocka_unit_test(odd_blocks),
        cmocka_unit_test(few_operations),
        cmocka_unit_test(numbers_wrap),
        cmocka_unit_test(refused_blocks),
        cmocka_unit_test(an_end_without_data),
        cmocka_unit_test(the_end_while_the_last_block_is_at_work),
        cmocka_unit_test(remaining_time),
        cmocka_unit_test(no_time),
        cmocka_unit_test(absurd_times_do_not_overflow),
        cmocka_unit_test(the_hook),
        cmocka_unit_test(validity),
        cmocka_unit_test(uploads),
        cmocka_unit_test(upload_lengths_that_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
