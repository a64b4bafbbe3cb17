/* SPDX-License-Identifier: MIT */
/* The DfuSe store: commands, addresses and permissions, and what it says to wrong ones (AN3156). */
#include "dfuse_bench.h"

/* ---- Commands ---- */

/* T4: commands of every length, known and unknown; nothing reaches the flash but what is named. */
static void commands(void **state)
{
    static const struct {
        uint8_t bytes[8];
        uint16_t n;
        bool unprotect; /* offered */
        uint8_t status;
        unsigned erases, unprotected;
    } rows[] = {
        {{0x21, 0x00, 0x10, 0x00, 0x08}, 5, true, DFUKIT_STATUS_OK, 0, 0},
        {{0x21, 0x00, 0x10, 0x00, 0x08}, 4, true, DFUKIT_STATUS_FILE, 0, 0},
        {{0x21, 0x00, 0x10, 0x00, 0x08}, 6, true, DFUKIT_STATUS_FILE, 0, 0},
        {{0x21, 0x00, 0x10, 0x00, 0x08}, 1, true, DFUKIT_STATUS_FILE, 0, 0},
        {{0x41, 0x00, 0x10, 0x00, 0x08}, 5, true, DFUKIT_STATUS_OK, 1, 0},
        {{0x41, 0xFF, 0x10, 0x00, 0x08}, 5, true, DFUKIT_STATUS_OK, 1, 0}, /* amidst the sector */
        {{0x41, 0x00, 0x10, 0x00, 0x08}, 2, true, DFUKIT_STATUS_FILE, 0, 0},
        {{0x41, 0x00, 0x10, 0x00, 0x08}, 4, true, DFUKIT_STATUS_FILE, 0, 0},
        {{0x41, 0x00, 0x10, 0x00, 0x08}, 6, true, DFUKIT_STATUS_FILE, 0, 0},
        {{0x41}, 1, true, DFUKIT_STATUS_OK, 18, 0}, /* 10 + 4 + 4 sectors */
        {{0x92}, 1, true, DFUKIT_STATUS_OK, 0, 1},
        {{0x92}, 1, false, DFUKIT_STATUS_FILE, 0, 0},
        {{0x92, 0x00, 0x10, 0x00, 0x08}, 5, true, DFUKIT_STATUS_FILE, 0, 0},
        {{0x92}, 2, true, DFUKIT_STATUS_FILE, 0, 0},
        {{0x00}, 1, true, DFUKIT_STATUS_FILE, 0, 0},
        {{0x00, 0x00, 0x10, 0x00, 0x08}, 5, true, DFUKIT_STATUS_FILE, 0, 0},
        {{0x22, 0x00, 0x10, 0x00, 0x08}, 5, true, DFUKIT_STATUS_FILE, 0, 0},
        {{0xFF}, 1, true, DFUKIT_STATUS_FILE, 0, 0},
    };
    bench *b = malloc(sizeof *b);

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint8_t status;

        begin(b, 8, 0xFF, (unsigned)i % 3);
        if (!rows[i].unprotect)
            b->config.unprotect = NULL;
        status = put(b, 0, rows[i].bytes, rows[i].n);
        if (status != rows[i].status || b->flash.erases != rows[i].erases ||
            b->unprotected != rows[i].unprotected || b->flash.misuses != 0 ||
            b->flash.programs != 0)
            fail_msg("row %zu: status %u, %u erases, %u unprotects, %u misuses", i, status,
                     b->flash.erases, b->unprotected, b->flash.misuses);
    }
    free(b);
}

/* All other first bytes are unknown, with every length. */
static void unknown_commands(void **state)
{
    bench *b = malloc(sizeof *b);
    uint8_t bytes[64] = {0};

    (void)state;
    begin(b, 8, 0xFF, 0);
    for (unsigned code = 0; code < 256; code++) {
        if (code == 0x21 || code == 0x41 || code == 0x92)
            continue;
        bytes[0] = (uint8_t)code;
        for (uint16_t n = 1; n <= sizeof bytes; n++) {
            if (put(b, 0, bytes, n) != DFUKIT_STATUS_FILE)
                fail_msg("command %02X of %u bytes", code, n);
        }
    }
    assert_int_equal(put(b, 1, bytes, 1), DFUKIT_STATUS_FILE); /* block 1 is reserved */
    assert_int_equal(put(b, 1, bytes, 64), DFUKIT_STATUS_FILE);
    assert_int_equal(b->flash.operations, 0);
    free(b);
}

