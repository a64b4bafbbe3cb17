/* SPDX-License-Identifier: MIT */
/*
 * The sets of tests/unit/device/products.h as a host meets them: what it reads through endpoint 0
 * with every kind of wLength, and what it makes of the bytes when it walks over them.
 */
#include "mock_store.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "products.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])
#define CANARY        0xC9

static const dfukit_dfu_config bare_config = {DFUKIT_CONFIG_OF(bare), .store = &mock_store};
static const dfukit_dfu_config pad_config = {DFUKIT_CONFIG_OF(pad), .store = &mock_store};
static const dfukit_dfu_config old_config = {DFUKIT_CONFIG_OF(old), .store = &mock_store};
static const dfukit_dfu_config se_config = {DFUKIT_CONFIG_OF(se), .store = &mock_store};
static const dfukit_dfu_config twin_config = {DFUKIT_CONFIG_OF(twin), .store = &mock_store};

static const struct product {
    const char *name;
    const dfukit_dfu_config *config;
    bool dfu_mode;
    const dfukit_descriptor_set *set;
} products[] = {
    {"bare", &bare_config, true, &bare_dfu_descriptors},
    {"pad", &pad_config, true, &pad_dfu_descriptors},
    {"pad, run-time", &pad_config, false, &pad_runtime_descriptors},
    {"old", &old_config, true, &old_dfu_descriptors},
    {"old, run-time", &old_config, false, &old_runtime_descriptors},
    {"se", &se_config, true, &se_dfu_descriptors},
    {"twin", &twin_config, true, &twin_dfu_descriptors},
    {"twin, run-time", &twin_config, false, &twin_runtime_descriptors},
};

typedef struct bench {
    mock store;
    dfukit_dfu dfu;
    dfukit_ep0 p;
    uint8_t block[4096];
} bench;

static void attach(bench *b, const struct product *product)
{
    static const uint8_t id[] = {0x01, 0xAB, 0xFF};

    dfukit_serial_encode(id, sizeof id, pad_serial, sizeof pad_serial);
    mock_init(&b->store, DFUKIT_CAN_DNLOAD, false);
    dfukit_dfu_init(&b->dfu, product->config, &b->store, b->block);
    dfukit_dfu_attach(&b->dfu, product->dfu_mode);
    dfukit_ep0_init(&b->p, product->set, &b->dfu);
}

/* An IN request, packet by packet. @return bytes; -1: stall; -2: against the protocol. */
static int fetch(bench *b, uint8_t type, uint8_t request, uint16_t value, uint16_t index,
                 uint16_t length, uint8_t *to, size_t room)
{
    const dfukit_setup s = {type, request, value, index, length};
    unsigned packet = b->dfu.config->max_packet_size0;
    uint8_t bytes[8];
    size_t got = 0;
    uint8_t last;

    dfukit_setup_encode(&s, bytes);
    dfukit_ep0_setup(&b->p, bytes);
    if (b->p.action == DFUKIT_EP0_STALL)
        return -1;
    do {
        last = b->p.n;
        if (b->p.action != DFUKIT_EP0_SEND || last > packet || got + last > room)
            return -2;
        if (last != 0)
            memcpy(to + got, b->p.data, last);
        got += last;
        dfukit_ep0_sent(&b->p);
    } while (last == packet && got < length);
    if (b->p.action != DFUKIT_EP0_RECEIVE)
        return -2;
    if (length != 0)
        dfukit_ep0_received(&b->p, NULL, 0);
    return dfukit_ep0_idle(&b->p) ? (int)got : -2;
}

