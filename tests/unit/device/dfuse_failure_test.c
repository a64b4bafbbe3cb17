/* SPDX-License-Identifier: MIT */
/* The DfuSe store when the flash fails or is protected, and when a transfer is given up. */
#include "dfuse_bench.h"

/* A download that touches two zones and leaves units that are not full. @return the first failure.
 */
static uint8_t download(bench *b)
{
    static const uint32_t pages[] = {0, 0x100, 0x200, 0xF00, 0x1000};
    static const uint32_t runs[][2] = {{0, 256}, {0x100, 100}, {0x202, 9}, {0xF10, 300}};
    uint8_t status = DFUKIT_STATUS_OK;

    for (size_t i = 0; i < LENGTH(pages) && status == DFUKIT_STATUS_OK; i++) {
        uint32_t size = pages[i] == 0xF00 ? 1024 : 256,
                 start = pages[i] == 0xF00 ? 0xC00 : pages[i];

        status = erase_page(b, pages[i]);
        if (status == DFUKIT_STATUS_OK)
            memset(b->expected + start, 0xFF, size);
    }
    for (size_t i = 0; i < LENGTH(runs) && status == DFUKIT_STATUS_OK; i++)
        status = put_at(b, runs[i][0], runs[i][1]);
    return status == DFUKIT_STATUS_OK ? manifest(b) : status;
}

/* T17: every operation fails once, each way: the right status, once; then a fresh download. */
static void every_operation_fails(void **state)
{
    enum { ERASE_OR_PROGRAM, OF_VENDOR, SILENT, REFUSED, WAYS };
    bench *b = malloc(sizeof *b);
    unsigned operations = 1;

    (void)state;
    for (unsigned way = 0; way < WAYS; way++) {
        for (unsigned n = 1; n <= operations; n++) {
            uint8_t status, wanted;
            bool erase = n <= 5;

            begin(b, 8, 0xFF, n % 3);
            assert_int_equal(download(b), DFUKIT_STATUS_OK);
            check(b, "nothing fails");
            operations = b->flash.operations;
            begin(b, 8, 0xFF, n % 3);
            if (way == REFUSED)
                b->flash.refuse_at = n;
            else
                b->flash.fail_at = n;
            wanted = way == REFUSED     ? DFUKIT_STATUS_TARGET
                     : way == OF_VENDOR ? DFUKIT_STATUS_VENDOR
                     : erase            ? DFUKIT_STATUS_ERASE
                                        : DFUKIT_STATUS_PROG;
            b->flash.fail_status = way == SILENT ? DFUKIT_STATUS_OK : wanted;
            if (way == SILENT)
                wanted = erase ? DFUKIT_STATUS_CHECK_ERASED : DFUKIT_STATUS_VERIFY;
            status = download(b);
            if (status != wanted || b->flash.misuses != 0 || b->flash.operations != n)
                fail_msg("way %u, operation %u of %u: status %u, not %u; %u operations", way, n,
                         operations, status, wanted, b->flash.operations);
            assert_int_equal(b->left, 0);
            assert_int_equal(work(b), DFUKIT_STATUS_OK); /* told once */
            b->flash.fail_at = b->flash.refuse_at = 0;
            dfukit_dfuse_store.rewind(&b->store, 0);
            assert_int_equal(download(b), DFUKIT_STATUS_OK);
            memcpy(b->expected + 0x300, b->flash.cells + 0x300, 0x900); /* not of the download */
            check(b, "after a failure");
        }
        assert_true(operations > 10);
    }
    free(b);
}

/* T11: cells that ignore erasing and programming without a word are found out. */
static void write_protection(void **state)
{
    static const struct {
        uint32_t from, to;
        uint8_t status;
        bool blank; /* already before */
    } rows[] = {
        {0x000, 0x001, DFUKIT_STATUS_CHECK_ERASED, false},
        {0x0FF, 0x100, DFUKIT_STATUS_CHECK_ERASED, false},
        {0x1FF, 0x200, DFUKIT_STATUS_CHECK_ERASED, false}, /* no data comes for it */
        {0xC00, 0x1000, DFUKIT_STATUS_CHECK_ERASED, false},
        {0x000, 0x001, DFUKIT_STATUS_VERIFY, true},
        {0x163, 0x164, DFUKIT_STATUS_VERIFY, true}, /* in the last unit that is not full */
        {0xFFF, 0x1000, DFUKIT_STATUS_VERIFY, true},
        {0x1000, 0x1100, DFUKIT_STATUS_VERIFY, true},
        {0x1800, 0x1900, DFUKIT_STATUS_OK, true},
    };
    bench *b = malloc(sizeof *b);

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint8_t status;

        begin(b, 8, 0xFF, 1);
        b->flash.protect_from = rows[i].from;
        b->flash.protect_to = rows[i].to;
        if (rows[i].blank) {
            memset(b->flash.cells + rows[i].from, 0xFF, rows[i].to - rows[i].from);
            memset(b->flash.spent + rows[i].from, false, rows[i].to - rows[i].from);
        }
        status = download(b);
        if (status != rows[i].status)
            fail_msg("row %zu: status %u", i, status);
        assert_int_equal(b->left, status == DFUKIT_STATUS_OK);
    }
    free(b);
}