/* ---- Addresses ---- */

/* T14, T18: what may be where. */
static void addresses(void **state)
{
    static const struct {
        uint32_t pointer, erase; /* offsets */
        uint8_t set, erased;     /* statuses */
    } rows[] = {
        {0, 0, DFUKIT_STATUS_OK, DFUKIT_STATUS_OK},
        {0xFFF, 0xFFF, DFUKIT_STATUS_OK, DFUKIT_STATUS_OK},
        {SECOND, SECOND, DFUKIT_STATUS_OK, DFUKIT_STATUS_OK},
        {LOCKED, LOCKED, DFUKIT_STATUS_OK, DFUKIT_STATUS_ERASE},
        {HOLE - 1, HOLE - 1, DFUKIT_STATUS_OK, DFUKIT_STATUS_ERASE},
        {HOLE, HOLE, DFUKIT_STATUS_TARGET, DFUKIT_STATUS_TARGET},
        {SECRET - 1, SECRET - 1, DFUKIT_STATUS_TARGET, DFUKIT_STATUS_TARGET},
        {SECRET, SECRET, DFUKIT_STATUS_OK, DFUKIT_STATUS_OK},
        {RAM, RAM, DFUKIT_STATUS_OK, DFUKIT_STATUS_ERASE},
        {HOLE_TOO, HOLE_TOO, DFUKIT_STATUS_TARGET, DFUKIT_STATUS_TARGET},
        {0u - 1u, 0u - 1u, DFUKIT_STATUS_TARGET, DFUKIT_STATUS_TARGET},
        {0u - NOR_BASE, 0u - NOR_BASE, DFUKIT_STATUS_TARGET, DFUKIT_STATUS_TARGET},
        {0xFFFFFFFFu - NOR_BASE, 0xFFFFFFFFu - NOR_BASE, DFUKIT_STATUS_TARGET,
         DFUKIT_STATUS_TARGET},
    };
    bench *b = malloc(sizeof *b);

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint8_t set, erased;

        begin(b, 8, 0xFF, 1);
        set = set_address(b, rows[i].pointer);
        if (set == DFUKIT_STATUS_OK && b->store.pointer != NOR_BASE + rows[i].pointer)
            fail_msg("row %zu: the pointer is %08X", i, b->store.pointer);
        if (set != DFUKIT_STATUS_OK && b->store.pointer != NOR_BASE)
            fail_msg("row %zu: the pointer has moved to %08X", i, b->store.pointer);
        erased = erase_page(b, rows[i].erase);
        if (set != rows[i].set || erased != rows[i].erased)
            fail_msg("row %zu: statuses %u and %u", i, set, erased);
        assert_int_equal(b->flash.erases, erased == DFUKIT_STATUS_OK);
        assert_int_equal(b->flash.misuses, 0);
    }
    free(b);
}

/* A page is erased by any address in it: that sector and no other. */
static void pages(void **state)
{
    static const struct {
        uint32_t address, start, size;
    } rows[] = {
        {0, 0, 256},           {255, 0, 256},         {256, 256, 256},       {0x7FF, 0x700, 256},
        {0x800, 0x800, 1024},  {0xBFF, 0x800, 1024},  {0xC00, 0xC00, 1024},  {0xFFF, 0xC00, 1024},
        {0x1000, 0x1000, 256}, {0x13FF, 0x1300, 256}, {0x1800, 0x1800, 256}, {0x1BFF, 0x1B00, 256},
    };
    bench *b = malloc(sizeof *b);

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        begin(b, 4, 0xFF, 2);
        assert_int_equal(erase_page(b, rows[i].address), DFUKIT_STATUS_OK);
        memset(b->expected + rows[i].start, 0xFF, rows[i].size);
        check(b, "a page");
        assert_int_equal(b->flash.erases, 1);
    }
    begin(b, 4, 0x00, 2);
    erase_everything(b);
    check(b, "mass erase");
    free(b);
}

