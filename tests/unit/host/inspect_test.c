/* SPDX-License-Identifier: MIT */
/* What is understood of descriptors: good ones, odd ones from the field, and hostile ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "unit/host/descriptors.h"

typedef struct row {
    const char *name;
    size_t n;
    uint8_t bytes[96];
    int result;
    dfukit_mode mode;
    uint8_t interface;
    size_t alts;
    uint8_t attributes;
    uint16_t detach, size, version;
    uint32_t usable;
    unsigned oddities;
    const char *text;
} row;

// clang-format off
static const row rows[] = {
    {"run-time 1.1 beside an application", 36,
     {CONFIG(36, 2), INTERFACE(0, 0, 0xFF, 0, 0, 0), INTERFACE(1, 0, 0xFE, 1, 1, 4), FUNCTIONAL(0x0D, 250, 1024, 0x0110)},
     DFUKIT_OK, DFUKIT_MODE_RUNTIME, 1, 1, 0x0D, 250, 1024, 0x0110, 1024, 0, "1.1"},
    {"DFU mode 1.1, two alternates, functional descriptor last", 36,
     {CONFIG(36, 1), INTERFACE(0, 0, 0xFE, 1, 2, 4), INTERFACE(0, 1, 0xFE, 1, 2, 5), FUNCTIONAL(0x07, 1000, 64, 0x0110)},
     DFUKIT_OK, DFUKIT_MODE_DFU, 0, 2, 0x07, 1000, 64, 0x0110, 64, 0, "1.1"},
    {"functional descriptor between the alternates", 36,
     {CONFIG(36, 1), INTERFACE(0, 0, 0xFE, 1, 2, 4), FUNCTIONAL(0x07, 1000, 64, 0x0110), INTERFACE(0, 1, 0xFE, 1, 2, 5)},
     DFUKIT_OK, DFUKIT_MODE_DFU, 0, 2, 0x07, 1000, 64, 0x0110, 64, 0, "1.1"},
    {"functional descriptor at configuration level", 27,
     {CONFIG(27, 1), FUNCTIONAL(0x07, 1000, 4096, 0x0100), INTERFACE(0, 0, 0xFE, 1, 2, 4)},
     DFUKIT_OK, DFUKIT_MODE_DFU, 0, 1, 0x07, 1000, 4096, 0x0100, 4096, 0, "1.0"},
    {"DFU 1.0: seven bytes, protocol 0", 25,
     {CONFIG(25, 1), INTERFACE(0, 0, 0xFE, 1, 0, 0), FUNCTIONAL_10(0x03, 5000, 1023)},
     DFUKIT_OK, DFUKIT_MODE_UNKNOWN, 0, 1, 0x03, 5000, 1023, 0x0100, 1023, 0, "1.0"},
    {"DfuSe with protocol 0 is in DFU mode", 27,
     {CONFIG(27, 1), INTERFACE(0, 0, 0xFE, 1, 0, 4), FUNCTIONAL(0x0B, 255, 1024, 0x011A)},
     DFUKIT_OK, DFUKIT_MODE_DFU, 0, 1, 0x0B, 255, 1024, 0x011A, 1024, DFUKIT_ODD_PROTOCOL, "1.1a"},
    {"byte-swapped DfuSe version", 27,
     {CONFIG(27, 1), INTERFACE(0, 0, 0xFE, 1, 2, 4), FUNCTIONAL(0x0B, 255, 1024, 0x1A01)},
     DFUKIT_OK, DFUKIT_MODE_DFU, 0, 1, 0x0B, 255, 1024, 0x1A01, 1024, 0, "1.1a"},
    {"version 0101 means 1.1", 27,
     {CONFIG(27, 1), INTERFACE(0, 0, 0xFE, 1, 2, 4), FUNCTIONAL(0x0D, 10, 1024, 0x0101)},
     DFUKIT_OK, DFUKIT_MODE_DFU, 0, 1, 0x0D, 10, 1024, 0x0101, 1024, 0, "1.1"},
    {"version nobody published", 27,
     {CONFIG(27, 1), INTERFACE(0, 0, 0xFE, 1, 2, 4), FUNCTIONAL(0x0D, 10, 1024, 0x0333)},
     DFUKIT_OK, DFUKIT_MODE_DFU, 0, 1, 0x0D, 10, 1024, 0x0333, 1024, DFUKIT_ODD_VERSION, "1.1"},
    {"no functional descriptor", 18,
     {CONFIG(18, 1), INTERFACE(0, 0, 0xFE, 1, 1, 4)},
     DFUKIT_OK, DFUKIT_MODE_RUNTIME, 0, 1, 0x03, 0, 0, 0x0100, 64, DFUKIT_ODD_NO_FUNCTIONAL | DFUKIT_ODD_TRANSFER_SIZE, "1.0"},
    {"a HID descriptor is no functional descriptor", 36,
     {CONFIG(36, 2), INTERFACE(0, 0, 0xFE, 1, 1, 4), INTERFACE(1, 0, 3, 0, 0, 0), FUNCTIONAL(0x11, 1, 2, 3)},
     DFUKIT_OK, DFUKIT_MODE_RUNTIME, 0, 1, 0x03, 0, 0, 0x0100, 64, DFUKIT_ODD_NO_FUNCTIONAL | DFUKIT_ODD_TRANSFER_SIZE, "1.0"},
    {"wTransferSize 0", 27,
     {CONFIG(27, 1), INTERFACE(0, 0, 0xFE, 1, 2, 4), FUNCTIONAL(0x07, 0, 0, 0x0110)},
     DFUKIT_OK, DFUKIT_MODE_DFU, 0, 1, 0x07, 0, 0, 0x0110, 64, DFUKIT_ODD_TRANSFER_SIZE, "1.1"},
    {"wTransferSize 0xFFFF", 27,
     {CONFIG(27, 1), INTERFACE(0, 0, 0xFE, 1, 2, 4), FUNCTIONAL(0x07, 0, 0xFFFF, 0x0110)},
     DFUKIT_OK, DFUKIT_MODE_DFU, 0, 1, 0x07, 0, 0xFFFF, 0x0110, 4096, DFUKIT_ODD_TRANSFER_SIZE, "1.1"},
    {"functional descriptor of 8 bytes: half a version", 26,
     {CONFIG(26, 1), INTERFACE(0, 0, 0xFE, 1, 2, 4), 8, 0x21, 0x07, LE16(100), LE16(256), 0x10},
     DFUKIT_OK, DFUKIT_MODE_DFU, 0, 1, 0x03, 0, 0, 0x0100, 64,
     DFUKIT_ODD_FUNCTIONAL_LENGTH | DFUKIT_ODD_NO_FUNCTIONAL | DFUKIT_ODD_TRANSFER_SIZE, "1.0"},
    {"functional descriptor of 10 bytes", 28,
     {CONFIG(28, 1), INTERFACE(0, 0, 0xFE, 1, 2, 4), 10, 0x21, 0x07, LE16(100), LE16(256), LE16(0x0110), 0},
     DFUKIT_OK, DFUKIT_MODE_DFU, 0, 1, 0x07, 100, 256, 0x0110, 256, DFUKIT_ODD_FUNCTIONAL_LENGTH, "1.1"},
    {"functional descriptor of 3 bytes", 21,
     {CONFIG(21, 1), INTERFACE(0, 0, 0xFE, 1, 2, 4), 3, 0x21, 0x07},
     DFUKIT_OK, DFUKIT_MODE_DFU, 0, 1, 0x03, 0, 0, 0x0100, 64,
     DFUKIT_ODD_FUNCTIONAL_LENGTH | DFUKIT_ODD_NO_FUNCTIONAL | DFUKIT_ODD_TRANSFER_SIZE, "1.0"},
    {"functional descriptor beyond the end", 20,
     {CONFIG(27, 1), INTERFACE(0, 0, 0xFE, 1, 2, 4), 9, 0x21},
     DFUKIT_OK, DFUKIT_MODE_DFU, 0, 1, 0x03, 0, 0, 0x0100, 64,
     DFUKIT_ODD_LENGTHS | DFUKIT_ODD_NO_FUNCTIONAL | DFUKIT_ODD_TRANSFER_SIZE, "1.0"},
    {"a descriptor of length 0 ends the walk", 20,
     {CONFIG(20, 1), 0, 4, INTERFACE(0, 0, 0xFE, 1, 2, 4)}, DFUKIT_ERR_NO_DEVICE, 0, 0, 0, 0, 0, 0, 0, 0, 0, ""},
    {"no DFU function", 18,
     {CONFIG(18, 1), INTERFACE(0, 0, 3, 0, 0, 0)}, DFUKIT_ERR_NO_DEVICE, 0, 0, 0, 0, 0, 0, 0, 0, 0, ""},
    {"another application-specific class", 18,
     {CONFIG(18, 1), INTERFACE(0, 0, 0xFE, 3, 1, 0)}, DFUKIT_ERR_NO_DEVICE, 0, 0, 0, 0, 0, 0, 0, 0, 0, ""},
    {"nothing", 0, {0}, DFUKIT_ERR_NO_DEVICE, 0, 0, 0, 0, 0, 0, 0, 0, 0, ""},
};
// clang-format on

static void reads_every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const row *r = &rows[i];
        uint8_t *bytes = malloc(r->n + 1); /* exact size: over-reads show under ASan */
        memcpy(bytes, r->bytes, r->n);
        dfukit_entry e = entry_of(bytes, r->n);
        dfukit_target t;
        printf("row: %s\n", r->name);
        assert_int_equal(dfukit_target_inspect(&t, &e, 0), r->result);
        if (r->result == DFUKIT_OK) {
            assert_int_equal(t.mode, r->mode);
            assert_int_equal(t.interface, r->interface);
            assert_int_equal(t.alt_count, r->alts);
            assert_int_equal(t.functional.bmAttributes, r->attributes);
            assert_int_equal(t.functional.wDetachTimeOut, r->detach);
            assert_int_equal(t.functional.wTransferSize, r->size);
            assert_int_equal(t.functional.bcdDFUVersion, r->version);
            assert_int_equal(t.transfer_size, r->usable);
            assert_int_equal(t.oddities, r->oddities);
            assert_string_equal(dfukit_target_version(&t), r->text);
            assert_int_equal(dfukit_target_inspect(&t, &e, 1), DFUKIT_ERR_NO_DEVICE);
        }
        free(bytes);
    }
}

