/* SPDX-License-Identifier: MIT */
/* Each way in which the descriptors of a persona can differ from the specification. */
#include "made_up.h"

/* The types of the descriptors in the configuration, in order: 'C', 'I', 'F'. */
static const char *order(bench *b, uint8_t *bytes, uint16_t room)
{
    static char text[64];
    int32_t n = descriptor(b, DFUKIT_DESC_CONFIGURATION, 0, bytes, room);
    size_t at = 0, used = 0;
    const uint8_t *d;

    assert_true(n > 0);
    assert_int_equal(bytes[2] | bytes[3] << 8, n);
    while (used < sizeof text - 1 && dfukit_descriptor_next(bytes, (size_t)n, &at, &d))
        text[used++] = d[1] == DFUKIT_DESC_CONFIGURATION ? 'C'
                       : d[1] == DFUKIT_DESC_INTERFACE   ? 'I'
                                                         : 'F';
    text[used] = '\0';
    assert_int_equal(at, n);
    return text;
}

static void test_functional_descriptor(void **state)
{
    static const struct {
        uint16_t version;
        uint8_t length, wanted;
    } rows[] = {{DFUKIT_VERSION_11, 0, 9},
                {DFUKIT_VERSION_10, 0, 7},
                {DFUKIT_VERSION_11, 7, 7},
                {DFUKIT_VERSION_10, 9, 9},
                {0x1A01, 0, 9}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dfukit_persona p = plain();
        uint8_t bytes[128], *f;
        bench bed, *b = &bed;

        p.functional.bcdDFUVersion = rows[i].version;
        p.functional_length = rows[i].length;
        open_timed(b, &p);
        assert_string_equal(order(b, bytes, sizeof bytes), "CIIF");
        f = bytes + 9 + 9 + 9;
        assert_int_equal(f[0], rows[i].wanted);
        assert_int_equal(bytes[2], 27 + rows[i].wanted);
        assert_int_equal(f[2], 0x07);
        assert_int_equal(f[5] | f[6] << 8, 512);
        if (rows[i].wanted == 9)
            assert_int_equal(f[7] | f[8] << 8, rows[i].version);
        bench_close(b);
    }
}

static void test_placement(void **state)
{
    static const struct {
        dfukit_placement runtime, dfu;
        const char *runtime_order, *dfu_order;
    } rows[] = {{DFUKIT_PLACED_BEHIND, DFUKIT_PLACED_BEFORE, "CIIF", "CFI"},
                {DFUKIT_PLACED_BEFORE, DFUKIT_PLACED_NOWHERE, "CFII", "CI"},
                {DFUKIT_PLACED_NOWHERE, DFUKIT_PLACED_BEHIND, "CII", "CIF"}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        dfukit_persona p = plain();
        uint8_t bytes[128];
        bench bed, *b = &bed;

        p.runtime_placement = rows[i].runtime;
        p.placement = rows[i].dfu;
        open_timed(b, &p);
        assert_string_equal(order(b, bytes, sizeof bytes), rows[i].runtime_order);
        to_dfu_mode(b);
        assert_string_equal(order(b, bytes, sizeof bytes), rows[i].dfu_order);
        assert_int_equal(descriptor(b, DFUKIT_DESC_DFU_FUNCTIONAL, 0, bytes, 9), DFUKIT_ERR_STALL);
        bench_close(b);
    }
}

static void test_interfaces(void **state)
{
    dfukit_persona p = plain();
    uint8_t bytes[128], name[64];
    char text[64];
    bench bed, *b = &bed;
    report r = {0};

    (void)state;
    p.has_protocol = true;
    p.protocol = 0;
    p.runtime_protocol = 2;
    p.runtime_interface = 4;
    p.runtime_class = 0x0E;
    p.runtime_name = "Upgrade";
    p.bcdUSB = 0x0110;
    open_timed(b, &p);
    assert_string_equal(order(b, bytes, sizeof bytes), "CIIIIIF");
    assert_int_equal(bytes[4], 5);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(bytes[9 + 9 * i + 2], i);
        assert_int_equal(bytes[9 + 9 * i + 5], 0x0E);
    }
    assert_int_equal(bytes[9 + 36 + 2], 4);
    assert_int_equal(bytes[9 + 36 + 5], 0xFE);
    assert_int_equal(bytes[9 + 36 + 7], 2);
    assert_int_equal(descriptor(b, DFUKIT_DESC_STRING, bytes[9 + 36 + 8], name, sizeof name), 16);
    dfukit_string_decode(name, 16, text, sizeof text);
    assert_string_equal(text, "Upgrade");
    assert_int_equal(descriptor(b, DFUKIT_DESC_DEVICE, 0, bytes, 18), 18);
    assert_int_equal(bytes[2] | bytes[3] << 8, 0x0110);
    /* Requests go to interface 4. */
    assert_int_equal(control(b, DFUKIT_TYPE_CLASS_OUT, DFUKIT_DETACH, 1000, 1, NULL, 0),
                     DFUKIT_ERR_STALL);
    assert_int_equal(control(b, DFUKIT_TYPE_CLASS_OUT, DFUKIT_DETACH, 1000, 4, NULL, 0), 0);
    b->wire.ops->reset(b->wire.self);
    assert_true(arrives(b, 1));
    to_dfu_mode(b);
    assert_string_equal(order(b, bytes, sizeof bytes), "CIF");
    assert_int_equal(bytes[9 + 7], 0);
    (void)r;
    bench_close(b);
}

