/* SPDX-License-Identifier: MIT */
/* The USB/IP server, byte by byte: lists, imports, transfers, time. */
#include "unit/virtual/server_bench.h"

/* ---- Lists and imports ---- */

static void test_device_list(void **state)
{
    uint8_t bytes[12 + 316 + 4];
    dfukit_usbip_device d;
    int fd = client_new();

    (void)state;
    device[0].attachment = 0;
    device[0].return_us = UINT64_MAX;
    put(fd, "\x01\x11\x80\x05\0\0\0\0", 8);
    get(fd, bytes, 12 + 316);
    assert_memory_equal(bytes, "\x01\x11\x00\x05\0\0\0\0\0\0\0\x01", 12);
    dfukit_usbip_device_decode(bytes + 12, &d);
    assert_string_equal(d.path, "/sys/devices/dfukit/1-2");
    assert_string_equal(d.busid, "1-2");
    assert_int_equal(d.busnum, 1);
    assert_int_equal(d.devnum, 2); /* the first has 1, and keeps it until it comes back */
    assert_int_equal(d.speed, DFUKIT_USBIP_FULL);
    assert_int_equal(d.idVendor, 0x1209);
    assert_int_equal(d.idProduct, 0x0100);
    assert_int_equal(d.bcdDevice, 0x0234);
    assert_int_equal(d.bConfigurationValue, 1);
    assert_int_equal(d.bNumConfigurations, 1);
    assert_int_equal(d.bNumInterfaces, 1);
    assert_memory_equal(bytes + 12 + 312, "\xFE\x01\x02\0", 4);
    expect_close(fd);
}

static void test_import(void **state)
{
    uint8_t bytes[8];
    int first, second = client_new();
    uint32_t id = 0;

    (void)state;
    /* Off the bus, and nobody's. */
    device[1].attachment = 0;
    device[1].return_us = UINT64_MAX;
    serve_for(2000);
    assert_int_equal(ask_import(second, "1-2", &id), 4);
    expect_close(second);
    toy_attach(&device[1]);
    second = client_new();
    first = import("1-1");
    assert_int_equal(devid, 0x00010001);
    assert_int_equal(ask_import(second, "1-1", &id), 2);
    expect_close(second);
    second = client_new();
    assert_int_equal(ask_import(second, "9-9", &id), 4);
    expect_close(second);
    second = import("1-2");
    assert_int_equal(devid, 0x00010003);
    (void)close(second);

    /* Given back and taken in one go: the server sees both at the same time. */
    second = client_new();
    serve_for(2000);
    unlink_urb(first, 1, 99); /* it even left something unread */
    (void)close(first);
    assert_int_equal(ask_import(second, "1-1", &id), 0);
    (void)close(second);

    /* The same with the one who asks in front of the one who closes. */
    second = client_new();
    serve_for(2000);
    first = import("1-1");
    (void)close(first);
    assert_int_equal(ask_import(second, "1-1", &id), 0);
    (void)close(second);

    assert_int_equal(device[0].resets, 0); /* closing resets nothing */

    /* Another version, another operation: no answer but the end. */
    second = client_new();
    put(second, "\x01\x06\x80\x05\0\0\0\0", 8);
    expect_close(second);
    second = client_new();
    put(second, "\x01\x11\x80\x07\0\0\0\0", 8);
    assert_int_equal(recv(second, bytes, 1, 0), -1);
    expect_close(second);
}

/* clang-format off */
static const struct {
    const char *name;
    bool closes;       /* the owner lets go before the device leaves */
    bool resets;       /* the owner's reset makes it leave */
    uint64_t pause_us; /* between the two */
    uint32_t status;
} absences[] = {
    { "leaves its owner",            false, false, 0,       2 },
    { "reset by its owner",          false, true,  0,       2 },
    { "just let go of",              true,  false, 20000,   2 },
    { "let go of some time ago",     true,  false, 1100000, 4 },
};
/* clang-format on */