/* ABORT at every turn of a block, of both erases and of an unprotect: what the flash is doing is
 * left to finish, and told of; nothing else begins, and nobody wants to know how it went. */
static void an_abort_at_every_turn(void **state)
{
    static const struct {
        uint16_t block, n;
        uint8_t bytes[5];
        uint32_t most_us; /* remaining afterwards, at most */
    } rows[] = {
        {2, 700, {0}, 128 * 50},
        {0, 1, {0x41}, 40000},
        {0, 5, {0x41, 0x00, 0x18, 0x00, 0x08}, 40000}, /* NOR_BASE + 0x800: 1024 bytes */
        {0, 1, {0x92}, 3000000 + 20000},
    };
    bench *b = malloc(sizeof *b);
    unsigned aborted = 0;

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        bool over = false;

        for (unsigned turns = 0; !over; turns++) {
            uint8_t *block = calloc(1, rows[i].n);
            uint32_t left = 1;
            unsigned operations;

            begin(b, 4, 0xFF, 3);
            erase_everything(b);
            memcpy(block, rows[i].bytes, rows[i].n < 5 ? rows[i].n : 5);
            assert_int_equal(dfukit_dfuse_store.write(&b->store, rows[i].block, block, rows[i].n),
                             DFUKIT_STATUS_OK);
            for (unsigned k = 0; k < turns && left != 0; k++)
                assert_int_equal(store_poll(&dfukit_dfuse_store, &b->store, &left),
                                 DFUKIT_STATUS_OK);
            over = left == 0;
            operations = b->flash.operations;
            dfukit_dfuse_store.rewind(&b->store, b->store.alt);
            dfukit_dfuse_store.rewind(&b->store, b->store.alt);
            b->flash.fail_at = operations;
            b->flash.fail_status = DFUKIT_STATUS_PROG;
            if (b->flash.working) {
                aborted++;
                assert_int_equal(store_poll(&dfukit_dfuse_store, &b->store, &left),
                                 DFUKIT_STATUS_OK);
                if (b->flash.working && (left == 0 || left > rows[i].most_us + 1))
                    fail_msg("row %zu, turn %u: %u us", i, turns, left);
                if (b->flash.working && b->unprotected != 0)
                    assert_true(left >= 3000000);
            }
            assert_int_equal(work(b), DFUKIT_STATUS_OK);
            assert_int_equal(b->flash.operations, operations);
            assert_int_equal(b->flash.misuses, 0);
            free(block);
            b->flash.fail_at = 0;
            assert_int_equal(download(b), DFUKIT_STATUS_OK);
        }
    }
    assert_true(aborted > 60);
    free(b);
}

/* What waited in its unit when ABORT came had been taken: that it cannot be written is told. */
static void a_flush_that_fails(void **state)
{
    bench *b = malloc(sizeof *b);
    uint32_t left = 0;

    (void)state;
    for (unsigned aborts = 1; aborts <= 3; aborts++) {
        begin(b, 8, 0xFF, 3);
        erase_everything(b);
        assert_int_equal(put_at(b, 0, 3), DFUKIT_STATUS_OK);
        b->flash.fail_at = b->flash.operations + 1;
        b->flash.fail_status = DFUKIT_STATUS_PROG;
        for (unsigned i = 0; i < aborts; i++) { /* also while it is being programmed */
            dfukit_dfuse_store.rewind(&b->store, b->store.alt);
            assert_int_equal(store_poll(&dfukit_dfuse_store, &b->store, &left), DFUKIT_STATUS_OK);
            assert_int_equal(left, 50);
        }
        assert_int_equal(work(b), DFUKIT_STATUS_PROG);
        assert_int_equal(work(b), DFUKIT_STATUS_OK);
    }
    free(b);
}

/* After a failure nothing goes on by itself, even if nobody calls abort(). */
static void a_failure_is_the_end(void **state)
{
    static const struct {
        uint16_t block, n;
    } rows[] = {{2, 700}, {0, 1}}; /* over several sectors: data, and a mass erase */
    bench *b = malloc(sizeof *b);

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint8_t block[700] = {0x41};
        uint32_t left = 99;

        begin(b, 8, 0xFF, 0);
        erase_everything(b);
        b->flash.fail_at = b->flash.operations + 1;
        b->flash.fail_status = DFUKIT_STATUS_VENDOR;
        assert_int_equal(dfukit_dfuse_store.write(&b->store, rows[i].block, block, rows[i].n),
                         DFUKIT_STATUS_OK);
        dfukit_dfuse_store.manifest(&b->store);
        assert_int_equal(store_poll(&dfukit_dfuse_store, &b->store, &left), DFUKIT_STATUS_VENDOR);
        assert_int_equal(left, 0);
        assert_int_equal(work(b), DFUKIT_STATUS_OK);
        assert_int_equal(b->flash.operations, b->flash.fail_at);
        assert_int_equal(b->left, 0);
    }
    free(b);
}

