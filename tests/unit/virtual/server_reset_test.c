/* SPDX-License-Identifier: MIT */
/* The USB/IP server: resets by the client, and devices that leave by themselves. */
#include "unit/virtual/server_bench.h"

/* ---- Resets and departures ---- */

/* clang-format off */
static const struct {
    const char *name;
    const dfukit_setup *request;
    toy_after after;
    uint64_t away_us;
} resets[] = {
    { "PORT_RESET, the same device",   &port_reset,    TOY_STAYS,   0 },
    { "PORT_RESET, another at once",   &port_reset,    TOY_CHANGES, 0 },
    { "PORT_RESET, another later",     &port_reset,    TOY_LEAVES,  80000 },
    { "inferred, the same device",     &get_device_64, TOY_STAYS,   0 },
    { "inferred, another at once",     &get_device_64, TOY_CHANGES, 0 },
    { "inferred, another later",       &get_device_64, TOY_LEAVES,  80000 },
};
/* clang-format on */

static void test_resets(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(resets) / sizeof(resets[0]); i++) {
        int fd = import("1-1");
        uint8_t data[64];
        uint64_t before = now_us();

        device[0].resets = 0;
        device[0].on_reset = resets[i].after;
        device[0].away_us = resets[i].away_us;
        device[0].changes_product = true;
        submit(fd, 1, 0, IN, &get_device, NULL);
        submit(fd, 2, 0, resets[i].request == &port_reset ? OUT : IN, resets[i].request, NULL);
        submit(fd, 3, 0, IN, &get_device, NULL);
        expect(fd, DFUKIT_RET_SUBMIT, 1, 0, 18, data);
        if (resets[i].request == &port_reset)
            expect(fd, DFUKIT_RET_SUBMIT, 2, 0, 0, NULL);
        else
            expect(fd, DFUKIT_RET_SUBMIT, 2, 0, 18, data);
        expect(fd, DFUKIT_RET_SUBMIT, 3, 0, 18, data);
        if (device[0].resets != 1)
            fail_msg("%s: %u resets", resets[i].name, device[0].resets);
        if (data[10] != device[0].device[10])
            fail_msg("%s: an old descriptor", resets[i].name);
        assert_true(now_us() - before >= resets[i].away_us);
        /* The next departure is the device's own. */
        device[0].on_detach = TOY_CHANGES;
        submit(fd, 4, 0, OUT, &detach, NULL);
        expect(fd, DFUKIT_RET_SUBMIT, 4, 0, 0, NULL);
        expect_close(fd);
    }
}

/* clang-format off */
static const struct {
    const char *name;
    dfukit_setup setup;
} no_resets[] = {
    { "GET_DESCRIPTOR(device, 8)",         { 0x80, 6, 0x0100, 0, 8 } },
    { "GET_DESCRIPTOR(device, 18)",        { 0x80, 6, 0x0100, 0, 18 } },
    { "GET_DESCRIPTOR(device, 255)",       { 0x80, 6, 0x0100, 0, 255 } },
    { "GET_DESCRIPTOR(configuration, 64)", { 0x80, 6, 0x0200, 0, 64 } },
    { "SET_FEATURE(PORT_POWER)",           { 0x23, 3, 8, 1, 0 } },
    { "SET_FEATURE to the device",         { 0x00, 3, 4, 0, 0 } },
    { "CLEAR_FEATURE(PORT_RESET)",         { 0x23, 1, 4, 1, 0 } },
};
/* clang-format on */

static void test_what_is_no_reset(void **state)
{
    int fd = import("1-1");

    (void)state;
    for (size_t i = 0; i < sizeof(no_resets) / sizeof(no_resets[0]); i++) {
        uint8_t bytes[48 + 255];
        bool closed;

        submit(fd, 1, 0, dfukit_setup_is_in(&no_resets[i].setup) ? IN : OUT, &no_resets[i].setup,
               NULL);
        assert_true(get_some(fd, bytes, sizeof(bytes), 10000, &closed) >= 48);
        assert_false(closed);
        if (device[0].resets != 0)
            fail_msg("%s: taken for a reset", no_resets[i].name);
    }
    (void)close(fd);
}

/* A device that leaves by itself: its last reply is delivered, what waits is told, then the end. */
static void test_departure(void **state)
{
    static const toy_after ways[] = {TOY_LEAVES, TOY_CHANGES};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const dfukit_setup eight = {0, 0, 0, 0, 8};
        int fd = import("1-1");

        device[0].on_detach = ways[i];
        device[0].away_us = 50000;
        submit(fd, 1, 1, IN, &eight, NULL);
        submit(fd, 2, 0, OUT, &detach, NULL);
        submit(fd, 3, 0, IN, &get_device, NULL);
        submit(fd, 4, 0, IN, &get_status, NULL);
        expect(fd, DFUKIT_RET_SUBMIT, 2, 0, 0, NULL);
        expect(fd, DFUKIT_RET_SUBMIT, 3, -19, 0, NULL);
        expect(fd, DFUKIT_RET_SUBMIT, 4, -19, 0, NULL);
        expect(fd, DFUKIT_RET_SUBMIT, 1, -108, 0, NULL);
        put(fd, "late", 4); /* must not spoil what is on its way */
        expect_close(fd);
        serve_for(80000);
        assert_int_equal(device[0].attachment, 2 + i);
        fd = import("1-1");                      /* the device is free, under a new number */
        assert_int_equal(devid & 0xFFFF, 3 + i); /* 2 is the other device's */
        (void)close(fd);
        serve_for(5000);
    }
}

/* What the client sends meanwhile does not turn the goodbye into a reset of the connection. */
static void test_departure_is_orderly(void **state)
{
    int fd = import("1-1");
    uint8_t byte;

    (void)state;
    device[0].nak_us = UINT64_MAX;
    submit(fd, 1, 0, IN, &get_status, NULL);
    serve_for(2000);
    toy_attach(&device[0]);
    submit(fd, 2, 0, IN, &get_status, NULL);
    serve_for(2000);
    expect(fd, DFUKIT_RET_SUBMIT, 1, -19, 0, NULL);
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    (void)close(fd);
    device[0].violations = 0; /* the server need not know that the transfer went with the device */
}

/* One that does not come back after a reset. */
static void test_lost_after_reset(void **state)
{
    int fd = import("1-1");
    uint64_t before = now_us();
    uint8_t bytes[96];
    bool closed;

    (void)state;
    device[0].on_reset = TOY_LEAVES;
    device[0].away_us = UINT64_MAX;
    submit(fd, 1, 0, OUT, &port_reset, NULL);
    submit(fd, 2, 0, IN, &get_device, NULL);
    expect(fd, DFUKIT_RET_SUBMIT, 1, 0, 0, NULL);
    assert_int_equal(get_some(fd, bytes, 48, 7000000, &closed), 48);
    assert_memory_equal(bytes + 20, "\xFF\xFF\xFF\xED", 4);
    assert_in_range(now_us() - before, 4900000, 6800000);
    expect_close(fd);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_resets),           T(test_what_is_no_reset),
        T(test_departure),        T(test_departure_is_orderly),
        T(test_lost_after_reset),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