/* A reply is what there is of the descriptor, cut to wLength, and nothing after it. */
static void expect_reply(bench *b, const char *name, const dfukit_setup *s, const uint8_t *wanted,
                         uint16_t n)
{
    static const uint16_t lengths[] = {
        1,   2,   7,   8,   9,   15,  16, 17,  18,  31,  32,   33,   63,    64,    65,    127,
        128, 129, 254, 255, 256, 257, 0,  511, 512, 513, 4095, 4096, 32767, 32768, 65534, 65535};
    static uint8_t got[70000];
    uint16_t around[] = {(uint16_t)(n - 1), n, (uint16_t)(n + 1)};

    for (size_t i = 0; i < LENGTH(lengths) + LENGTH(around); i++) {
        uint16_t length = i < LENGTH(lengths) ? lengths[i] : around[i - LENGTH(lengths)];
        uint16_t most = length < n ? length : n;
        int count;

        memset(got, CANARY, n + 100u);
        count =
            fetch(b, s->bmRequestType, s->bRequest, s->wValue, s->wIndex, length, got, sizeof got);
        if (count != most)
            fail_msg("%s, bRequest %u wValue 0x%04X wIndex %u wLength %u: %d bytes, not %u", name,
                     s->bRequest, s->wValue, s->wIndex, length, count, most);
        if (memcmp(got, wanted, most) != 0 || got[most] != CANARY)
            fail_msg("%s, bRequest %u wValue 0x%04X wIndex %u wLength %u: other bytes", name,
                     s->bRequest, s->wValue, s->wIndex, length);
    }
}

static void replies_are_never_longer_than_asked_for(void **state)
{
    static bench b;

    (void)state;
    for (const struct product *t = products; t < products + LENGTH(products); t++) {
        attach(&b, t);
        for (const dfukit_descriptor *d = t->set->list; d < t->set->list + t->set->count; d++) {
            const dfukit_setup s = {0x80, 6, d->wValue, 0, 0};

            expect_reply(&b, t->name, &s, d->bytes, d->n);
        }
        for (unsigned i = 0; i < t->set->vendor_count; i++) {
            const dfukit_vendor_reply *v = &t->set->vendor[i];
            const dfukit_setup s = {0xC0, v->bRequest, v->wValue, v->wIndex, 0};

            expect_reply(&b, t->name, &s, v->bytes, v->n);
        }
    }
}

static void what_is_not_there_stalls(void **state)
{
    static const dfukit_setup absent[] = {
        {0x80, 6, 0x0101, 0, 255}, {0x80, 6, 0x0201, 0, 255}, {0x80, 6, 0x0600, 0, 255},
        {0x80, 6, 0x03EE, 0, 255}, {0x80, 6, 0x0400, 0, 255}, {0x80, 6, 0x2100, 0, 255},
        {0x80, 6, 0x0F01, 0, 255}, {0xC0, 0x5A, 1, 7, 255},   {0xC0, 0x5A, 0, 2, 255},
        {0xC0, 0x5A, 2, 2, 255},   {0xC0, 0x5A, 0, 8, 255},   {0xC0, 0x5B, 0, 7, 255},
        {0xC1, 0x5A, 0, 7, 255},   {0x40, 0x5A, 0, 7, 0},
    };
    static bench b;
    uint8_t bytes[255];

    (void)state;
    for (const struct product *t = products; t < products + LENGTH(products); t++) {
        attach(&b, t);
        for (size_t i = 0; i < LENGTH(absent); i++) {
            const dfukit_setup *s = &absent[i];
            int n = fetch(&b, s->bmRequestType, s->bRequest, s->wValue, s->wIndex, s->wLength,
                          bytes, sizeof bytes);

            if (n != -1)
                fail_msg("%s, row %zu: %d", t->name, i, n);
        }
    }
}

/* ---- What a host makes of it ---- */

/* Every index a descriptor names has a text, and none is named that has not. */
static void expect_text(bench *b, const char *name, uint8_t index)
{
    uint8_t bytes[255];
    char text[400];
    int n;

    if (index == 0)
        return;
    n = fetch(b, 0x80, 6, (uint16_t)(0x0300 | index), 0x0409, 255, bytes, sizeof bytes);
    if (n < 4 || n != bytes[0] || dfukit_string_decode(bytes, (size_t)n, text, sizeof text) < 1)
        fail_msg("%s: text %u has %d bytes", name, index, n);
}

