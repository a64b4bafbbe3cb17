/* SPDX-License-Identifier: MIT */
/* The DfuSe store: data of any length anywhere. No byte is lost, none beside it changes, no write
 * unit is programmed twice. */
#include "dfuse_bench.h"

/* T15: every start and length around a few write units, flushed by each thing that must. */
static void every_start_and_length(void **state)
{
    enum {
        BY_LEAVE,
        BY_ABORT,
        BY_ADDRESS,
        BY_ERASE,
        BY_DATA,
        BY_ERROR,
        BY_UNPROTECT,
        BY_MASS_ERASE,
        BY_ITS_PAGE,
        WAYS
    };
    static const char *const ways[] = {"leave", "abort",     "address",    "erase",   "data",
                                       "error", "unprotect", "mass erase", "its page"};
    bench *b = malloc(sizeof *b);

    (void)state;
    for (uint16_t unit = 1; unit <= 64; unit = (uint16_t)(unit * 2)) {
        uint32_t most = unit < 8 ? unit : 8; /* distances tried, on both sides of a border */

        for (uint32_t k = 0; k < 4 * most * most * WAYS; k++) {
            uint32_t way = k % WAYS, start = k / WAYS % (2 * most), n = 1 + k / WAYS / (2 * most);
            char what[64];

            start = start < most ? start : unit + most - start; /* unit - 1 … */
            n = n <= most ? n : 2 * unit + most - n;
            snprintf(what, sizeof what, "unit %u, start %u, length %u, by %s", unit, start, n,
                     ways[way]);
            begin(b, unit, way % 2 != 0 ? 0x00 : 0xFF, k % 3);
            erase_everything(b);
            if (put_at(b, 0x100 + start, n) != DFUKIT_STATUS_OK)
                fail_msg("%s: refused", what);
            if (way == BY_LEAVE)
                assert_int_equal(manifest(b), DFUKIT_STATUS_OK);
            if (way == BY_ABORT)
                dfukit_dfuse_store.rewind(&b->store, b->store.alt);
            if (way == BY_ADDRESS)
                assert_int_equal(set_address(b, 0x400), DFUKIT_STATUS_OK);
            if (way == BY_ERASE)
                assert_int_equal(erase_page(b, 0x400), DFUKIT_STATUS_OK);
            if (way == BY_DATA)
                assert_int_equal(put(b, 4, (const uint8_t *)"\x01\x02", 2), DFUKIT_STATUS_OK);
            if (way == BY_ERROR)
                assert_int_equal(put(b, 1, (const uint8_t *)"", 1), DFUKIT_STATUS_FILE);
            assert_int_equal(work(b), DFUKIT_STATUS_OK);
            if (way == BY_DATA) {
                assert_int_equal(manifest(b), DFUKIT_STATUS_OK);
                memcpy(b->expected + 0x100 + start + 2 * TRANSFER, "\x01\x02", 2);
            }
            if (way == BY_UNPROTECT) { /* programmed before, and erased with everything */
                assert_int_equal(short_command(b, 0x92), DFUKIT_STATUS_OK);
                memset(b->expected, b->zones[0].erased, 4096);
            }
            if (way == BY_MASS_ERASE)
                erase_everything(b);
            if (way == BY_ITS_PAGE) {
                assert_int_equal(erase_page(b, 0x100 + start), DFUKIT_STATUS_OK);
                memset(b->expected + 0x100, b->zones[0].erased, 0x100);
            }
            check(b, what);
            assert_int_equal(manifest(b), DFUKIT_STATUS_OK); /* nothing is left of it */
            check(b, what);
            assert_true(unit == 1 || b->flash.programs >= 1);
        }
    }
    free(b);
}

/* One write unit, in two pieces of data. */
static void pieces_of_a_unit(void **state)
{
    static const struct {
        uint32_t first, n, second, m; /* in units of 8 at 0x100 */
        uint8_t status;               /* of the second, or of what flushes it */
    } rows[] = {
        {0, 3, 3, 5, DFUKIT_STATUS_OK},  /* continues */
        {0, 3, 3, 2, DFUKIT_STATUS_OK},  /* not up to the end */
        {0, 3, 3, 30, DFUKIT_STATUS_OK}, /* far beyond it */
        {2, 1, 5, 1, DFUKIT_STATUS_OK},  /* a gap */
        {0, 1, 7, 1, DFUKIT_STATUS_OK},
        {0, 3, 8, 3, DFUKIT_STATUS_OK}, /* the next unit */
        {0, 11, 11, 5, DFUKIT_STATUS_OK},
        {5, 1, 2, 1, DFUKIT_STATUS_CHECK_ERASED}, /* backwards: the unit has been programmed */
        {0, 3, 2, 1, DFUKIT_STATUS_CHECK_ERASED}, /* twice */
        {0, 3, 0, 3, DFUKIT_STATUS_CHECK_ERASED},
        {0, 8, 4, 8, DFUKIT_STATUS_CHECK_ERASED},
        {8, 8, 0, 16, DFUKIT_STATUS_CHECK_ERASED},
        {8, 3, 0, 8, DFUKIT_STATUS_OK}, /* the unit before */
    };
    bench *b = malloc(sizeof *b);

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        for (unsigned aborts = 0; aborts < 2; aborts++) {
            uint8_t status;
            char what[40];

            snprintf(what, sizeof what, "row %zu, aborts %u", i, aborts);
            begin(b, 8, 0xFF, 1);
            erase_everything(b);
            assert_int_equal(put_at(b, 0x100 + rows[i].first, rows[i].n), DFUKIT_STATUS_OK);
            if (aborts != 0) {
                dfukit_dfuse_store.rewind(&b->store, b->store.alt);
                assert_int_equal(work(b), DFUKIT_STATUS_OK);
            }
            status = put_at(b, 0x100 + rows[i].second, rows[i].m);
            if (status == DFUKIT_STATUS_OK)
                status = manifest(b);
            if (aborts != 0 && rows[i].n % 8 != 0 && rows[i].second / 8 == rows[i].first / 8) {
                /* An ABORT ends the unit. */
                if (status != DFUKIT_STATUS_CHECK_ERASED)
                    fail_msg("%s: status %u", what, status);
            } else if (aborts != 0 && rows[i].second / 8 == (rows[i].first + rows[i].n - 1) / 8 &&
                       (rows[i].first + rows[i].n) % 8 != 0) {
                assert_int_equal(status, DFUKIT_STATUS_CHECK_ERASED);
            } else if (status != rows[i].status) {
                fail_msg("%s: status %u", what, status);
            } else if (status == DFUKIT_STATUS_OK) {
                check(b, what);
            }
            assert_int_equal(b->flash.misuses, 0);
        }
    }
    free(b);
}