/* DFU 1.0 has a class for the device in DFU mode; a product that has protocols has not. */
static void test_dfu_10_with_protocols(void **state)
{
    (void)state;
    for (unsigned protocols = 0; protocols < 2; protocols++) {
        dfukit_persona p = plain();
        bench bed, *b = &bed;

        p.functional.bcdDFUVersion = DFUKIT_VERSION_10;
        p.has_protocol = protocols != 0;
        p.protocol = 2;
        p.runtime_protocol = 1;
        open_timed(b, &p);
        to_dfu_mode(b);
        assert_int_equal(device_descriptor(b).bDeviceClass, protocols != 0 ? 0 : 0xFE);
        bench_close(b);
    }
}

static void test_strings(void **state)
{
    static const uint8_t raw[] = {0x06, 0x03, 0x33, 0x43, 0x42, 0x4A};
    dfukit_persona p = plain();
    dfukit_virtual_options options = {.fast = true, .serial = "OTHER"};
    static char longest[127];
    uint8_t bytes[255];
    bench bed, *b = &bed;

    (void)state;
    memset(longest, 'x', 126);
    p.raw_serial = raw;
    for (unsigned n = 1; n < 8; n++)
        p.alternates[n] = n == 3 ? "" : longest;
    open_timed(b, &p);
    to_dfu_mode(b);
    assert_int_equal(descriptor(b, DFUKIT_DESC_STRING, 3, bytes, 255), 6);
    assert_memory_equal(bytes, raw, 6);
    assert_string_equal(order(b, bytes, sizeof bytes), "CIIIIIIIIF");
    for (unsigned n = 0; n < 8; n++) {
        uint8_t index = bytes[9 + 9 * n + 8], string[255];

        assert_int_equal(bytes[9 + 9 * n + 3], n);
        if (n == 3) {
            assert_int_equal(index, 0);
            continue;
        }
        assert_int_equal(descriptor(b, DFUKIT_DESC_STRING, index, string, 255), n == 0 ? 12 : 254);
    }
    assert_int_equal(select_alternate(b, 7), 0);
    assert_int_equal(select_alternate(b, 8), DFUKIT_ERR_STALL);
    bench_close(b);

    bench_open(b, &p, &options); /* what was asked for goes before what was recorded */
    configure(b);
    assert_int_equal(descriptor(b, DFUKIT_DESC_STRING, 3, bytes, 255), 12);
    bench_close(b);
}

/* What run-time mode says counts there, and only there. */
static void test_runtime_functional(void **state)
{
    static const dfukit_functional runtime = {0x0D, 2500, 4096, DFUKIT_VERSION_11};
    dfukit_persona p = plain();
    uint8_t bytes[128];
    bench bed, *b = &bed;
    uint32_t before;

    (void)state;
    p.runtime_functional = &runtime;
    open_timed(b, &p);
    order(b, bytes, sizeof bytes);
    assert_int_equal(bytes[27 + 2], 0x0D);
    assert_int_equal(bytes[27 + 5] | bytes[27 + 6] << 8, 4096);
    before = attachment(b);
    assert_int_equal(class_out(b, DFUKIT_DETACH, 1000, NULL, 0), 0);
    assert_true(arrives(b, before)); /* by itself */
    assert_true(in_dfu_mode(b));
    order(b, bytes, sizeof bytes);
    assert_int_equal(bytes[18 + 2], 0x07);
    assert_int_equal(bytes[18 + 5] | bytes[18 + 6] << 8, 512);
    bench_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functional_descriptor),
        cmocka_unit_test(test_placement),
        cmocka_unit_test(test_interfaces),
        cmocka_unit_test(test_dfu_10_with_protocols),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_runtime_functional),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