/* No zone of the alternate setting may be erased. */
static void nothing_to_erase(void **state)
{
    bench *b = malloc(sizeof *b);

    (void)state;
    begin(b, 4, 0xFF, 0);
    b->other[0].permissions = R | W;
    dfukit_dfuse_store.rewind(&b->store, 1);
    assert_int_equal(short_command(b, 0x41), DFUKIT_STATUS_ERASE);
    assert_int_equal(b->flash.operations, 0);
    free(b);
}

/* Blocks and permissions: all of a block must be where it may be, or none of it is written. */
static void blocks(void **state)
{
    static const struct {
        uint32_t pointer;
        uint16_t block, n;
        uint8_t status;
    } rows[] = {
        {0, 2, 256, DFUKIT_STATUS_OK},
        {0, 2 + 15, 256, DFUKIT_STATUS_OK},   /* the last of the first zone */
        {0, 2 + 16, 256, DFUKIT_STATUS_OK},   /* the next one */
        {0, 2 + 19, 256, DFUKIT_STATUS_OK},   /* its last */
        {0, 2 + 20, 1, DFUKIT_STATUS_WRITE},  /* read only */
        {0, 2 + 22, 1, DFUKIT_STATUS_TARGET}, /* a hole */
        {0, 2 + 24, 256, DFUKIT_STATUS_OK},
        {0, 65535, 256, DFUKIT_STATUS_TARGET}, /* T6: numbers do not wrap to commands */
        {0xFC0, 2, 128, DFUKIT_STATUS_OK},     /* across zones that touch */
        {0x13C0, 2, 64, DFUKIT_STATUS_OK},
        {0x13C0, 2, 65, DFUKIT_STATUS_WRITE}, /* its last byte is read only */
        {0x1BFF, 2, 1, DFUKIT_STATUS_OK},
        {0x1BFF, 2, 2, DFUKIT_STATUS_OK}, /* on into RAM */
        {0x1CFF, 2, 1, DFUKIT_STATUS_OK},
        {0x1CFF, 2, 2, DFUKIT_STATUS_TARGET},
        {0x15FF, 2, 2, DFUKIT_STATUS_WRITE},
        {0xF00, 2, 0x500, DFUKIT_STATUS_OK}, /* more than wTransferSize is the class's affair */
        {0xF00, 2, 0x501, DFUKIT_STATUS_WRITE},
        {1, 2 + 16, 256, DFUKIT_STATUS_OK},
    };
    static uint8_t bytes[0x600];
    bench *b = malloc(sizeof *b);

    (void)state;
    for (uint32_t i = 0; i < sizeof bytes; i++)
        bytes[i] = image_byte(i);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint32_t at = rows[i].pointer + (rows[i].block - 2u) * TRANSFER;
        uint8_t status;
        char what[32];

        snprintf(what, sizeof what, "row %zu", i);
        begin(b, 8, 0xFF, 1);
        erase_everything(b);
        assert_int_equal(set_address(b, rows[i].pointer), DFUKIT_STATUS_OK);
        status = put(b, rows[i].block, bytes, rows[i].n);
        if (status != rows[i].status)
            fail_msg("row %zu: status %u", i, status);
        assert_int_equal(manifest(b), DFUKIT_STATUS_OK);
        if (status == DFUKIT_STATUS_OK)
            memcpy(b->expected + at, bytes, rows[i].n);
        else
            assert_int_equal(b->flash.programs, 0);
        check(b, what);
    }
    free(b);
}

/* ---- The pointer ---- */

