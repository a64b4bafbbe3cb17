/* SPDX-License-Identifier: MIT */
/*
 * The descriptors that tables become, byte for byte. What is expected is typed from USB 2.0 §9.6,
 * DFU 1.1 §4 (and its list of differences from 1.0), Microsoft OS 2.0 Descriptors and WebUSB.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "products.h"

typedef struct row {
    const char *name;
    const dfukit_descriptor_set *set;
    uint8_t type, index;
    uint16_t n;
    const uint8_t *bytes;
} row;

/* clang-format off */
#define BYTES(...) sizeof((const uint8_t[]){__VA_ARGS__}), (const uint8_t[]){__VA_ARGS__}
#define GUID_NAME \
    'D',0,'e',0,'v',0,'i',0,'c',0,'e',0,'I',0,'n',0,'t',0,'e',0,'r',0,'f',0,'a',0,'c',0,'e',0, \
    'G',0,'U',0,'I',0,'D',0,'s',0,0,0
#define GUID_TEXT \
    '{',0,'0',0,'1',0,'2',0,'3',0,'4',0,'5',0,'6',0,'7',0,'-',0,'8',0,'9',0,'A',0,'B',0,'-',0, \
    'C',0,'D',0,'E',0,'F',0,'-',0,'0',0,'1',0,'2',0,'3',0,'-',0, \
    '4',0,'5',0,'6',0,'7',0,'8',0,'9',0,'A',0,'B',0,'C',0,'D',0,'E',0,'F',0,'}',0,0,0,0,0
#define MS_OS_20_CAPABILITY(length, code) \
    28, 16, 5, 0, 0xDF,0x60,0xDD,0xD8, 0x89,0x45, 0xC7,0x4C, 0x9C,0xD2,0x65,0x9D,0x9E,0x64,0x8A,0x9F, \
    0x00,0x00,0x03,0x06, length, 0, code, 0
#define WINUSB_FEATURES \
    20, 0, 3, 0, 'W','I','N','U','S','B',0,0, 0,0,0,0,0,0,0,0, \
    0x84, 0, 4, 0, 7, 0, 0x2A, 0, GUID_NAME, 0x50, 0, GUID_TEXT