static void two_functions_are_told_apart(void **state)
{
    (void)state;
    uint8_t bytes[] = {CONFIG(45, 2), INTERFACE(2, 0, 0xFE, 1, 1, 4), FUNCTIONAL(0x01, 1, 64, 0x0110),
                       INTERFACE(5, 0, 0xFE, 1, 1, 4), FUNCTIONAL(0x02, 2, 128, 0x0110)};
    dfukit_entry e = entry_of(bytes, sizeof bytes);
    dfukit_target t;
    assert_int_equal(dfukit_target_inspect(&t, &e, 0), DFUKIT_OK);
    assert_int_equal(t.interface, 2);
    assert_int_equal(t.functional.bmAttributes, 0x01);
    assert_int_equal(dfukit_target_inspect(&t, &e, 1), DFUKIT_OK);
    assert_int_equal(t.interface, 5);
    assert_int_equal(t.functional.bmAttributes, 0x02);
    assert_int_equal(dfukit_target_inspect(&t, &e, 2), DFUKIT_ERR_NO_DEVICE);
}

static void too_many_alternates_are_cut(void **state)
{
    (void)state;
    uint8_t bytes[9 + 40 * 9] = {CONFIG(9 + 40 * 9, 1)};
    for (uint8_t i = 0; i < 40; i++) {
        uint8_t one[] = {INTERFACE(0, i, 0xFE, 1, 2, 0)};
        memcpy(bytes + 9 + i * 9, one, 9);
    }
    dfukit_entry e = entry_of(bytes, sizeof bytes);
    dfukit_target t;
    assert_int_equal(dfukit_target_inspect(&t, &e, 0), DFUKIT_OK);
    assert_int_equal(t.alt_count, DFUKIT_ALTS_MAX);
    assert_true(t.oddities & DFUKIT_ODD_ALTS);
}

/* Every prefix of every row, and every single byte changed: no over-read, and an answer. */
static void survives_every_damage(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t n = 0; n <= rows[i].n; n++) {
            uint8_t *bytes = malloc(n + 1);
            memcpy(bytes, rows[i].bytes, n);
            dfukit_entry e = entry_of(bytes, n);
            dfukit_target t;
            for (size_t at = 0; at < n; at++) {
                for (unsigned v = 0; v < 256; v += 51) {
                    bytes[at] = (uint8_t)v;
                    if (dfukit_target_inspect(&t, &e, 0) == DFUKIT_OK)
                        assert_in_range(t.transfer_size, 1, 65535);
                }
                bytes[at] = rows[i].bytes[at];
            }
            free(bytes);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_row),
        cmocka_unit_test(two_functions_are_told_apart),
        cmocka_unit_test(too_many_alternates_are_cut),
        cmocka_unit_test(survives_every_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
