/* SPDX-License-Identifier: MIT */
/* The standard requests (USB 2.0 §9.4) in every state of a device, in both modes. */
#include "pipe_bench.h"

static void the_address_comes_after_the_status_stage(void **state)
{
    bench b;

    (void)state;
    begin(&b, true);
    setup(&b, 0, DFUKIT_USB_SET_ADDRESS, 77, 0, 0);
    assert_int_equal(b.p.address, 0);
    dfukit_ep0_sent(&b.p);
    assert_int_equal(b.p.address, 77);
    setup(&b, 0, DFUKIT_USB_SET_ADDRESS, 78, 0, 0);
    setup(&b, 0x80, DFUKIT_USB_GET_DESCRIPTOR, 0x0100, 0, 8); /* its status stage was lost */
    dfukit_ep0_sent(&b.p);
    dfukit_ep0_received(&b.p, NULL, 0);
    assert_int_equal(b.p.address, 77);
    setup(&b, 0, DFUKIT_USB_SET_ADDRESS, 78, 0, 0);
    assert_true(command(&b, 0, DFUKIT_USB_SET_CONFIGURATION, 0, 0));
    assert_int_equal(b.p.address, 77);
    assert_true(command(&b, 0, DFUKIT_USB_SET_ADDRESS, 127, 0));
    assert_int_equal(b.p.address, 127);
    assert_false(command(&b, 0, DFUKIT_USB_SET_ADDRESS, 128, 0));
    assert_int_equal(b.p.address, 127);
    dfukit_ep0_bus_reset(&b.p);
    assert_int_equal(b.p.address, 0);
}

typedef struct check {
    uint8_t type, request;
    uint16_t value, index;
    int result; /* of an IN request: its number; -1: a stall; 0 for an OUT request that is accepted
                 */
} check;

static void run(bench *b, const check *checks, size_t count, const char *what)
{
    for (size_t i = 0; i < count; i++) {
        const check *c = &checks[i];
        uint8_t state = b->m.dfu.state;
        int got = (c->type & 0x80u) != 0 ? get(b, c->type, c->request, c->value, c->index)
                                         : command(b, c->type, c->request, c->value, c->index) - 1;

        if (got != c->result)
            fail_msg("%s, check %zu: %d", what, i, got);
        if (b->m.dfu.state != state)
            fail_msg("%s, check %zu: state %u", what, i, b->m.dfu.state);
    }
}

static void standard_requests(void **state)
{
    /* clang-format off */
    static const check before[] = { /* SET_CONFIGURATION */
        {0x80, 0, 0, 0, 0}, {0x80, 0, 1, 0, -1}, {0x80, 0, 0, 1, -1},
        {0x81, 0, 0, 0, -1}, {0x82, 0, 0, 0, 0}, {0x82, 0, 0, 0x80, 0}, {0x82, 0, 0, 0x81, -1},
        {0x82, 0, 0, 1, -1}, {0x82, 0, 0, 0x0100, -1},
        {0x80, 8, 0, 0, 0}, {0x80, 8, 1, 0, -1}, {0x80, 8, 0, 1, -1},   /* GET_CONFIGURATION */
        {0x81, 10, 0, 0, -1}, {0x01, 11, 0, 0, -1},                     /* no interface yet */
        {0x00, 9, 2, 0, -1}, {0x00, 9, 0x0101, 0, -1}, {0x00, 9, 1, 1, -1}, {0x01, 9, 1, 0, -1},
        {0x00, 9, 0, 0, 0},
        {0x00, 1, 1, 0, -1}, {0x00, 3, 1, 0, -1}, {0x02, 1, 0, 0, -1}, {0x02, 3, 0, 0, -1},
        {0x00, 7, 0x0100, 0, -1}, {0x80, 7, 0, 0, -1}, {0x82, 12, 0, 0, -1}, {0x80, 255, 0, 0, -1},
        {0x00, 6, 0x0100, 0, -1}, {0x00, 0, 0, 0, -1}, {0x80, 9, 1, 0, -1}, {0x80, 5, 1, 0, -1},
        {0x03, 9, 1, 0, -1}, {0x83, 8, 0, 0, -1},
        {0x00, 0x85, 1, 0, -1}, {0x00, 0x89, 1, 0, -1}, {0x80, 0x80, 0, 0, -1}, /* all 8 bits count */
        {0x80, 0, 0, 0x80, -1}, {0x80, 8, 0, 0x80, -1}, {0x00, 9, 1, 0x80, -1}, /* no endpoints */
        {0x00, 9, 1, 0, 0},
    };
    static const check after[] = {
        {0x80, 8, 0, 0, 1}, {0x81, 0, 0, 0x80, -1}, {0x81, 0, 0, 0, 0},
        {0x81, 0, 0, 1, -1}, {0x81, 0, 0, 0x0100, -1},
        {0x81, 10, 0, 0, 0}, {0x81, 10, 0, 1, -1}, {0x81, 10, 1, 0, -1},
        {0x01, 11, 2, 0, 0}, {0x81, 10, 0, 0, 2}, {0x01, 11, 3, 0, -1}, {0x01, 11, 0x0100, 0, -1},
        {0x01, 11, 0x0101, 0, -1}, {0x01, 11, 0, 1, -1}, {0x81, 10, 0, 0, 2},
        {0x00, 5, 3, 0, -1}, /* an address while configured */
        {0x00, 9, 1, 0, 0}, {0x81, 10, 0, 0, 0},                        /* again: setting 0 */
        {0x00, 9, 0, 0, 0}, {0x80, 8, 0, 0, 0}, {0x81, 10, 0, 0, -1},
        {0x00, 9, 1, 0, 0},
    };
    static const check run_time[] = {
        {0x80, 0, 0, 0, 1},                                             /* self-powered */
        {0x81, 0, 0, 2, 0}, {0x81, 0, 0, 3, -1},
        {0x01, 11, 0, 0, 0}, {0x01, 11, 0, 1, 0}, {0x01, 11, 0, 2, 0}, {0x01, 11, 0, 3, -1},
        {0x01, 11, 1, 0, -1}, {0x01, 11, 1, 2, -1},
        {0x81, 10, 0, 0, 0}, {0x81, 10, 0, 2, 0}, {0x81, 10, 0, 3, -1},
    };
    /* clang-format on */
    bench b;

    (void)state;
    begin(&b, true);
    run(&b, before, LENGTH(before), "DFU mode");
    assert_true(b.m.dfu.configured);
    run(&b, after, LENGTH(after), "DFU mode, configured");
    begin_configured(&b, false);
    run(&b, run_time, LENGTH(run_time), "run-time mode");
}