static const row rows[] = {
    { "bare", &bare_dfu_descriptors, 1, 0, BYTES(18, 1, 0x00, 0x02, 0, 0, 0, 64, 0x09, 0x12, 0x01, 0x80,
        0x23, 0x01, 0, 0, 0, 1) },
    { "bare", &bare_dfu_descriptors, 2, 0, BYTES(9, 2, 27, 0, 1, 1, 0, 0x80, 50,
        9, 4, 0, 0, 0, 0xFE, 1, 2, 0,
        9, 0x21, 0x09, 0xE8, 0x03, 0x00, 0x04, 0x10, 0x01) },

    { "pad", &pad_dfu_descriptors, 1, 0, BYTES(18, 1, 0x01, 0x02, 0, 0, 0, 64, 0x09, 0x12, 0x01, 0x80,
        0x56, 0x04, 1, 2, 3, 1) },
    { "pad", &pad_dfu_descriptors, 2, 0, BYTES(9, 2, 36, 0, 1, 1, 0, 0x80, 50,
        9, 4, 0, 0, 0, 0xFE, 1, 2, 4,
        9, 4, 0, 1, 0, 0xFE, 1, 2, 5,
        9, 0x21, 0x0F, 0x0D, 0x0C, 0x0B, 0x0A, 0x10, 0x01) },
    { "pad", &pad_dfu_descriptors, 15, 0, BYTES(5, 15, 64, 0, 3,
        7, 16, 2, 0, 0, 0, 0,
        MS_OS_20_CAPABILITY(162, 0x5A),
        24, 16, 5, 0, 0x38,0xB6,0x08,0x34, 0xA9,0x09, 0xA0,0x47, 0x8B,0xFD,0xA0,0x76,0x88,0x15,0xB6,0x65,
        0x00, 0x01, 0x5A, 1) },
    { "pad", &pad_dfu_descriptors, 3, 0, BYTES(4, 3, 0x09, 0x04) },
    { "pad", &pad_dfu_descriptors, 3, 1, BYTES(10, 3, 0xD6, 0, '&', 0, 'C', 0, 'o', 0) },
    { "pad", &pad_dfu_descriptors, 3, 2, BYTES(10, 3, 'B', 0, 'o', 0, 'o', 0, 't', 0) },
    { "pad", &pad_dfu_descriptors, 3, 3, BYTES(14, 3, '0', 0, '1', 0, 'A', 0, 'B', 0, 'F', 0, 'F', 0) },
    { "pad", &pad_dfu_descriptors, 3, 4, BYTES(12, 3, 'F', 0, 'l', 0, 'a', 0, 's', 0, 'h', 0) },
    { "pad", &pad_dfu_descriptors, 3, 5, BYTES(8, 3, 'S', 0, 'e', 0, 't', 0) },
    { "pad", &pad_dfu_descriptors, 3, 7, BYTES(6, 3, 'N', 0, 'o', 0) },

    { "pad, run-time", &pad_runtime_descriptors, 1, 0, BYTES(18, 1, 0x01, 0x02, 0, 0, 0, 64, 0x09, 0x12,
        0x01, 0x00, 0x56, 0x04, 1, 2, 3, 1) },
    { "pad, run-time", &pad_runtime_descriptors, 2, 0, BYTES(9, 2, 43, 0, 2, 1, 0, 0x80, 50,
        9, 4, 0, 0, 1, 0xFF, 0, 0, 0, 7, 5, 0x81, 3, 8, 0, 10,
        9, 4, 1, 0, 0, 0xFE, 1, 1, 6,
        9, 0x21, 0x0F, 0x0D, 0x0C, 0x0B, 0x0A, 0x10, 0x01) },
    { "pad, run-time", &pad_runtime_descriptors, 15, 0, BYTES(5, 15, 64, 0, 3,
        7, 16, 2, 0, 0, 0, 0,
        MS_OS_20_CAPABILITY(178, 0x5A),
        24, 16, 5, 0, 0x38,0xB6,0x08,0x34, 0xA9,0x09, 0xA0,0x47, 0x8B,0xFD,0xA0,0x76,0x88,0x15,0xB6,0x65,
        0x00, 0x01, 0x5A, 1) },
    { "pad, run-time", &pad_runtime_descriptors, 3, 0, BYTES(4, 3, 0x09, 0x04) },
    { "pad, run-time", &pad_runtime_descriptors, 3, 1, BYTES(10, 3, 0xD6, 0, '&', 0, 'C', 0, 'o', 0) },
    { "pad, run-time", &pad_runtime_descriptors, 3, 2, BYTES(8, 3, 'P', 0, 'a', 0, 'd', 0) },
    { "pad, run-time", &pad_runtime_descriptors, 3, 3, BYTES(14, 3, '0', 0, '1', 0, 'A', 0, 'B', 0, 'F', 0, 'F', 0) },
    { "pad, run-time", &pad_runtime_descriptors, 3, 6, BYTES(6, 3, 'U', 0, 'p', 0) },
    { "pad, run-time", &pad_runtime_descriptors, 3, 7, BYTES(6, 3, 'N', 0, 'o', 0) },

    { "old", &old_dfu_descriptors, 1, 0, BYTES(18, 1, 0x10, 0x01, 0xFE, 1, 0, 8, 0xEB, 0x03, 0x25, 0x61,
        0x00, 0x01, 0, 0, 1, 1) },
    { "old", &old_dfu_descriptors, 2, 0, BYTES(9, 2, 25, 0, 1, 1, 0, 0x80, 50,
        9, 4, 0, 0, 0, 0xFE, 1, 0, 0,
        7, 0x21, 0x03, 0xE8, 0x03, 0x00, 0x01) },
    { "old", &old_dfu_descriptors, 3, 0, BYTES(4, 3, 0x09, 0x04) },
    { "old", &old_dfu_descriptors, 3, 1, BYTES(8, 3, '0', 0, '0', 0, '7', 0) },
    { "old, run-time", &old_runtime_descriptors, 1, 0, BYTES(18, 1, 0x10, 0x01, 0, 0, 0, 8, 0xEB, 0x03,
        0x24, 0x61, 0x00, 0x01, 0, 0, 1, 1) },
    { "old, run-time", &old_runtime_descriptors, 2, 0, BYTES(9, 2, 34, 0, 2, 1, 0, 0x80, 50,
        9, 4, 0, 0, 0, 0xFF, 0, 0, 0,
        9, 4, 1, 0, 0, 0xFE, 1, 0, 0,
        7, 0x21, 0x03, 0xE8, 0x03, 0x00, 0x01) },
    { "old, run-time", &old_runtime_descriptors, 3, 0, BYTES(4, 3, 0x09, 0x04) },
    { "old, run-time", &old_runtime_descriptors, 3, 1, BYTES(8, 3, '0', 0, '0', 0, '7', 0) },

    { "se", &se_dfu_descriptors, 1, 0, BYTES(18, 1, 0x00, 0x02, 0, 0, 0, 64, 0x83, 0x04, 0x11, 0xDF,
        0x00, 0x22, 0, 0, 0, 1) },
    { "se", &se_dfu_descriptors, 2, 0, BYTES(9, 2, 45, 0, 1, 1, 0, 0xC0, 0,
        9, 4, 0, 0, 0, 0xFE, 1, 2, 1,
        9, 4, 0, 1, 0, 0xFE, 1, 2, 2,
        9, 4, 0, 2, 0, 0xFE, 1, 2, 3,
        9, 0x21, 0x8B, 0xE8, 0x03, 0x00, 0x08, 0x1A, 0x01) },
    { "se", &se_dfu_descriptors, 3, 0, BYTES(4, 3, 0x09, 0x04) },
    { "se", &se_dfu_descriptors, 3, 3, BYTES(52, 3, '@',0,'O',0,'T',0,'P',0,' ',0,'/',0,'0',0,'x',0,'1',0,
        'F',0,'F',0,'F',0,'7',0,'8',0,'0',0,'0',0,'/',0,'0',0,'1',0,'*',0,'5',0,'1',0,'2',0,' ',0,'e',0) },

    { "twin", &twin_dfu_descriptors, 1, 0, BYTES(18, 1, 0x01, 0x02, 0, 0, 0, 16, 0xFE, 0xFF, 0, 0,
        0x99, 0x01, 0, 1, 0, 1) },
    { "twin", &twin_dfu_descriptors, 2, 0, BYTES(9, 2, 27, 0, 1, 1, 0, 0x80, 250,
        9, 4, 0, 0, 0, 0xFE, 1, 2, 0,
        9, 0x21, 0x01, 0xE8, 0x03, 0x10, 0x00, 0x10, 0x01) },
    { "twin", &twin_dfu_descriptors, 3, 0, BYTES(4, 3, 0x07, 0x04) },
    { "twin", &twin_dfu_descriptors, 3, 1, BYTES(4, 3, 'T', 0) },
    { "twin, run-time", &twin_runtime_descriptors, 1, 0, BYTES(18, 1, 0x01, 0x02, 0xEF, 2, 1, 16,
        0xFE, 0xFF, 0, 0, 0x00, 0x01, 0, 0, 0, 1) },
    { "twin, run-time", &twin_runtime_descriptors, 2, 0, BYTES(9, 2, 27, 0, 1, 1, 0, 0x80, 250,
        9, 4, 0, 0, 0, 0xFE, 1, 1, 0,
        9, 0x21, 0x01, 0xE8, 0x03, 0x10, 0x00, 0x10, 0x01) },
    { "twin, run-time", &twin_runtime_descriptors, 3, 0, BYTES(4, 3, 0x07, 0x04) },
    { "twin, run-time", &twin_runtime_descriptors, 15, 0, BYTES(5, 15, 33, 0, 1, MS_OS_20_CAPABILITY(162, 1)) },
};

