/* SPDX-License-Identifier: MIT */
/* Every persona as a host sees it: its descriptors in both modes, read from the wire. */
#include "bench.h"

/* What the personas are promised to be. Typed from their description, not from the table. */
/* clang-format off */
static const struct {
    const char *name;
    uint16_t runtime_vid, runtime_pid, dfu_vid, dfu_pid;
    uint8_t attributes;
    uint16_t transfer_size, version;
    uint8_t functional_size, dfu_class, runtime_protocol, dfu_protocol;
    uint32_t memory;
    const char *manufacturer, *dfu_product; /* NULL: any, but there */
} promised[] = {
    { "tomu",  0x1209, 0x70B0, 0x1209, 0x70B1, 0x0D, 1024, 0x0101, 9, 0x00, 1, 2,  65536,
      "Kosagi", "Tomu Bootloader (5) 2.0~rc7-2" },
    { "micro", 0x1209, 0x0001, 0x1209, 0x8001, 0x07, 4096, 0x0110, 9, 0x00, 1, 2, 524288, NULL, NULL },
    { "dfu10", 0x1209, 0x0010, 0x1209, 0x0011, 0x03,  256, 0x0100, 7, 0xFE, 0, 0,  32768, NULL, NULL },
};
/* clang-format on */
#define PROMISED (sizeof promised / sizeof promised[0])

static char text_buffer[256];

static const char *string(bench *b, uint8_t index)
{
    uint8_t bytes[255];
    int32_t n = descriptor(b, DFUKIT_DESC_STRING, index, bytes, sizeof bytes);

    if (n < 2 || n != bytes[0] || bytes[1] != DFUKIT_DESC_STRING)
        fail_msg("string %u: %d bytes", index, n);
    assert_true(dfukit_string_decode(bytes, (size_t)n, text_buffer, sizeof text_buffer) >= 0);
    return text_buffer;
}

static void check_device(bench *b, size_t i, bool dfu_mode)
{
    dfukit_device_descriptor d = device_descriptor(b);
    const char *s;

    assert_int_equal(d.idVendor, dfu_mode ? promised[i].dfu_vid : promised[i].runtime_vid);
    assert_int_equal(d.idProduct, dfu_mode ? promised[i].dfu_pid : promised[i].runtime_pid);
    if (!dfu_mode)
        assert_int_equal(d.bcdDevice, 0x0100);
    assert_int_equal(d.bDeviceClass, dfu_mode ? promised[i].dfu_class : 0);
    assert_int_equal(d.bDeviceSubClass, dfu_mode && promised[i].dfu_class != 0 ? 1 : 0);
    assert_int_equal(d.bDeviceProtocol, 0);
    assert_int_equal(d.bNumConfigurations, 1);
    s = string(b, d.iManufacturer);
    if (promised[i].manufacturer != NULL)
        assert_string_equal(s, promised[i].manufacturer);
    assert_true(s[0] != '\0');
    s = string(b, d.iProduct);
    if (dfu_mode && promised[i].dfu_product != NULL)
        assert_string_equal(s, promised[i].dfu_product);
    assert_true(s[0] != '\0');
    assert_true(string(b, d.iSerialNumber)[0] != '\0');
}

static void check_functional(size_t i, const uint8_t *bytes)
{
    dfukit_functional f;

    assert_int_equal(bytes[0], promised[i].functional_size);
    assert_int_equal(bytes[1], DFUKIT_DESC_DFU_FUNCTIONAL);
    assert_int_equal(dfukit_functional_decode(bytes, bytes[0], &f), promised[i].functional_size);
    assert_int_equal(f.bmAttributes, promised[i].attributes);
    assert_int_equal(f.wTransferSize, promised[i].transfer_size);
    assert_int_equal(f.bcdDFUVersion, promised[i].version);
}

static void check_interface(size_t i, bool dfu_mode, size_t nth, const uint8_t *bytes)
{
    dfukit_interface_descriptor d;

    assert_int_equal(dfukit_interface_descriptor_decode(bytes, 9, &d), 9);
    assert_int_equal(d.bNumEndpoints, 0);
    assert_int_equal(d.bAlternateSetting, 0);
    assert_int_equal(d.bInterfaceNumber, nth);
    if (!dfu_mode && nth == 0) {
        assert_int_equal(d.bInterfaceClass, 0xFF);
        return;
    }
    assert_int_equal(d.bInterfaceClass, 0xFE);
    assert_int_equal(d.bInterfaceSubClass, 0x01);
    assert_int_equal(d.bInterfaceProtocol,
                     dfu_mode ? promised[i].dfu_protocol : promised[i].runtime_protocol);
    if (dfu_mode)
        assert_int_equal(d.iInterface, 4);
}