/* A device that is away during somebody's session is busy; then it is there again. */
static void test_busy_while_away(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(absences) / sizeof(absences[0]); i++) {
        int owner = import("1-1"), other;
        uint32_t status, id = 0;

        device[0].on_reset = device[0].on_detach = TOY_LEAVES;
        device[0].away_us = 300000;
        if (absences[i].closes) {
            (void)close(owner);
            serve_for(absences[i].pause_us);
            toy_go(&device[0], TOY_LEAVES);
        } else {
            submit(owner, 1, 0, OUT, absences[i].resets ? &port_reset : &detach, NULL);
            expect(owner, DFUKIT_RET_SUBMIT, 1, 0, 0, NULL);
        }
        serve_for(20000);
        assert_int_equal(device[0].attachment, 0);
        other = client_new();
        status = ask_import(other, "1-1", &id);
        if (status != absences[i].status)
            fail_msg("%s: status %u", absences[i].name, status);
        expect_close(other);
        if (!absences[i].closes)
            (void)close(owner);
        serve_for(400000);
        other = import("1-1");
        assert_int_equal(devid & 0xFFFF, 3 + i);
        (void)close(other);
        serve_for(5000);
    }
}

/* Nobody waits for ever: one that has not come back in time is gone. */
static void test_not_awaited_for_ever(void **state)
{
    int fd = import("1-1");
    uint32_t id = 0;

    (void)state;
    device[0].on_detach = TOY_LEAVES;
    device[0].away_us = UINT64_MAX;
    submit(fd, 1, 0, OUT, &detach, NULL);
    expect(fd, DFUKIT_RET_SUBMIT, 1, 0, 0, NULL);
    expect_close(fd);
    serve_for(4000000);
    fd = client_new();
    assert_int_equal(ask_import(fd, "1-1", &id), 2);
    expect_close(fd);
    serve_for(1200000);
    fd = client_new();
    assert_int_equal(ask_import(fd, "1-1", &id), 4);
    expect_close(fd);
}

/* Numbers as on a bus: one counter, seven bits, around, past those in use, never the last again. */
static void test_device_numbers(void **state)
{
    uint32_t expected = 2;

    (void)state;
    for (int i = 0; i < 300; i++) {
        int fd;

        toy_attach(&device[0]);
        expected = expected == 127 ? 1 : expected + 1;
        if (expected == 2) /* 1-2 has it all the while */
            expected = 3;
        fd = import("1-1");
        if ((devid & 0xFFFF) != expected)
            fail_msg("attachment %d: %u, not %u", i, devid & 0xFFFF, expected);
        (void)close(fd);
        if (i % 50 != 0)
            continue;
        fd = import("1-1"); /* the same attachment: the same number */
        assert_int_equal(devid & 0xFFFF, expected);
        (void)close(fd);
        fd = import("1-2");
        assert_int_equal(devid & 0xFFFF, 2);
        (void)close(fd);
    }
}

static void test_addresses(void **state)
{
    static const char *const wrong[] = {"",
                                        ":",
                                        "127.0.0.1",
                                        "127.0.0.1:",
                                        "127.0.0.1:65536",
                                        ":3240",
                                        "::1:3240",
                                        "[::1:3240",
                                        "[]:3240",
                                        "127.0.0.1:x",
                                        "127.0.0.1:-1",
                                        "127.0.0.1: 1",
                                        "256.0.0.1:3240",
                                        "no.such.host.invalid:3240"};
    char text[40];
    dfukit_server *other;
    int error = 1;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        other = dfukit_server_new(wrong[i], NULL, 0, &real, &error);
        if (other != NULL || error != DFUKIT_ERR_USAGE)
            fail_msg("\"%s\": %d", wrong[i], error);
    }
    (void)snprintf(text, sizeof(text), "127.0.0.1:%u", (unsigned)dfukit_server_port(server));
    other = dfukit_server_new(text, NULL, 0, &real, &error);
    assert_null(other);
    assert_int_equal(error, DFUKIT_ERR_BUSY);
    other = dfukit_server_new("[::1]:0", NULL, 0, &real, &error);
    if (other == NULL) /* a system without IPv6 says so */
        assert_true(error == DFUKIT_ERR_USAGE || error == DFUKIT_ERR_IO);
    else
        assert_true(dfukit_server_port(other) != 0);
    dfukit_server_free(&other);
}

