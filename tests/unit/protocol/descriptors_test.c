/* SPDX-License-Identifier: MIT */
/* Encoding and decoding of SETUP packets, status replies and descriptors, also hostile ones. */
#include "dfukit/protocol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A copy whose end AddressSanitizer guards. */
static uint8_t *exactly(const uint8_t *bytes, size_t n)
{
    uint8_t *copy = malloc(n != 0 ? n : 1);

    assert_non_null(copy);
    memcpy(copy, bytes, n);
    return copy;
}

static void setup_packet(void **state)
{
    static const uint8_t bytes[8] = {0xA1, 0x03, 0x34, 0x12, 0x78, 0x56, 0x06, 0x80};
    uint8_t again[8];
    dfukit_setup s;

    (void)state;
    dfukit_setup_decode(bytes, &s);
    assert_int_equal(s.bmRequestType, 0xA1);
    assert_int_equal(s.bRequest, DFUKIT_GETSTATUS);
    assert_int_equal(s.wValue, 0x1234);
    assert_int_equal(s.wIndex, 0x5678);
    assert_int_equal(s.wLength, 0x8006);
    assert_true(dfukit_setup_is_in(&s));
    dfukit_setup_encode(&s, again);
    assert_memory_equal(again, bytes, sizeof bytes);
    s.bmRequestType = DFUKIT_TYPE_CLASS_OUT;
    assert_false(dfukit_setup_is_in(&s));
}

static void status_reply(void **state)
{
    static const uint8_t bytes[6] = {0x0B, 0x56, 0x34, 0x12, 0x0A, 0x07};
    uint8_t again[6];
    dfukit_status_reply r;

    (void)state;
    dfukit_status_decode(bytes, &r);
    assert_int_equal(r.bStatus, DFUKIT_STATUS_VENDOR);
    assert_int_equal(r.bwPollTimeout, 0x123456);
    assert_int_equal(r.bState, DFUKIT_DFU_ERROR);
    assert_int_equal(r.iString, 7);
    dfukit_status_encode(&r, again);
    assert_memory_equal(again, bytes, sizeof bytes);
    r.bwPollTimeout = 0x1000000;
    dfukit_status_encode(&r, again);
    assert_memory_equal(again, "\x0B\xFF\xFF\xFF\x0A\x07", 6);
}

static void device_descriptor(void **state)
{
    static const uint8_t bytes[18] = {18,   1,    0x00, 0x02, 0xEF, 0x02, 0x01, 64, 0x83,
                                      0x04, 0x11, 0xDF, 0x00, 0x22, 1,    2,    3,  1};
    uint8_t again[18];
    dfukit_device_descriptor d;

    (void)state;
    assert_int_equal(dfukit_device_descriptor_decode(bytes, sizeof bytes, &d), 18);
    assert_int_equal(d.bcdUSB, 0x0200);
    assert_int_equal(d.bDeviceClass, 0xEF);
    assert_int_equal(d.bDeviceSubClass, 2);
    assert_int_equal(d.bDeviceProtocol, 1);
    assert_int_equal(d.bMaxPacketSize0, 64);
    assert_int_equal(d.idVendor, 0x0483);
    assert_int_equal(d.idProduct, 0xDF11);
    assert_int_equal(d.bcdDevice, 0x2200);
    assert_int_equal(d.iManufacturer, 1);
    assert_int_equal(d.iProduct, 2);
    assert_int_equal(d.iSerialNumber, 3);
    assert_int_equal(d.bNumConfigurations, 1);
    dfukit_device_descriptor_encode(&d, again);
    assert_memory_equal(again, bytes, sizeof bytes);
}

static void interface_descriptor(void **state)
{
    static const uint8_t bytes[10] = {9, 4, 1, 2, 0, 0xFE, 0x01, 0x02, 5, 0x99};
    uint8_t again[9];
    dfukit_interface_descriptor d;

    (void)state;
    assert_int_equal(dfukit_interface_descriptor_decode(bytes, sizeof bytes, &d), 9);
    assert_int_equal(d.bInterfaceNumber, 1);
    assert_int_equal(d.bAlternateSetting, 2);
    assert_int_equal(d.bNumEndpoints, 0);
    assert_int_equal(d.bInterfaceClass, DFUKIT_CLASS_APPLICATION);
    assert_int_equal(d.bInterfaceSubClass, DFUKIT_SUBCLASS_DFU);
    assert_int_equal(d.bInterfaceProtocol, DFUKIT_PROTOCOL_DFU);
    assert_int_equal(d.iInterface, 5);
    dfukit_interface_descriptor_encode(&d, again);
    assert_memory_equal(again, bytes, 9);
}