/* ABORT while a unit is programmed that began with what had been taken: it is finished, the rest
 * of the block given up is not. */
static void an_abort_amidst_a_unit(void **state)
{
    static const uint8_t statuses[] = {DFUKIT_STATUS_OK, DFUKIT_STATUS_PROG};
    bench *b = malloc(sizeof *b);

    (void)state;
    for (size_t i = 0; i < LENGTH(statuses); i++) {
        uint8_t block[100];
        uint32_t left = 0;

        begin(b, 8, 0xFF, 3);
        erase_everything(b);
        assert_int_equal(put_at(b, 0, 3), DFUKIT_STATUS_OK);
        assert_int_equal(set_address(b, 3), DFUKIT_STATUS_OK);
        memset(block, 0x11, sizeof block);
        assert_int_equal(dfukit_dfuse_store.write(&b->store, 2, block, sizeof block),
                         DFUKIT_STATUS_OK);
        assert_int_equal(store_poll(&dfukit_dfuse_store, &b->store, &left), DFUKIT_STATUS_OK);
        assert_int_equal(left, 12 * 50); /* 103 bytes: 12 units, and 7 bytes that wait */
        assert_int_equal(b->flash.programs, 1);
        if (statuses[i] != DFUKIT_STATUS_OK)
            b->flash.fail_at = b->flash.operations;
        b->flash.fail_status = statuses[i];
        dfukit_dfuse_store.rewind(&b->store, b->store.alt);
        assert_int_equal(store_poll(&dfukit_dfuse_store, &b->store, &left), DFUKIT_STATUS_OK);
        assert_int_equal(left, 50);
        assert_int_equal(work(b), statuses[i]);
        assert_int_equal(b->flash.programs, 1);
        memset(b->expected + 3, 0x11, 5);
        if (statuses[i] != DFUKIT_STATUS_OK)
            continue;
        check(b, "amidst a unit");
        assert_int_equal(set_address(b, SECOND), DFUKIT_STATUS_OK); /* nothing waits any more */
        check(b, "after it");
    }
    free(b);
}

/* ABORT while a sector is erased right after a unit was programmed: it is left to finish, and how
 * is nobody's business. */
static void an_abort_amidst_an_erase_after_a_unit(void **state)
{
    const uint8_t page[5] = {0x41, 0, 0x18, 0, 0x08};
    bench *b = malloc(sizeof *b);
    uint32_t left = 1;

    (void)state;
    begin(b, 8, 0xFF, 1);
    erase_everything(b);
    assert_int_equal(put_at(b, 0, 3), DFUKIT_STATUS_OK);
    assert_int_equal(dfukit_dfuse_store.write(&b->store, 0, page, 5), DFUKIT_STATUS_OK);
    for (unsigned erases = b->flash.erases; b->flash.erases == erases && left != 0;)
        assert_int_equal(store_poll(&dfukit_dfuse_store, &b->store, &left), DFUKIT_STATUS_OK);
    assert_true(b->flash.working && b->flash.erasing);
    b->flash.fail_at = b->flash.operations;
    b->flash.fail_status = DFUKIT_STATUS_ERASE;
    dfukit_dfuse_store.rewind(&b->store, b->store.alt);
    assert_int_equal(work(b), DFUKIT_STATUS_OK);
    assert_int_equal(b->flash.operations, b->flash.fail_at);
    free(b);
}

static void an_unprotect_that_is_refused(void **state)
{
    bench *b = malloc(sizeof *b);

    (void)state;
    begin(b, 8, 0xFF, 1);
    b->unprotect_status = DFUKIT_STATUS_VENDOR;
    assert_int_equal(short_command(b, 0x92), DFUKIT_STATUS_VENDOR);
    assert_int_equal(download(b), DFUKIT_STATUS_OK);
    b->unprotect_status = DFUKIT_STATUS_OK;
    b->flash.fail_at = b->flash.operations + 1;
    b->flash.fail_status = DFUKIT_STATUS_ERASE;
    assert_int_equal(short_command(b, 0x92), DFUKIT_STATUS_ERASE);
    assert_int_equal(short_command(b, 0x92), DFUKIT_STATUS_OK);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_operation_fails),
        cmocka_unit_test(write_protection),
        cmocka_unit_test(an_abort_at_every_turn),
        cmocka_unit_test(a_flush_that_fails),
        cmocka_unit_test(a_failure_is_the_end),
        cmocka_unit_test(an_abort_amidst_a_unit),
        cmocka_unit_test(an_unprotect_that_is_refused),
        cmocka_unit_test(an_abort_amidst_an_erase_after_a_unit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
