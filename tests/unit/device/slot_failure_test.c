/* SPDX-License-Identifier: MIT */
/* The firmware slot when the flash fails, and when a download is given up. */
#include "slot_bench.h"

/* T17: every operation of a download fails once: told as it is, once, and the next download is
 * whole. */
static void every_operation_fails(void **state)
{
    static const uint8_t statuses[] = {DFUKIT_STATUS_ERASE, DFUKIT_STATUS_PROG,
                                       DFUKIT_STATUS_VENDOR};
    bench *b = malloc(sizeof *b);

    (void)state;
    fill_image();
    for (size_t i = 0; i < LENGTH(statuses); i++) {
        unsigned operations = 1;

        for (unsigned n = 1; n <= operations; n++) {
            uint32_t left = 99;
            uint8_t status;

            begin(b, 8, 0xFF, n % 2);
            assert_int_equal(download(b, 2005, 128), DFUKIT_STATUS_OK);
            operations = b->flash.operations;
            begin(b, 8, 0xFF, n % 2);
            b->flash.fail_at = n;
            b->flash.fail_status = statuses[i];
            status = download(b, 2005, 128);
            if (status != statuses[i] || b->flash.misuses != 0)
                fail_msg("operation %u of %u: status %u, not %u", n, operations, status,
                         statuses[i]);
            assert_int_equal(b->accepted, 0);
            assert_int_equal(b->flash.operations, n); /* nothing went on */
            assert_int_equal(store_poll(&dfukit_slot_store, &b->slot, &left), DFUKIT_STATUS_OK);
            assert_int_equal(left, 0);
            dfukit_slot_store.rewind(&b->slot, 0);
            memset(b->flash.erased, 0, sizeof b->flash.erased);
            memset(b->flash.cells, 0x77, sizeof b->flash.cells);
            b->flash.fail_at = 0;
            assert_int_equal(download(b, 2005, 128), DFUKIT_STATUS_OK);
            check_stored(b, 2005, "after a failure");
        }
        assert_true(operations > 20);
    }
    free(b);
}

/* The same when the flash refuses to begin. */
static void every_operation_is_refused(void **state)
{
    bench *b = malloc(sizeof *b);

    (void)state;
    fill_image();
    for (unsigned n = 1; n <= 12; n++) {
        uint32_t left = 99;

        begin(b, 8, 0xFF, 2);
        b->flash.refuse_at = n;
        assert_int_equal(download(b, 2005, 256), DFUKIT_STATUS_TARGET);
        assert_int_equal(b->flash.operations, n);
        assert_int_equal(store_poll(&dfukit_slot_store, &b->slot, &left), DFUKIT_STATUS_OK);
        assert_int_equal(left, 0);
        assert_int_equal(b->flash.operations, n);
        assert_int_equal(b->accepted, 0);
        assert_int_equal(b->flash.misuses, 0);
    }
    free(b);
}

/* Every program whose bytes come out wrong is found by reading back, wherever the wrong byte is. */
static void every_program_is_read_back(void **state)
{
    bench *b = malloc(sizeof *b);
    unsigned found = 0;

    (void)state;
    fill_image();
    for (uint16_t n = 1; n <= 100; n++) {
        begin(b, 1, 0xFF, 0);
        b->flash.fail_at = 2; /* 1 is the erase */
        b->flash.fail_status = DFUKIT_STATUS_OK;
        assert_int_equal(put(b, 0, image, n), DFUKIT_STATUS_VERIFY);
        found++;
    }
    assert_int_equal(found, 100);
    /* also in the unit that manifestation fills up */
    begin(b, 8, 0xFF, 0);
    assert_int_equal(put(b, 0, image, 5), DFUKIT_STATUS_OK);
    b->flash.fail_at = b->flash.operations + 1;
    assert_int_equal(manifest(b), DFUKIT_STATUS_VERIFY);
    assert_int_equal(work(b), DFUKIT_STATUS_OK); /* told once, and nothing comes after it */
    assert_int_equal(b->accepted, 0);
    free(b);
}

/* ABORT at every turn: what the flash is doing is left to finish, and told of; nothing else begins.
 */
static void an_abort_at_every_turn(void **state)
{
    bench *b = malloc(sizeof *b);
    bool over = false;
    unsigned aborted = 0;

    (void)state;
    fill_image();
    for (unsigned turns = 0; !over; turns++) {
        uint8_t *block = malloc(700);
        uint32_t left = 1;
        unsigned operations;

        memcpy(block, image, 700);
        begin(b, 4, 0xFF, 3);
        assert_int_equal(dfukit_slot_store.write(&b->slot, 0, block, 700), DFUKIT_STATUS_OK);
        for (unsigned i = 0; i < turns && left != 0; i++)
            assert_int_equal(store_poll(&dfukit_slot_store, &b->slot, &left), DFUKIT_STATUS_OK);
        over = left == 0;
        operations = b->flash.operations;
        dfukit_slot_store.rewind(&b->slot, 0);
        dfukit_slot_store.rewind(&b->slot, 0);
        b->flash.fail_at = operations; /* nobody wants to know any more */
        b->flash.fail_status = DFUKIT_STATUS_PROG;
        if (b->flash.working) {
            aborted++;
            assert_int_equal(store_poll(&dfukit_slot_store, &b->slot, &left), DFUKIT_STATUS_OK);
            if (b->flash.working) /* all of it: nobody knows how far the flash is */
                assert_int_equal(left, b->flash.erasing ? 20000 : b->flash.n / 4 * 50);
            assert_int_equal(work(b), DFUKIT_STATUS_OK);
        }
        assert_int_equal(b->flash.operations, operations);
        free(block);
        b->flash.fail_at = 0;
        memset(b->flash.erased, 0, sizeof b->flash.erased);
        memset(b->flash.cells, 0x77, sizeof b->flash.cells);
        assert_int_equal(download(b, 1500, 100), DFUKIT_STATUS_OK);
        check_stored(b, 1500, "after an abort");
    }
    assert_true(aborted > 10);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_operation_fails),
        cmocka_unit_test(every_operation_is_refused),
        cmocka_unit_test(every_program_is_read_back),
        cmocka_unit_test(an_abort_at_every_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
