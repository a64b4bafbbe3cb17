/* SPDX-License-Identifier: MIT */
/* bwPollTimeout comes from poll(): what it tells, against a flash that takes its time. It is never
 * less than what is really left, never grows while the work goes on, and is exact where all of the
 * flash's maxima are taken. */
#include "dfuse_bench.h"

/* A store, and the flash under it. */
typedef struct job {
    const dfukit_store_ops *ops;
    void *store;
    nor *flash;
    const char *what;
} job;

#define TOLD_MOST 2000

/* Until the work is over, looking `looks` times at each operation. @return the first that was told.
 * `slack_ms`: by how much it may be told too long, when `percent` is 100. */
static uint32_t run(const job *j, unsigned looks, uint32_t slack_ms)
{
    static struct {
        uint64_t at_us;
        uint32_t left_ms;
    } told[TOLD_MOST];
    unsigned n = 0;
    uint32_t left = 0;

    do {
        uint64_t from = j->flash->now_us;

        assert_int_equal(store_poll(j->ops, j->store, &left), DFUKIT_STATUS_OK);
        assert_true(n < TOLD_MOST);
        told[n].at_us = from;
        told[n].left_ms = left;
        n++;
        if (j->flash->working) {
            uint64_t step = (j->flash->until_us - from) / looks;

            assert_true(left != 0);
            j->flash->now_us = step != 0 ? from + step : j->flash->until_us;
        }
    } while (left != 0);
    for (unsigned i = 0; i < n; i++) {
        uint64_t really_us = j->flash->now_us - told[i].at_us;

        if (told[i].left_ms * 1000ull < really_us)
            fail_msg("%s: turn %u tells %u ms, and it takes %llu us", j->what, i, told[i].left_ms,
                     (unsigned long long)really_us);
        if (i != 0 && told[i].left_ms > told[i - 1].left_ms)
            fail_msg("%s: turn %u tells %u ms after %u", j->what, i, told[i].left_ms,
                     told[i - 1].left_ms);
    }
    if (j->flash->percent == 100 &&
        told[0].left_ms > (j->flash->now_us - told[0].at_us + 999) / 1000 + slack_ms)
        fail_msg("%s: tells %u ms, and it takes %llu us", j->what, told[0].left_ms,
                 (unsigned long long)(j->flash->now_us - told[0].at_us));
    return told[0].left_ms;
}

static uint8_t bytes[8192];

static void a_slot(void **state)
{
    static const dfukit_sectors runs[] = {{4, 256}, {1, 1024}, {3, 512}, {0, 0}};
    static const unsigned percents[] = {100, 60, 1};
    uint32_t seed = 1;
    dfukit_region region = {NOR_BASE, runs, 1, 0xFF, ALL, 20000000, 50000};
    const dfukit_region *regions[] = {&region};
    dfukit_slot_config config = {&nor_ops, regions, NULL, NULL, 0};
    nor *flash = malloc(sizeof *flash);
    dfukit_slot slot;

    (void)state;
    for (unsigned round = 0; round < 600; round++) {
        uint32_t length = 0, first = 0;
        uint16_t block = 0;
        bool early = round % 2 != 0; /* the end is told while the last block is at work */
        uint32_t total = early ? 3584 - round % 61 : 3584; /* the last unit is not full */
        char what[40];
        job j = {&dfukit_slot_store, &slot, flash, what};

        config.manifest_us = early ? 0 : 7000000;
        region.write_unit = (uint16_t)(1u << round % 7);
        nor_init(flash, &region, 1);
        flash->timed = true;
        flash->percent = percents[round / 7 % LENGTH(percents)];
        dfukit_slot_init(&slot, &config, flash);
        dfukit_slot_store.rewind(&slot, 0);
        for (uint32_t n; length < total; length += n) {
            seed = seed * 1664525u + 1013904223u;
            n = 1 + (seed >> 8) % 1500;
            n = n < total - length ? n : total - length;
            snprintf(what, sizeof what, "slot, round %u, block %u", round, block);
            assert_int_equal(slot.next_block, block);
            assert_int_equal(dfukit_slot_store.write(&slot, block++, bytes, (uint16_t)n), 0);
            if (!early || length + n < total)
                run(&j, 1 + round % 3, 0);
        }
        snprintf(what, sizeof what, "slot, round %u, end", round);
        dfukit_slot_store.manifest(&slot);
        if (early) {
            run(&j, 1 + round % 3, 0);
            assert_int_equal(flash->misuses, 0);
            continue;
        }
        assert_int_equal(store_poll(&dfukit_slot_store, &slot, &first), DFUKIT_STATUS_OK);
        assert_true(first >= 7000);
        run(&j, 1, 0);
        assert_int_equal(flash->misuses, 0);
    }
    free(flash);
}