/* The replies to vendor requests; `type` is bRequest, `index` is wIndex. */
static const row vendor_rows[] = {
    { "pad", &pad_dfu_descriptors, 0x5A, 7, BYTES(
        10, 0, 0, 0, 0x00, 0x00, 0x03, 0x06, 162, 0,
        WINUSB_FEATURES) },
    { "pad", &pad_dfu_descriptors, 0x5A, 2, BYTES(18, 3, 1,
        'e','x','a','m','p','l','e','.','c','o','m','/','p','a','d') },
    { "pad, run-time", &pad_runtime_descriptors, 0x5A, 7, BYTES(
        10, 0, 0, 0, 0x00, 0x00, 0x03, 0x06, 178, 0,
        8, 0, 1, 0, 0, 0, 168, 0,
        8, 0, 2, 0, 1, 0, 160, 0,
        WINUSB_FEATURES) },
    { "pad, run-time", &pad_runtime_descriptors, 0x5A, 2, BYTES(18, 3, 1,
        'e','x','a','m','p','l','e','.','c','o','m','/','p','a','d') },
    { "twin", &twin_dfu_descriptors, 1, 7, BYTES(
        10, 0, 0, 0, 0x00, 0x00, 0x03, 0x06, 162, 0,
        WINUSB_FEATURES) },
    { "twin, run-time", &twin_runtime_descriptors, 1, 7, BYTES(
        10, 0, 0, 0, 0x00, 0x00, 0x03, 0x06, 162, 0,
        WINUSB_FEATURES) },
};