/* ---- Transfers ---- */

static void test_control(void **state)
{
    static const uint8_t block[5] = "12345";
    const dfukit_setup dnload = {0x21, DFUKIT_DNLOAD, 0, 0, 5};
    const dfukit_setup upload = {0xA1, DFUKIT_UPLOAD, 0, 0, 64};
    uint8_t data[64];
    int fd = import("1-1");

    (void)state;
    submit(fd, 1, 0, IN, &get_device, NULL);
    expect(fd, DFUKIT_RET_SUBMIT, 1, 0, 18, data);
    assert_memory_equal(data, device[0].device, 18);
    submit(fd, 2, 0, OUT, &dnload, block);
    expect(fd, DFUKIT_RET_SUBMIT, 2, 0, 5, NULL); /* OUT: a number, no data */
    submit(fd, 3, 0, IN, &upload, NULL);
    expect(fd, DFUKIT_RET_SUBMIT, 3, 0, 5, data); /* short */
    assert_memory_equal(data, block, 5);
    submit(fd, 4, 0, IN, &unknown, NULL);
    expect(fd, DFUKIT_RET_SUBMIT, 4, -32, 0, NULL);
    expect_silence(fd, 20000);
    (void)close(fd);
}

/* clang-format off */
static const struct {
    const char *name;
    dfukit_setup setup;
    uint32_t direction, length;
} misfits[] = {
    { "OUT, shorter than wLength", { 0x21, 1, 0, 0, 8 },      OUT, 4 },
    { "OUT, longer than wLength",  { 0x21, 1, 0, 0, 4 },      OUT, 8 },
    { "IN, shorter than wLength",  { 0x80, 6, 0x0100, 0, 18 }, IN, 8 },
    { "IN, longer than wLength",   { 0x80, 6, 0x0100, 0, 18 }, IN, 64 },
    { "IN header, OUT setup",      { 0x21, 1, 0, 0, 8 },       IN, 8 },
    { "OUT header, IN setup",      { 0xA1, 3, 0, 0, 6 },      OUT, 6 },
    { "SET_ADDRESS",               { 0x00, 5, 7, 0, 0 },      OUT, 0 },
};
/* clang-format on */

static void test_misfits(void **state)
{
    int fd = import("1-1");

    (void)state;
    device[0].log_count = 0;
    for (size_t i = 0; i < sizeof(misfits) / sizeof(misfits[0]); i++) {
        dfukit_usbip_header h = {.command = DFUKIT_CMD_SUBMIT,
                                 .seqnum = (uint32_t)i,
                                 .devid = devid,
                                 .direction = misfits[i].direction,
                                 .length = misfits[i].length};
        uint8_t bytes[48 + 64] = {0};

        dfukit_setup_encode(&misfits[i].setup, h.setup);
        dfukit_usbip_header_encode(&h, bytes);
        put(fd, bytes, 48 + (h.direction == OUT ? h.length : 0));
        expect(fd, DFUKIT_RET_SUBMIT, (uint32_t)i, -32, 0, NULL);
        if (device[0].log_count != 0)
            fail_msg("%s: reached the device", misfits[i].name);
    }
    (void)close(fd);
}

static void test_other_endpoints(void **state)
{
    const dfukit_setup eight = {0, 0, 0, 0, 8};
    int fd = import("1-1");

    (void)state;
    submit(fd, 1, 2, OUT, &eight, "12345678");
    expect(fd, DFUKIT_RET_SUBMIT, 1, -32, 0, NULL);
    for (uint32_t i = 0; i < 33; i++)
        submit(fd, 100 + i, 1, IN, &eight, NULL);
    expect(fd, DFUKIT_RET_SUBMIT, 132, -12, 0, NULL); /* one too many */
    expect_silence(fd, 20000);
    unlink_urb(fd, 2, 116);
    expect(fd, DFUKIT_RET_UNLINK, 2, -104, 0, NULL);
    unlink_urb(fd, 3, 116);
    expect(fd, DFUKIT_RET_UNLINK, 3, 0, 0, NULL);
    submit(fd, 4, 0, IN, &get_device, NULL); /* endpoint 0 works all the while */
    expect(fd, DFUKIT_RET_SUBMIT, 4, 0, 18, (uint8_t[18]){0});
    (void)close(fd);
}