static void walk_configuration(bench *b, const struct product *t, const uint8_t *bytes, size_t n)
{
    size_t at = 0, interfaces = 0, alternates = 0, functionals = 0;
    const uint8_t *found;
    dfukit_interface_descriptor i;
    dfukit_functional f;

    while (dfukit_descriptor_next(bytes, n, &at, &found)) {
        if (found[1] == DFUKIT_DESC_INTERFACE) {
            assert_int_equal(dfukit_interface_descriptor_decode(found, found[0], &i), 9);
            interfaces += i.bAlternateSetting == 0;
            assert_int_equal(i.bInterfaceNumber, interfaces - 1);
            expect_text(b, t->name, i.iInterface);
            if (i.bInterfaceClass == DFUKIT_CLASS_APPLICATION) {
                assert_int_equal(i.bInterfaceNumber,
                                 t->dfu_mode ? 0 : t->config->interface_runtime);
                assert_int_equal(i.bAlternateSetting, alternates);
                alternates++;
            }
        } else if (found[1] == DFUKIT_DESC_DFU_FUNCTIONAL) {
            functionals++;
            assert_true(dfukit_functional_decode(found, found[0], &f) > 0);
            assert_int_equal(f.bmAttributes, t->config->functional.bmAttributes);
            assert_int_equal(f.wDetachTimeOut, t->config->functional.wDetachTimeOut);
            assert_int_equal(f.wTransferSize, t->config->functional.wTransferSize);
            assert_int_equal(f.bcdDFUVersion, t->config->functional.bcdDFUVersion);
        }
    }
    assert_int_equal(at, n);
    assert_int_equal(bytes[2] | bytes[3] << 8, n);
    assert_int_equal(bytes[4], interfaces);
    assert_int_equal(interfaces, t->dfu_mode ? 1 : t->config->interfaces_runtime);
    assert_int_equal(alternates, t->dfu_mode ? t->config->alternates : 1);
    assert_int_equal(functionals, 1);
    assert_int_equal((bytes[7] & 0x40) != 0, t->config->self_powered);
}

/* A platform capability names a vendor request, and what this answers has the length it says. */
static void follow_capability(bench *b, const char *name, const uint8_t *capability)
{
    static uint8_t bytes[4096];
    int n;

    if (capability[2] != DFUKIT_CAPABILITY_PLATFORM)
        return;
    if (capability[0] == 28) {
        n = fetch(b, 0xC0, capability[26], 0, 7, sizeof bytes, bytes, sizeof bytes);
        assert_int_equal(n, capability[24] | capability[25] << 8);
        assert_int_equal(n, bytes[8] | bytes[9] << 8);
    } else {
        assert_int_equal(capability[0], 24);
        n = fetch(b, 0xC0, capability[22], capability[23], 2, 255, bytes, sizeof bytes);
        if (n < 4 || n != bytes[0] || bytes[1] != 3)
            fail_msg("%s: a URL of %d bytes", name, n);
    }
}

static void walk_bos(bench *b, const struct product *t, const uint8_t *bytes, size_t n)
{
    size_t at = 0, capabilities = 0;
    const uint8_t *found;

    assert_int_equal(bytes[2] | bytes[3] << 8, n);
    while (dfukit_descriptor_next(bytes, n, &at, &found)) {
        if (found == bytes)
            continue;
        assert_int_equal(found[1], DFUKIT_DESC_DEVICE_CAPABILITY);
        capabilities++;
        follow_capability(b, t->name, found);
    }
    assert_int_equal(at, n);
    assert_int_equal(bytes[4], capabilities);
}

static void a_host_understands_them(void **state)
{
    static bench b;
    static uint8_t bytes[4096];
    dfukit_device_descriptor device;

    (void)state;
    for (const struct product *t = products; t < products + LENGTH(products); t++) {
        int n;

        attach(&b, t);
        n = fetch(&b, 0x80, 6, 0x0100, 0, 64, bytes, sizeof bytes);
        assert_int_equal(n, 18);
        assert_int_equal(dfukit_device_descriptor_decode(bytes, 18, &device), 18);
        assert_int_equal(device.bMaxPacketSize0, t->config->max_packet_size0);
        expect_text(&b, t->name, device.iManufacturer);
        expect_text(&b, t->name, device.iProduct);
        expect_text(&b, t->name, device.iSerialNumber);
        n = fetch(&b, 0x80, 6, 0x0200, 0, sizeof bytes, bytes, sizeof bytes);
        assert_true(n > 0);
        walk_configuration(&b, t, bytes, (size_t)n);
        n = fetch(&b, 0x80, 6, 0x0F00, 0, sizeof bytes, bytes, sizeof bytes);
        assert_int_equal(n > 0, device.bcdUSB > 0x0200);
        if (n > 0)
            walk_bos(&b, t, bytes, (size_t)n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_are_never_longer_than_asked_for),
        cmocka_unit_test(what_is_not_there_stalls),
        cmocka_unit_test(a_host_understands_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