/* Commands and blocks, with what they take in all: so many sectors, so many write units of 4. */
static void a_dfuse(void **state)
{
    static const struct {
        const char *what;
        uint16_t block, n;
        uint8_t bytes[5];
        uint32_t ms;
        uint32_t at; /* the address set before */
        bool waits;  /* bytes from there wait for the rest of their unit */
    } rows[] = {
        {"set address", 0, 5, {0x21, 0x00, 0x10, 0x00, 0x08}, 0, 0, false},
        {"erase a page", 0, 5, {0x41, 0x00, 0x10, 0x00, 0x08}, 20000, 0, false},
        {"erase a slow page", 0, 5, {0x41, 0x00, 0x20, 0x00, 0x08}, 40000, 0, false},
        {"erase all", 0, 1, {0x41}, 10 * 20000 + 4 * 40000 + 4 * 20000, 0, false},
        {"a block", 2, 256, {0}, 64 * 50, 0, false},
        {"an odd block", 3, 255, {0}, 63 * 50, 0, false},
        {"an odd block in the second unit", 2, 255, {0}, 63 * 50, 4, false},
        {"an odd block amidst a unit", 2, 254, {0}, 64 * 50, 3, false},
        {"across zones", 2, 8, {0}, 50 + 100, 0xFFC, false},
        {"all of two zones", 2, 0x1400, {0}, 1024 * 50 + 256 * 100, 0, false},
        {"an odd block after a flush", 3, 254, {0}, 50 + 64 * 100, 0xF03, true},
        {"erase a page after a flush", 0, 5, {0x41, 0x00, 0x10, 0x00, 0x08}, 20050, 0xF00, true},
        {"erase all after a flush", 0, 1, {0x41}, 10 * 20000 + 8 * 30000 + 50, 0xF00, true},
    };
    bench *b = malloc(sizeof *b);

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        for (unsigned percent = 10; percent <= 100; percent += 30) {
            job j = {&dfukit_dfuse_store, &b->store, &b->flash, rows[i].what};
            uint8_t block[0x1400] = {0};
            uint32_t first;

            begin(b, 4, 0xFF, 0);
            erase_everything(b);
            assert_int_equal(set_address(b, rows[i].at), DFUKIT_STATUS_OK);
            if (rows[i].waits)
                assert_int_equal(put(b, 2, bytes, 3), DFUKIT_STATUS_OK);
            b->flash.timed = true;
            b->flash.percent = percent;
            memcpy(block, rows[i].bytes, rows[i].n < 5 ? rows[i].n : 5);
            assert_int_equal(dfukit_dfuse_store.write(&b->store, rows[i].block, block, rows[i].n),
                             0);
            first = run(&j, 1 + (unsigned)i % 3, 0);
            if (first != rows[i].ms)
                fail_msg("%s: %u ms", rows[i].what, first);
        }
    }
    free(b);
}

