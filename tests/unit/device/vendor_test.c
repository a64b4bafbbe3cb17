/* SPDX-License-Identifier: MIT */
/* Vendor requests to the device: the replies that capabilities in the BOS announce (Microsoft
 * OS 2.0 descriptors, WebUSB). Every field of the SETUP packet has to be right. */
#include "pipe_bench.h"

static const uint8_t os_20[40] = {10, 0, 0, 0, 0, 0, 3, 6, 40, 0};
static const uint8_t url[] = {15, 3, 1, 'd', 'f', 'u', '.', 'e', 'x', 'a', 'm', 'p', 'l', 'e', '/'};
static const uint8_t other[] = {1, 2, 3, 4};

static const dfukit_vendor_reply replies[] = {
    {0x21, 7, 0, sizeof os_20, os_20},
    {0x22, 2, 1, sizeof url, url},
    {0x22, 2, 3, sizeof other, other},
    {0x22, 2, 4, 0, other}, /* an empty one */
};
static const dfukit_descriptor_set with_replies = {dfu_list, replies, LENGTH(dfu_list),
                                                   LENGTH(replies)};
/* What stands behind the list does not belong to it. */
static const dfukit_descriptor_set with_fewer = {dfu_list, replies, LENGTH(dfu_list), 2};

static void begin_with(bench *b, const dfukit_descriptor_set *set)
{
    begin(b, true);
    dfukit_ep0_init(&b->p, set, &b->m.dfu);
}

static void replies_are_found(void **state)
{
    bench b;

    (void)state;
    begin_with(&b, &with_replies);
    for (size_t i = 0; i < LENGTH(replies); i++) {
        const dfukit_vendor_reply *r = &replies[i];
        uint8_t bytes[64];
        unsigned packets;
        int n;

        n = fetch(&b, 0xC0, r->bRequest, r->wValue, r->wIndex, sizeof bytes, bytes, &packets);
        if (n != r->n || memcmp(bytes, r->bytes, r->n) != 0)
            fail_msg("reply %zu: %d bytes", i, n);
        n = fetch(&b, 0xC0, r->bRequest, r->wValue, r->wIndex, 3, bytes, &packets);
        if (n != (r->n < 3 ? r->n : 3))
            fail_msg("reply %zu, cut: %d bytes", i, n);
    }
    assert_int_equal(b.m.dfu.state, DFUKIT_DFU_IDLE);
    assert_int_equal(b.m.dfu.status, DFUKIT_STATUS_OK);
}

/* A vendor request that is none of these stalls, and is nothing to the class. */
static void nothing_else_is(void **state)
{
    static const struct {
        uint8_t type, request;
        uint16_t value, index;
    } rows[] = {
        {0xC0, 0x20, 0, 7},          {0xC0, 0x22, 0, 7}, {0xC0, 0x21, 0, 8},
        {0xC0, 0x21, 0, 0},          {0xC0, 0x21, 1, 7}, {0xC0, 0x21, 0x0100, 7},
        {0xC0, 0x21, 0, 0x0107},     {0xC0, 0x22, 2, 2}, {0xC0, 0x22, 5, 2},
        {0xC1, 0x21, 0, 7},          {0xC2, 0x21, 0, 7}, {0xBF, 0x21, 0, 7},
        {0xE0, 0x21, 0, 7},          {0xA0, 0x21, 0, 7}, {0x80, 0x21, 0, 7},
        {0xC0, DFUKIT_UPLOAD, 0, 0},
    };
    bench b;

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        begin_with(&b, &with_replies);
        assert_true(command(&b, 0, DFUKIT_USB_SET_CONFIGURATION, 1, 0));
        setup(&b, rows[i].type, rows[i].request, rows[i].value, rows[i].index, 64);
        if (b.p.action != DFUKIT_EP0_STALL || b.m.dfu.state != DFUKIT_DFU_IDLE ||
            b.m.dfu.status != DFUKIT_STATUS_OK)
            fail_msg("row %zu: action %u, state %u", i, b.p.action, b.m.dfu.state);
    }
}

static void the_count_bounds_the_list(void **state)
{
    uint8_t bytes[64];
    unsigned packets;
    bench b;

    (void)state;
    begin_with(&b, &with_fewer);
    assert_int_equal(fetch(&b, 0xC0, 0x22, 1, 2, 64, bytes, &packets), (int)sizeof url);
    assert_int_equal(fetch(&b, 0xC0, 0x22, 3, 2, 64, bytes, &packets), -1);
    begin_with(&b, &dfu_set); /* none at all */
    assert_int_equal(fetch(&b, 0xC0, 0x21, 0, 7, 64, bytes, &packets), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_are_found),
        cmocka_unit_test(nothing_else_is),
        cmocka_unit_test(the_count_bounds_the_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