/* What lies in RAM and the like is written over, and kept beside the data. */
static void without_erasing(void **state)
{
    bench *b = malloc(sizeof *b);

    (void)state;
    begin(b, 16, 0xFF, 1);
    assert_int_equal(put_at(b, RAM + 3, 50), DFUKIT_STATUS_OK);
    assert_int_equal(put_at(b, RAM + 40, 5), DFUKIT_STATUS_OK);
    assert_int_equal(put_at(b, RAM + 250, 6), DFUKIT_STATUS_OK);
    assert_int_equal(manifest(b), DFUKIT_STATUS_OK);
    check(b, "RAM");
    free(b);
}

/* Nothing is erased but on command: a used memory is told of, and left as it is. */
static void never_erases(void **state)
{
    bench *b = malloc(sizeof *b);

    (void)state;
    begin(b, 8, 0xFF, 1);
    assert_int_equal(put_at(b, 0, 64), DFUKIT_STATUS_CHECK_ERASED);
    assert_int_equal(b->flash.operations, 0);
    /* One cell that is not blank, wherever it is; also one beside the data in its unit. */
    for (uint32_t i = 0; i < 64; i++) {
        begin(b, 8, 0xFF, 1);
        erase_everything(b);
        b->flash.cells[0x100 + i] = 0xFE;
        b->expected[0x100 + i] = 0xFE;
        assert_int_equal(put_at(b, 0x101, 61), i >= 56 ? DFUKIT_STATUS_OK /* waits in its unit */
                                                       : DFUKIT_STATUS_CHECK_ERASED);
        if (i >= 56) {
            assert_int_equal(manifest(b), DFUKIT_STATUS_CHECK_ERASED);
            assert_int_equal(work(b), DFUKIT_STATUS_OK); /* told once, and nothing comes after it */
            assert_int_equal(b->left, 0);
        }
        assert_int_equal(b->flash.cells[0x100 + i], 0xFE);
        assert_int_equal(b->flash.misuses, 0);
    }
    free(b);
}

/* ---- At random ---- */

static uint32_t random_of(uint32_t *seed, uint32_t most)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % most;
}

/* Write `n` bytes at `at` as hosts do: whole blocks by their numbers, or each with its address. */
static void write_run(bench *b, uint32_t *seed, uint32_t at, uint32_t n, bool by_number)
{
    uint8_t bytes[NOR_SIZE];
    uint16_t block = 2;

    for (uint32_t i = 0; i < n; i++)
        bytes[i] = b->expected[at + i] = image_byte(at + i);
    if (by_number)
        assert_int_equal(set_address(b, at), DFUKIT_STATUS_OK);
    for (uint32_t done = 0, k; done < n; done += k) {
        k = by_number ? TRANSFER : 1 + random_of(seed, TRANSFER);
        k = k < n - done ? k : n - done;
        if (!by_number)
            assert_int_equal(set_address(b, at + done), DFUKIT_STATUS_OK);
        assert_int_equal(put(b, by_number ? block++ : 2, bytes + done, (uint16_t)k),
                         DFUKIT_STATUS_OK);
    }
}

/* Runs of data in ascending order with gaps, also such as begin in the unit where the last ended.
 */
static void runs_at_random(void **state)
{
    bench *b = malloc(sizeof *b);

    (void)state;
    for (uint32_t round = 0; round < 1500; round++) {
        uint32_t seed = round * 7919u + 1, at = random_of(&seed, 300);
        char what[32];

        snprintf(what, sizeof what, "round %u", round);
        begin(b, (uint16_t)(1u << round % 7), round % 2 != 0 ? 0xFF : 0x00, round % 4);
        erase_everything(b);
        while (at < LOCKED) {
            uint32_t n = 1 + random_of(&seed, random_of(&seed, 2) != 0 ? 900 : 20);

            n = n < LOCKED - at ? n : LOCKED - at;
            write_run(b, &seed, at, n, random_of(&seed, 2) != 0);
            at += n + random_of(&seed, random_of(&seed, 2) != 0 ? 500 : 5);
        }
        assert_int_equal(manifest(b), DFUKIT_STATUS_OK);
        check(b, what);
    }
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_start_and_length), cmocka_unit_test(pieces_of_a_unit),
        cmocka_unit_test(without_erasing),        cmocka_unit_test(never_erases),
        cmocka_unit_test(runs_at_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