/* NAK: the answer comes when the device has it; what is behind waits its turn. */
static void test_pending(void **state)
{
    uint8_t data[18];
    int fd = import("1-1");
    uint64_t before = now_us();

    (void)state;
    device[0].nak_us = 60000;
    submit(fd, 1, 0, IN, &get_status, NULL);
    submit(fd, 2, 0, IN, &get_device, NULL);
    expect(fd, DFUKIT_RET_SUBMIT, 1, 0, 6, data);
    assert_in_range(now_us() - before, 60000, 1000000);
    expect(fd, DFUKIT_RET_SUBMIT, 2, 0, 18, data);
    (void)close(fd);
}

static void test_unlink(void **state)
{
    uint8_t data[18];
    int fd = import("1-1");

    (void)state;
    device[0].nak_us = UINT64_MAX;
    submit(fd, 1, 0, IN, &get_status, NULL); /* with the device */
    submit(fd, 2, 0, IN, &get_status, NULL); /* waiting */
    submit(fd, 3, 0, IN, &get_device, NULL); /* waiting */
    expect_silence(fd, 20000);
    unlink_urb(fd, 4, 2);
    expect(fd, DFUKIT_RET_UNLINK, 4, -104, 0, NULL);
    assert_int_equal(device[0].cancels, 0);
    unlink_urb(fd, 5, 1);
    expect(fd, DFUKIT_RET_UNLINK, 5, -104, 0, NULL);
    assert_int_equal(device[0].cancels, 1);
    expect(fd, DFUKIT_RET_SUBMIT, 3, 0, 18, data);
    unlink_urb(fd, 6, 3); /* too late */
    expect(fd, DFUKIT_RET_UNLINK, 6, 0, 0, NULL);

    /* Closing in the middle cancels, and frees the device for the next. */
    submit(fd, 7, 0, IN, &get_status, NULL);
    serve_for(5000);
    (void)close(fd);
    fd = import("1-1");
    assert_int_equal(device[0].cancels, 2);
    submit(fd, 1, 0, IN, &get_device, NULL);
    expect(fd, DFUKIT_RET_SUBMIT, 1, 0, 18, data);
    (void)close(fd);
}

/* ---- Time ---- */

static void test_waits_as_told(void **state)
{
    uint64_t before = now_us();
    struct timespec cpu[2];

    (void)state;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu[0]);
    dfukit_server_work(server, 200);
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu[1]);
    assert_in_range(now_us() - before, 199000, 400000);
    assert_true(
        (cpu[1].tv_sec - cpu[0].tv_sec) * 1000 + (cpu[1].tv_nsec - cpu[0].tv_nsec) / 1000000 < 50);
}

/* On a clock that only sleeping advances, devices live at the pace of their clients. */
static void test_virtual_clock(void **state)
{
    uint64_t us = 5;
    const dfukit_clock clock = dfukit_clock_virtual(&us);
    const dfukit_wire wire = toy_wire(&device[0]);
    uint8_t data[6];
    uint64_t before;
    int fd;

    (void)state;
    dfukit_server_free(&server);
    toy_init(&device[0], &clock);
    server = dfukit_server_new("127.0.0.1:0", &wire, 1, &clock, NULL);
    assert_non_null(server);
    device[0].nak_us = 50000;
    fd = import("1-1");
    before = now_us();
    submit(fd, 1, 0, IN, &get_status, NULL);
    expect(fd, DFUKIT_RET_SUBMIT, 1, 0, 6, data);
    assert_true(now_us() - before < 200000);
    assert_true(us >= 50000);
    (void)close(fd);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_busy_while_away), T(test_not_awaited_for_ever),
        T(test_device_numbers),  T(test_device_list),
        T(test_import),          T(test_addresses),
        T(test_control),         T(test_misfits),
        T(test_other_endpoints), T(test_pending),
        T(test_unlink),          T(test_waits_as_told),
        T(test_virtual_clock),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