/* The answers of the class leave nothing behind in those of GET_STATUS. */
static void get_status_has_two_bytes(void **state)
{
    uint8_t bytes[64];
    unsigned packets;
    bench b;

    (void)state;
    begin_configured(&b, true);
    b.m.left_us = 0x00FFFFFF * 1000u; /* a bwPollTimeout of ones in all bytes but the last */
    assert_int_equal(fetch(&b, 0xA1, DFUKIT_GETSTATUS, 0, 0, 6, bytes, &packets), 6);
    assert_int_not_equal(bytes[1], 0);
    assert_int_equal(get(&b, 0x80, DFUKIT_USB_GET_STATUS, 0, 0), 0);
    assert_int_equal(get(&b, 0x81, DFUKIT_USB_GET_STATUS, 0, 0), 0);
}

/* A DNLOAD whose data never comes is over with the next SETUP, whatever that is. */
static void a_standard_request_ends_a_download(void **state)
{
    uint8_t bytes[64];
    unsigned packets;
    bench b;

    (void)state;
    begin_configured(&b, true);
    setup(&b, 0x21, DFUKIT_DNLOAD, 0, 0, 32);
    assert_int_equal(b.p.action, DFUKIT_EP0_RECEIVE);
    assert_int_equal(fetch(&b, 0x80, DFUKIT_USB_GET_DESCRIPTOR, 0x0100, 0, 18, bytes, &packets),
                     18);
    assert_int_equal(b.m.dfu.state, DFUKIT_DFU_IDLE);
    setup(&b, 0x21, DFUKIT_DNLOAD, 0, 0, 32);
    assert_true(command(&b, 0x01, DFUKIT_USB_SET_INTERFACE, 1, 0));
    assert_int_equal(b.m.dfu.state, DFUKIT_DFU_IDLE);
    assert_int_equal(b.m.writes, 0);
}

/* Standard requests with data towards the device, which none of ours has. */
static void unexpected_data_stages(void **state)
{
    static const check rows[] = {{0x00, 5, 1, 0, 0}, {0x00, 9, 1, 0, 0}, {0x01, 11, 0, 0, 0}};
    bench b;

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        begin_configured(&b, true);
        setup(&b, rows[i].type, rows[i].request, rows[i].value, 0, 1);
        assert_int_equal(b.p.action, DFUKIT_EP0_STALL);
    }
}

static void a_bus_reset(void **state)
{
    bench b;

    (void)state;
    begin_configured(&b, true);
    setup(&b, 0x21, DFUKIT_DNLOAD, 0, 0, 65);
    assert_int_equal(b.m.dfu.state, DFUKIT_DFU_ERROR);
    dfukit_ep0_bus_reset(&b.p);
    assert_int_equal(b.p.action, DFUKIT_EP0_RECEIVE);
    assert_int_equal(b.m.dfu.state, DFUKIT_APP_IDLE);
    assert_int_equal(dfukit_dfu_wish(&b.m.dfu), DFUKIT_WISH_REATTACH_APP);
    assert_int_equal(get(&b, 0x80, DFUKIT_USB_GET_CONFIGURATION, 0, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_address_comes_after_the_status_stage),
        cmocka_unit_test(standard_requests),
        cmocka_unit_test(get_status_has_two_bytes),
        cmocka_unit_test(a_standard_request_ends_a_download),
        cmocka_unit_test(unexpected_data_stages),
        cmocka_unit_test(a_bus_reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
