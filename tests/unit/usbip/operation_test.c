/* SPDX-License-Identifier: MIT */
/* Operations and device records against bytes laid out by hand after usbip_protocol.rst. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dfukit/usbip.h"

/* clang-format off */
static const struct {
    const char *name;
    uint8_t bytes[8];
    dfukit_usbip_op op;
} operations[] = {
    { "OP_REQ_DEVLIST",        { 0x01, 0x11, 0x80, 0x05, 0, 0, 0, 0 }, { 0x0111, DFUKIT_OP_REQ_DEVLIST, 0 } },
    { "OP_REP_DEVLIST",        { 0x01, 0x11, 0x00, 0x05, 0, 0, 0, 0 }, { 0x0111, DFUKIT_OP_REP_DEVLIST, 0 } },
    { "OP_REQ_IMPORT",         { 0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0 }, { 0x0111, DFUKIT_OP_REQ_IMPORT, 0 } },
    { "OP_REP_IMPORT, failed", { 0x01, 0x11, 0x00, 0x03, 0, 0, 0, 1 }, { 0x0111, DFUKIT_OP_REP_IMPORT, 1 } },
    { "all ones",              { 255, 255, 255, 255, 255, 255, 255, 255 }, { 0xFFFF, 0xFFFF, 0xFFFFFFFF } },
};
/* clang-format on */

static void test_operations(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        dfukit_usbip_op got;
        uint8_t bytes[8];

        dfukit_usbip_op_decode(operations[i].bytes, &got);
        dfukit_usbip_op_encode(&operations[i].op, bytes);
        if (got.version != operations[i].op.version || got.code != operations[i].op.code ||
            got.status != operations[i].op.status)
            fail_msg("%s: decoded %04x %04x %08x", operations[i].name, got.version, got.code,
                     (unsigned)got.status);
        if (memcmp(bytes, operations[i].bytes, sizeof(bytes)) != 0)
            fail_msg("%s: encoded differently", operations[i].name);
    }
}

/* The record of the document's example path and busid; offsets are the document's minus 0x0C. */
static void example(uint8_t bytes[312])
{
    static const uint8_t numbers[] = {
        0,    0,    0,    3,                /* 0x12C busnum */
        0,    0,    0,    2,                /* 0x130 devnum */
        0,    0,    0,    2,                /* 0x134 speed: full */
        0x12, 0x09, 0x70, 0xB1, 0x01, 0x02, /* 0x138 idVendor, idProduct, bcdDevice */
        0xFE, 0x01, 0x02,                   /* 0x13E class, subclass, protocol */
        1,    4,    5,                      /* 0x141 configuration, configurations, interfaces */
    };

    memset(bytes, 0, 312);
    memcpy(bytes, "/sys/devices/pci0000:00/0000:00:1d.1/usb3/3-2", 45);
    memcpy(bytes + 0x10C - 0x0C, "3-2", 3);
    memcpy(bytes + 0x12C - 0x0C, numbers, sizeof(numbers));
    assert_int_equal(0x12C - 0x0C + sizeof(numbers), 312);
}

static void test_device_record(void **state)
{
    uint8_t bytes[312], again[312];
    dfukit_usbip_device d;

    (void)state;
    example(bytes);
    memset(&d, 0xAA, sizeof(d));
    dfukit_usbip_device_decode(bytes, &d);
    assert_string_equal(d.path, "/sys/devices/pci0000:00/0000:00:1d.1/usb3/3-2");
    assert_string_equal(d.busid, "3-2");
    assert_int_equal(d.busnum, 3);
    assert_int_equal(d.devnum, 2);
    assert_int_equal(d.speed, DFUKIT_USBIP_FULL);
    assert_int_equal(d.idVendor, 0x1209);
    assert_int_equal(d.idProduct, 0x70B1);
    assert_int_equal(d.bcdDevice, 0x0102);
    assert_int_equal(d.bDeviceClass, 0xFE);
    assert_int_equal(d.bDeviceSubClass, 1);
    assert_int_equal(d.bDeviceProtocol, 2);
    assert_int_equal(d.bConfigurationValue, 1);
    assert_int_equal(d.bNumConfigurations, 4);
    assert_int_equal(d.bNumInterfaces, 5);
    memset(again, 0xAA, sizeof(again));
    dfukit_usbip_device_encode(&d, again);
    assert_memory_equal(again, bytes, sizeof(bytes));
}

/* Texts without an end are cut; what follows a NUL is not looked at and not sent. */
static void test_texts_are_closed(void **state)
{
    uint8_t bytes[312];
    dfukit_usbip_device d;

    (void)state;
    memset(bytes, 'x', sizeof(bytes));
    dfukit_usbip_device_decode(bytes, &d);
    assert_int_equal(strlen(d.path), 255);
    assert_int_equal(strlen(d.busid), 31);

    memset(&d, 'y', sizeof(d)); /* not closed on the way out either */
    dfukit_usbip_device_encode(&d, bytes);
    assert_int_equal(bytes[254], 'y');
    assert_int_equal(bytes[255], 0);
    assert_int_equal(bytes[256 + 30], 'y');
    assert_int_equal(bytes[256 + 31], 0);

    memset(&d, 0x55, sizeof(d));
    memcpy(d.busid, "1-1", 4);
    dfukit_usbip_device_encode(&d, bytes);
    for (unsigned i = 3; i < 32; i++)
        assert_int_equal(bytes[256 + i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operations),
        cmocka_unit_test(test_device_record),
        cmocka_unit_test(test_texts_are_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