/* Blocks at random in both zones, also such as first flush what another one has left. */
static void dfuse_at_random(void **state)
{
    bench *b = malloc(sizeof *b);
    uint32_t seed = 5;

    (void)state;
    for (unsigned round = 0; round < 400; round++) {
        uint32_t at = 0;
        char what[40];
        job j = {&dfukit_dfuse_store, &b->store, &b->flash, what};

        begin(b, (uint16_t)(1u << round % 7), 0xFF, 0);
        erase_everything(b);
        b->flash.timed = true;
        b->flash.percent = round % 2 != 0 ? 100 : 40;
        for (;;) {
            uint32_t n;
            uint8_t address[5] = {0x21, 0, 0, 0, 0x08};

            seed = seed * 1664525u + 1013904223u;
            at += (seed >> 28) < 8 ? 0 : (seed >> 10) % 300;
            n = 1 + (seed >> 8) % 1500;
            if (at + n > LOCKED)
                break;
            snprintf(what, sizeof what, "DfuSe, round %u, at %u", round, at);
            address[1] = (uint8_t)at;
            address[2] = (uint8_t)((NOR_BASE + at) >> 8);
            assert_int_equal(dfukit_dfuse_store.write(&b->store, 0, address, 5), 0);
            run(&j, 1, 0);
            assert_int_equal(dfukit_dfuse_store.write(&b->store, 2, bytes, (uint16_t)n), 0);
            run(&j, 1 + round % 3, 0);
            at += n;
        }
        assert_int_equal(b->flash.misuses, 0);
    }
    free(b);
}

/* The time of everything together fits, or is as long as can be told. */
static void absurd_times(void **state)
{
    bench *b = malloc(sizeof *b);
    const uint8_t mass = 0x41;
    uint32_t left = 0;

    (void)state;
    begin(b, 4, 0xFF, 1);
    b->zones[0].erase_us = 0xF0000000u;
    b->zones[1].erase_us = 0xF0000000u;
    assert_int_equal(dfukit_dfuse_store.write(&b->store, 0, &mass, 1), DFUKIT_STATUS_OK);
    assert_int_equal(store_poll(&dfukit_dfuse_store, &b->store, &left), DFUKIT_STATUS_OK);
    assert_int_equal(left, 4294968); /* of 0xFFFFFFFF us */
    begin(b, 4, 0xFF, 1);
    for (size_t i = 0; i < 5; i++)
        b->zones[i].erase_us = b->zones[i].program_us = 0; /* busy is busy nevertheless */
    assert_int_equal(dfukit_dfuse_store.write(&b->store, 0, &mass, 1), DFUKIT_STATUS_OK);
    assert_int_equal(store_poll(&dfukit_dfuse_store, &b->store, &left), DFUKIT_STATUS_OK);
    assert_true(left != 0);
    free(b);
}

/* A poll() is short: a large sector that was erased is looked at a piece at a time. */
static void large_sectors(void **state)
{
    static const dfukit_sectors runs[] = {{2, 4096}, {0, 0}};
    bench *b = malloc(sizeof *b);
    const uint8_t mass = 0x41;
    uint32_t left = 0;
    unsigned polls = 0, read = 0;

    (void)state;
    begin(b, 4, 0xFF, 0);
    memset(b->zones, 0, sizeof b->zones);
    b->zones[0] = (dfukit_region){NOR_BASE, runs, 4, 0xFF, ALL, 20000000, 50000};
    nor_init(&b->flash, b->zones, 1);
    assert_int_equal(dfukit_dfuse_store.write(&b->store, 0, &mass, 1), DFUKIT_STATUS_OK);
    do {
        unsigned before = b->flash.bytes_read;

        assert_int_equal(store_poll(&dfukit_dfuse_store, &b->store, &left), DFUKIT_STATUS_OK);
        assert_true(b->flash.bytes_read - before <= 1024);
        read += b->flash.bytes_read - before;
        polls++;
    } while (left != 0);
    assert_int_equal(read, 8192);
    assert_int_equal(polls, 8);
    assert_int_equal(b->flash.misuses, 0);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slot),          cmocka_unit_test(a_dfuse),
        cmocka_unit_test(dfuse_at_random), cmocka_unit_test(absurd_times),
        cmocka_unit_test(large_sectors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