/* How many descriptors and vendor replies there are: none that nobody looked for above. */
static const struct { const char *name; const dfukit_descriptor_set *set; size_t list, vendor; } counts[] = {
    { "bare",           &bare_dfu_descriptors,     2, 0 },
    { "pad",            &pad_dfu_descriptors,     10, 2 },
    { "pad, run-time",  &pad_runtime_descriptors,  9, 2 },
    { "old",            &old_dfu_descriptors,      4, 0 },
    { "old, run-time",  &old_runtime_descriptors,  4, 0 },
    { "se",             &se_dfu_descriptors,       6, 0 },
    { "twin",           &twin_dfu_descriptors,     5, 1 },
    { "twin, run-time", &twin_runtime_descriptors, 4, 1 },
};
/* clang-format on */

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static void expect_bytes(const row *r, const uint8_t *bytes, uint16_t n)
{
    if (n != r->n)
        fail_msg("%s, type %u index %u: %u bytes, not %u", r->name, r->type, r->index, n, r->n);
    for (uint16_t i = 0; i < n; i++)
        if (bytes[i] != r->bytes[i])
            fail_msg("%s, type %u index %u, byte %u: 0x%02X, not 0x%02X", r->name, r->type,
                     r->index, i, bytes[i], r->bytes[i]);
}

static void descriptors_are_what_the_specifications_say(void **state)
{
    (void)state;
    for (const row *r = rows; r < rows + LENGTH(rows); r++) {
        const dfukit_descriptor *d = r->set->list, *end = d + r->set->count;

        while (d < end && d->wValue != DFUKIT_DESCRIPTOR_ID(r->type, r->index))
            d++;
        if (d == end)
            fail_msg("%s: no descriptor of type %u, index %u", r->name, r->type, r->index);
        expect_bytes(r, d->bytes, d->n);
    }
}

static void vendor_replies_are_what_the_specifications_say(void **state)
{
    (void)state;
    for (const row *r = vendor_rows; r < vendor_rows + LENGTH(vendor_rows); r++) {
        const dfukit_vendor_reply *v = r->set->vendor, *end = v + r->set->vendor_count;

        while (v < end && (v->bRequest != r->type || v->wIndex != r->index))
            v++;
        if (v == end)
            fail_msg("%s: no reply to bRequest %u, wIndex %u", r->name, r->type, r->index);
        assert_int_equal(v->wValue, r->index == 7 ? 0 : 1);
        expect_bytes(r, v->bytes, v->n);
    }
}