static void functional_descriptor(void **state)
{
    static const struct {
        uint8_t bytes[12];
        size_t n;
        int result;
        dfukit_functional f;
    } rows[] = {
        {{9, 0x21, 0x0B, 0xFF, 0x00, 0x00, 0x08, 0x1A, 0x01}, 9, 9, {0x0B, 255, 2048, 0x011A}},
        {{9, 0x21, 0x07, 0x34, 0x12, 0x40, 0x00, 0x10, 0x01}, 12, 9, {7, 0x1234, 64, 0x0110}},
        {{7, 0x21, 0x01, 0xE8, 0x03, 0x00, 0x04}, 7, 7, {1, 1000, 1024, 0x0100}},
        {{11, 0x21, 0x03, 1, 0, 2, 0, 0x00, 0x01, 9, 9}, 11, 11, {3, 1, 2, 0x0100}},
        {{8, 0x21, 0x03, 1, 0, 2, 0, 0x00}, 8, DFUKIT_ERR_FORMAT, {0, 0, 0, 0}},
        {{6, 0x21, 0x03, 1, 0, 2}, 6, DFUKIT_ERR_FORMAT, {0, 0, 0, 0}},
        {{0, 0x21, 0x03, 1, 0, 2, 0, 0, 1}, 9, DFUKIT_ERR_FORMAT, {0, 0, 0, 0}},
        {{9, 0x24, 0x03, 1, 0, 2, 0, 0, 1}, 9, DFUKIT_ERR_FORMAT, {0, 0, 0, 0}},
        {{9, 0x21, 0x03, 1, 0, 2, 0, 0}, 8, DFUKIT_ERR_SHORT, {0, 0, 0, 0}},
        {{7, 0x21, 0x03, 1, 0, 2}, 6, DFUKIT_ERR_SHORT, {0, 0, 0, 0}},
        {{9}, 1, DFUKIT_ERR_SHORT, {0, 0, 0, 0}},
        {{0}, 0, DFUKIT_ERR_SHORT, {0, 0, 0, 0}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t *bytes = exactly(rows[i].bytes, rows[i].n);
        dfukit_functional f = {0};
        int result = dfukit_functional_decode(bytes, rows[i].n, &f);

        if (result != rows[i].result || f.bmAttributes != rows[i].f.bmAttributes ||
            f.wDetachTimeOut != rows[i].f.wDetachTimeOut ||
            f.wTransferSize != rows[i].f.wTransferSize ||
            f.bcdDFUVersion != rows[i].f.bcdDFUVersion)
            fail_msg("row %zu: %d, %02x %u %u %04x", i, result, f.bmAttributes, f.wDetachTimeOut,
                     f.wTransferSize, f.bcdDFUVersion);
        if (result > 0 && result < 10) {
            uint8_t again[9] = {0};

            assert_int_equal(dfukit_functional_encode(&f, again), result);
            assert_memory_equal(again, bytes, (size_t)result);
        }
        free(bytes);
    }
}

/* Whatever the first two bytes say, only bytes that are there are read. */
static void short_descriptors(void **state)
{
    uint8_t full[18] = {0};

    (void)state;
    for (unsigned type = 0; type < 256; type++) {
        for (unsigned length = 0; length < 256; length += length < 20 ? 1 : 47) {
            for (size_t n = 0; n <= sizeof full; n++) {
                dfukit_device_descriptor d;
                dfukit_interface_descriptor i;
                dfukit_functional f;
                uint8_t *bytes;
                int expected;

                full[0] = (uint8_t)length;
                full[1] = (uint8_t)type;
                bytes = exactly(full, n);
                expected = n < 2                       ? DFUKIT_ERR_SHORT
                           : type != 1 || length != 18 ? DFUKIT_ERR_FORMAT
                           : n < 18                    ? DFUKIT_ERR_SHORT
                                                       : 18;
                assert_int_equal(dfukit_device_descriptor_decode(bytes, n, &d), expected);
                expected = n < 2                     ? DFUKIT_ERR_SHORT
                           : type != 4 || length < 9 ? DFUKIT_ERR_FORMAT
                           : n < length              ? DFUKIT_ERR_SHORT
                                                     : 9;
                assert_int_equal(dfukit_interface_descriptor_decode(bytes, n, &i), expected);
                expected = n < 2                                       ? DFUKIT_ERR_SHORT
                           : type != 0x21 || length < 7 || length == 8 ? DFUKIT_ERR_FORMAT
                           : n < length                                ? DFUKIT_ERR_SHORT
                                                                       : (int)length;
                assert_int_equal(dfukit_functional_decode(bytes, n, &f), expected);
                free(bytes);
            }
        }
    }
}

static void walk(void **state)
{
    static const struct {
        uint8_t bytes[24];
        size_t n;
        size_t found; /* descriptors before the walk ends */
    } rows[] = {
        {{9, 2, 18, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0, 0, 0xFE, 1, 2, 0}, 18, 2},
        {{2, 9, 3, 9, 9, 2, 9}, 7, 3},
        {{2, 9, 3, 9, 9, 2}, 6, 2},    /* one byte after the last */
        {{2, 9, 3, 9, 9, 5, 9}, 7, 2}, /* beyond the end */
        {{2, 9, 0, 9, 9}, 5, 1},       /* would never end */
        {{2, 9, 1, 9, 9}, 5, 1},
        {{255, 2}, 2, 0},
        {{0}, 0, 0},
        {{2}, 1, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t *bytes = exactly(rows[i].bytes, rows[i].n);
        const uint8_t *found = NULL;
        size_t at = 0, count = 0, before = 0;

        while (dfukit_descriptor_next(bytes, rows[i].n, &at, &found)) {
            assert_ptr_equal(found, bytes + before);
            assert_int_equal(at, before + found[0]);
            assert_true(at <= rows[i].n);
            before = at;
            count++;
        }
        if (count != rows[i].found)
            fail_msg("row %zu: %zu descriptors", i, count);
        free(bytes);
    }
}

static void walk_from_beyond_the_end(void **state)
{
    static const uint8_t bytes[4] = {2, 9, 2, 9};
    const uint8_t *found = NULL;
    size_t at = SIZE_MAX;

    (void)state;
    assert_false(dfukit_descriptor_next(bytes, sizeof bytes, &at, &found));
    at = 5;
    assert_false(dfukit_descriptor_next(bytes, sizeof bytes, &at, &found));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setup_packet),
        cmocka_unit_test(status_reply),
        cmocka_unit_test(device_descriptor),
        cmocka_unit_test(interface_descriptor),
        cmocka_unit_test(functional_descriptor),
        cmocka_unit_test(short_descriptors),
        cmocka_unit_test(walk),
        cmocka_unit_test(walk_from_beyond_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