static void the_pointer_stays(void **state)
{
    bench *b = malloc(sizeof *b);
    const uint8_t byte = 0x12;

    (void)state;
    begin(b, 1, 0xFF, 0);
    erase_everything(b);
    assert_int_equal(put(b, 2, &byte, 1), DFUKIT_STATUS_OK); /* the start of the first zone */
    b->expected[0] = byte;
    assert_int_equal(set_address(b, 0x123), DFUKIT_STATUS_OK);
    dfukit_dfuse_store.rewind(&b->store, b->store.alt);
    assert_int_equal(work(b), DFUKIT_STATUS_OK);
    dfukit_dfuse_store.rewind(&b->store, 0);
    assert_int_equal(put(b, 3, &byte, 1), DFUKIT_STATUS_OK);
    b->expected[0x123 + TRANSFER] = byte;
    assert_int_equal(set_address(b, HOLE), DFUKIT_STATUS_TARGET);
    dfukit_dfuse_store.rewind(&b->store, 0);
    assert_int_equal(put(b, 2, &byte, 1), DFUKIT_STATUS_OK);
    b->expected[0x123] = byte;
    check(b, "kept");
    /* Another alternate setting is another memory. */
    dfukit_dfuse_store.rewind(&b->store, 1);
    assert_int_equal(set_address(b, 0), DFUKIT_STATUS_TARGET);
    assert_int_equal(put(b, 2, &byte, 1), DFUKIT_STATUS_OK);
    b->expected[SECOND] = byte;
    assert_int_equal(put(b, 6, &byte, 1), DFUKIT_STATUS_TARGET);
    check(b, "the other alternate setting");
    free(b);
}

/* ---- Leaving ---- */

static void leaving(void **state)
{
    static const uint8_t statuses[] = {DFUKIT_STATUS_OK, DFUKIT_STATUS_FIRMWARE};
    bench *b = malloc(sizeof *b);

    (void)state;
    for (size_t i = 0; i < LENGTH(statuses); i++) {
        for (unsigned slow = 0; slow < 2; slow++) {
            uint32_t left = 0;

            begin(b, 8, 0xFF, 0);
            b->leave_status = statuses[i];
            b->config.manifest_us = slow != 0 ? 7000000 : 0;
            erase_everything(b);
            assert_int_equal(put_at(b, 0, 11), DFUKIT_STATUS_OK);
            assert_int_equal(set_address(b, 0x200), DFUKIT_STATUS_OK);
            assert_int_equal(dfukit_dfuse_store.finish(&b->store), DFUKIT_STATUS_OK);
            dfukit_dfuse_store.manifest(&b->store);
            assert_int_equal(b->left, 0);
            if (slow != 0) { /* the first poll belongs to an answer: it only tells */
                assert_int_equal(store_poll(&dfukit_dfuse_store, &b->store, &left),
                                 DFUKIT_STATUS_OK);
                assert_int_equal(left, 7000);
                assert_int_equal(b->left, 0);
            }
            assert_int_equal(store_poll(&dfukit_dfuse_store, &b->store, &left), statuses[i]);
            assert_int_equal(left, 0);
            assert_int_equal(b->left, 1);
            assert_int_equal(b->left_for, NOR_BASE + 0x200);
            check(b, "left");
            assert_int_equal(work(b), DFUKIT_STATUS_OK); /* once */
            assert_int_equal(b->left, 1);
        }
    }
    /* Without data, without a hook; given up in time. */
    begin(b, 8, 0xFF, 0);
    assert_int_equal(manifest(b), DFUKIT_STATUS_OK);
    assert_int_equal(b->left_for, NOR_BASE);
    b->config.leave = NULL;
    assert_int_equal(manifest(b), DFUKIT_STATUS_OK);
    b->config.leave = leave;
    dfukit_dfuse_store.manifest(&b->store);
    dfukit_dfuse_store.rewind(&b->store, b->store.alt);
    assert_int_equal(work(b), DFUKIT_STATUS_OK);
    assert_int_equal(b->left, 1);
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
    assert_true(dfukit_dfuse_store.valid(&b->store));
    b->config.valid = invalid;
    assert_false(dfukit_dfuse_store.valid(&b->store));
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands),          cmocka_unit_test(unknown_commands),
        cmocka_unit_test(addresses),         cmocka_unit_test(pages),
        cmocka_unit_test(nothing_to_erase),  cmocka_unit_test(blocks),
        cmocka_unit_test(the_pointer_stays), cmocka_unit_test(leaving),
        cmocka_unit_test(validity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