static void nothing_else_is_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(counts); i++) {
        size_t list = counts[i].set->count, vendor = counts[i].set->vendor_count;

        assert_true((vendor == 0) == (counts[i].set->vendor == NULL));
        if (list != counts[i].list || vendor != counts[i].vendor)
            fail_msg("%s: %zu descriptors, %zu replies", counts[i].name, list, vendor);
    }
}

/* DFUKIT_CONFIG_OF() and the enumerators say what the descriptors say. */
static void the_configuration_of_the_class(void **state)
{
    static const dfukit_dfu_config pad = {DFUKIT_CONFIG_OF(pad)};
    static const dfukit_dfu_config old = {DFUKIT_CONFIG_OF(old)};
    static const dfukit_dfu_config se = {DFUKIT_CONFIG_OF(se)};

    (void)state;
    assert_int_equal(pad.functional.bmAttributes, 0x0F);
    assert_int_equal(pad.functional.wDetachTimeOut, 0x0C0D);
    assert_int_equal(pad.functional.wTransferSize, 0x0A0B);
    assert_int_equal(pad.functional.bcdDFUVersion, 0x0110);
    assert_int_equal(pad.alternates, 2);
    assert_int_equal(pad.interface_runtime, 1);
    assert_int_equal(pad.interfaces_runtime, 2);
    assert_int_equal(pad.max_packet_size0, 64);
    assert_false(pad.self_powered);
    assert_false(pad.dfuse);
    assert_int_equal(old.functional.bcdDFUVersion, 0x0100);
    assert_int_equal(old.functional.bmAttributes, 0x03);
    assert_int_equal(old.max_packet_size0, 8);
    assert_int_equal(se.alternates, 3);
    assert_int_equal(se.interface_runtime, 0);
    assert_int_equal(se.interfaces_runtime, 1);
    assert_true(se.self_powered);
    assert_true(se.dfuse);
    assert_int_equal(pad_alt_FLASH, 0);
    assert_int_equal(pad_alt_SETTINGS, 1);
    assert_int_equal(se_alt_OTP, 2);
    assert_int_equal(pad_iLocked, 7);
}

/* What goes into the configuration of an application with a stack of its own. */
static void bytes_to_be_spliced(void **state)
{
    static const uint8_t bytes[] = {DFUKIT_RUNTIME_BYTES(spliced, 3, 5)};
    static const uint8_t bytes_10[] = {DFUKIT_RUNTIME_BYTES_10(old, 1, 0)};
    static const uint8_t wanted[] = {9, 4,    3,    0,    0,    0xFE, 1,    1,    5,
                                     9, 0x21, 0x09, 0xE8, 0x03, 0x40, 0x00, 0x10, 0x01};
    static const uint8_t wanted_10[] = {9, 4, 1,    0,    0,    0xFE, 1,    0,
                                        0, 7, 0x21, 0x03, 0xE8, 0x03, 0x00, 0x01};

    (void)state;
    assert_int_equal(sizeof bytes, sizeof wanted);
    assert_memory_equal(bytes, wanted, sizeof wanted);
    assert_int_equal(sizeof bytes_10, sizeof wanted_10);
    assert_memory_equal(bytes_10, wanted_10, sizeof wanted_10);
}

static int fill_serial_numbers(void **state)
{
    static const uint8_t id[] = {0x01, 0xAB, 0xFF};

    (void)state;
    return dfukit_serial_encode(id, sizeof id, pad_serial, sizeof pad_serial) != sizeof pad_serial;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors_are_what_the_specifications_say),
        cmocka_unit_test(vendor_replies_are_what_the_specifications_say),
        cmocka_unit_test(nothing_else_is_there),
        cmocka_unit_test(the_configuration_of_the_class),
        cmocka_unit_test(bytes_to_be_spliced),
    };

    return cmocka_run_group_tests(tests, fill_serial_numbers, NULL);
}