/* Interfaces in order, the functional descriptor behind the last, and nothing else. */
static void check_configuration(bench *b, size_t i, bool dfu_mode)
{
    uint8_t bytes[256];
    int32_t n = descriptor(b, DFUKIT_DESC_CONFIGURATION, 0, bytes, sizeof bytes);
    size_t interfaces = 0, functionals = 0, at = 0;
    const uint8_t *d;

    assert_true(n > 9);
    assert_int_equal(bytes[2] | bytes[3] << 8, n);
    assert_int_equal(bytes[4], dfu_mode ? 1 : 2);
    assert_int_equal(bytes[5], 1);
    while (dfukit_descriptor_next(bytes, (size_t)n, &at, &d)) {
        if (d[1] == DFUKIT_DESC_INTERFACE) {
            assert_int_equal(functionals, 0);
            check_interface(i, dfu_mode, interfaces++, d);
        } else if (d[1] == DFUKIT_DESC_DFU_FUNCTIONAL) {
            functionals++;
            check_functional(i, d);
        } else {
            assert_int_equal(d[1], DFUKIT_DESC_CONFIGURATION);
        }
    }
    assert_int_equal(at, n);
    assert_int_equal(interfaces, dfu_mode ? 1 : 2);
    assert_int_equal(functionals, 1);
    if (dfu_mode)
        assert_true(string(b, 4)[0] != '\0');
}

/* Every wLength gives as much as was asked for, and no more than there is. */
static void check_lengths(bench *b)
{
    uint8_t whole[256], part[300];
    int32_t n = descriptor(b, DFUKIT_DESC_CONFIGURATION, 0, whole, sizeof whole);

    for (uint16_t wLength = 0; wLength < sizeof part; wLength++) {
        int32_t wanted = wLength < n ? wLength : n;
        int32_t got;

        memset(part, 0xEE, sizeof part);
        got = descriptor(b, DFUKIT_DESC_CONFIGURATION, 0, part, wLength);
        if (got != wanted || memcmp(part, whole, (size_t)wanted) != 0)
            fail_msg("wLength %u: %d bytes", wLength, got);
        assert_int_equal(part[wanted], 0xEE);
    }
    assert_int_equal(descriptor(b, DFUKIT_DESC_STRING, 99, part, 255), DFUKIT_ERR_STALL);
    assert_int_equal(descriptor(b, DFUKIT_DESC_BOS, 0, part, 255), DFUKIT_ERR_STALL);
    assert_int_equal(descriptor(b, DFUKIT_DESC_STRING, 0, part, 255), 4);
    assert_int_equal(part[2] | part[3] << 8, 0x0409);
}

static void test_as_promised(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROMISED; i++) {
        const dfukit_persona *p = dfukit_persona_find(promised[i].name);
        report r = {0};
        uint32_t n;
        bench b;

        print_message("persona %s\n", promised[i].name);
        assert_non_null(p);
        bench_open(&b, p, NULL);
        assert_true(attachment(&b) != 0);
        assert_true(b.wire.ops->full_speed(b.wire.self));
        dfukit_vflash_cells(dfukit_virtual_flash(b.device), &n);
        assert_int_equal(n, promised[i].memory);
        check_device(&b, i, false);
        check_configuration(&b, i, false);
        check_lengths(&b);
        assert_true(enter_dfu_mode(&b, &r));
        check_device(&b, i, true);
        check_configuration(&b, i, true);
        check_lengths(&b);
        bench_close(&b);
    }
}

static void check_region(const dfukit_persona *p, const dfukit_region *r)
{
    uint32_t unit = r->write_unit;
    uint64_t end = r->address;

    assert_true(unit >= 1 && unit <= 64 && (unit & (unit - 1)) == 0);
    assert_true(p->functional.wTransferSize % unit == 0 || p->dialect == DFUKIT_DIALECT_DFUSE);
    for (const dfukit_sectors *s = r->sectors; s->count != 0; s++) {
        assert_int_equal(s->size % unit, 0);
        end += (uint64_t)s->count * s->size;
    }
    assert_true(end > r->address && end <= 0xFFFFFFFFu);
}

/* Memory for each alternate setting, and none beyond. */
static void check_memory(const dfukit_persona *p)
{
    size_t alt = 0;

    if (p->dialect == DFUKIT_DIALECT_PLAIN) {
        if (p->dfu.idVendor != 0)
            assert_non_null(p->region);
        if (p->region != NULL)
            check_region(p, p->region);
        return;
    }
    for (; alt < DFUKIT_PERSONA_ALTERNATES && p->alternates[alt] != NULL; alt++) {
        assert_non_null(p->zones[alt]);
        assert_non_null(p->zones[alt]->sectors);
        for (const dfukit_region *z = p->zones[alt]; z->sectors != NULL; z++)
            check_region(p, z);
    }
    assert_true(alt > 0);
    assert_true(alt == DFUKIT_PERSONA_ALTERNATES || p->zones[alt] == NULL);
}

/* What every persona must keep to, those of the future included. */
static void test_every_row_is_sound(void **state)
{
    size_t found = 0;

    (void)state;
    for (size_t n = 0; dfukit_persona_at(n) != NULL; n++) {
        const dfukit_persona *p = dfukit_persona_at(n);
        bench b;

        print_message("persona %s\n", p->name);
        assert_ptr_equal(dfukit_persona_find(p->name), p);
        assert_true(p->description[0] != '\0' && strchr(p->description, '\n') == NULL);
        assert_true(p->runtime.idVendor != 0 || p->dfu.idVendor != 0);
        if (p->dfu.idVendor != 0) {
            assert_true(p->alternates[0] != NULL);
            assert_true(p->functional.wTransferSize >= p->max_packet_size0);
        }
        check_memory(p);
        bench_open(&b, p, NULL);
        assert_true(attachment(&b) != 0);
        assert_int_equal(device_descriptor(&b).idVendor,
                         p->runtime.idVendor != 0 ? p->runtime.idVendor : p->dfu.idVendor);
        bench_close(&b);
        for (size_t i = 0; i < PROMISED; i++)
            found += strcmp(promised[i].name, p->name) == 0;
    }
    assert_int_equal(found, PROMISED);
    assert_null(dfukit_persona_find("tom"));
    assert_null(dfukit_persona_find(""));
}

static void test_other_identity_and_serial(void **state)
{
    char serial[] = "TEST-7";
    char product[] = "Other";
    dfukit_identity other = {0x0483, 0xDF11, 0x2200, product, NULL};
    dfukit_virtual_options options = {.fast = true, .serial = serial, .dfu_identity = &other};
    dfukit_device_descriptor d;
    report r = {0};
    bench b;

    (void)state;
    bench_open(&b, dfukit_persona_find("micro"), &options);
    memset(serial, 'x', sizeof serial - 1); /* texts are copied */
    memset(product, 'x', sizeof product - 1);
    memset(&other, 0, sizeof other);
    d = device_descriptor(&b);
    assert_int_equal(d.idProduct, 0x0001);
    assert_string_equal(string(&b, d.iSerialNumber), "TEST-7");
    assert_true(enter_dfu_mode(&b, &r));
    d = device_descriptor(&b);
    assert_int_equal(d.idVendor, 0x0483);
    assert_int_equal(d.idProduct, 0xDF11);
    assert_int_equal(d.bcdDevice, 0x2200);
    assert_string_equal(string(&b, d.iProduct), "Other");
    assert_string_equal(string(&b, d.iSerialNumber), "TEST-7");
    bench_close(&b);

    options.serial = NULL;
    other = (dfukit_identity){0x0483, 0xDF11, 0x2200, NULL, NULL};
    bench_open(&b, dfukit_persona_find("micro"), &options);
    assert_true(enter_dfu_mode(&b, &r));
    d = device_descriptor(&b);
    assert_int_equal(d.iProduct, 0);
    assert_int_equal(d.iSerialNumber, 0);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_promised),
        cmocka_unit_test(test_every_row_is_sound),
        cmocka_unit_test(test_other_identity_and_serial),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
