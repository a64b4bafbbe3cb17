/* SPDX-License-Identifier: MIT */
/* The USB/IP server against hostile clients: garbage, halves, greed. */
#include <sys/resource.h>

#include "unit/virtual/server_bench.h"

/* ---- Hostile clients ---- */

static void test_hostile_headers(void **state)
{
    /* clang-format off */
    static const struct {
        const char *name;
        uint32_t command, devid_error, length;
    } rows[] = {
        { "unknown command",        7,                  0, 0 },
        { "a reply",                DFUKIT_RET_SUBMIT,  0, 0 },
        { "a cancellation's reply", DFUKIT_RET_UNLINK,  0, 0 },
        { "another device",         DFUKIT_CMD_SUBMIT,  1, 0 },
        { "another bus",            DFUKIT_CMD_UNLINK,  0x10000, 0 },
        { "64 KiB",                 DFUKIT_CMD_SUBMIT,  0, 65536 },
        { "2 GiB",                  DFUKIT_CMD_SUBMIT,  0, 0x80000000 },
        { "4 GiB",                  DFUKIT_CMD_SUBMIT,  0, 0xFFFFFFFF },
    };
    /* clang-format on */
    int bystander = import("1-2");
    uint32_t bystander_devid = devid;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int fd = import("1-1");
        uint8_t bytes[48] = {0};

        bytes[3] = (uint8_t)rows[i].command;
        bytes[9] = (uint8_t)((devid + rows[i].devid_error) >> 16);
        bytes[11] = (uint8_t)(devid + rows[i].devid_error);
        bytes[24] = (uint8_t)(rows[i].length >> 24);
        bytes[25] = (uint8_t)(rows[i].length >> 16);
        put(fd, bytes, sizeof(bytes));
        expect_close(fd);
    }
    devid = bystander_devid;
    submit(bystander, 1, 0, IN, &get_device, NULL);
    expect(bystander, DFUKIT_RET_SUBMIT, 1, 0, 18, (uint8_t[18]){0});
    (void)close(bystander);
}

/* Everything a client may say, cut after every byte, all at once and byte by byte. */
static void test_cut_at_every_byte(void **state)
{
    const dfukit_setup dnload = {0x21, DFUKIT_DNLOAD, 0, 0, 32};
    dfukit_usbip_header h = {.command = DFUKIT_CMD_SUBMIT, .seqnum = 1, .length = 32};
    uint8_t bytes[40 + 48 + 32] = {0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0, '1', '-', '1'};
    uint8_t reply[320 + 48];

    (void)state;
    dfukit_setup_encode(&dnload, h.setup);
    h.devid = 0x00010001;
    dfukit_usbip_header_encode(&h, bytes + 40);
    for (size_t n = 0; n <= sizeof(bytes); n++) {
        int fd = client_new();
        bool closed;

        if (n % 2 == 0) {
            put(fd, bytes, n);
        } else {
            for (size_t i = 0; i < n; i++) {
                put(fd, bytes + i, 1);
                dfukit_server_work(server, 0);
            }
        }
        if (n < 40)
            assert_int_equal(get_some(fd, reply, 1, 0, &closed), 0);
        else
            get(fd, reply, n == sizeof(bytes) ? 368 : 320);
        (void)close(fd);
        serve_for(0);
    }
    assert_int_equal(device[0].stored, 32);
}

static void test_garbage(void **state)
{
    uint32_t x = 12345;

    (void)state;
    for (int round = 0; round < 200; round++) {
        uint8_t bytes[600];
        bool closed;
        int fd = round % 2 ? import("1-1") : client_new();

        for (size_t i = 0; i < sizeof(bytes); i++) {
            x = x * 1664525 + 1013904223;
            bytes[i] = (uint8_t)(x >> 24);
        }
        put(fd, bytes, sizeof(bytes));
        (void)get_some(fd, bytes, sizeof(bytes), 100000, &closed);
        assert_true(closed);
        (void)close(fd);
    }
}

/* A client that asks without end and never reads is not listened to any more; others are. */
static void test_deaf_client(void **state)
{
    const dfukit_setup upload = {0xA1, DFUKIT_UPLOAD, 0, 0, 65535};
    dfukit_usbip_header h = {.command = DFUKIT_CMD_SUBMIT, .direction = IN, .length = 65535};
    int fd = import("1-1");
    size_t pushed = 0;
    uint8_t bytes[48];
    int other;

    (void)state;
    device[0].stored = 65535;
    h.devid = devid;
    dfukit_setup_encode(&upload, h.setup);
    for (uint64_t end = now_us() + 300000; now_us() < end;) {
        h.seqnum++;
        dfukit_usbip_header_encode(&h, bytes);
        if (send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL) == (ssize_t)sizeof(bytes))
            pushed++;
        dfukit_server_work(server, 0);
    }
    assert_true(pushed > 1000);
    assert_true(device[0].log_count < 400); /* in the system's buffers and 32 replies */
    other = import("1-2");
    (void)close(other);
    (void)close(fd);
}

static void test_too_many_connections(void **state)
{
    int fd[80];

    (void)state;
    for (size_t i = 0; i < 80; i++) {
        fd[i] = client_new();
        serve_for(0);
    }
    for (size_t i = 0; i < 80; i++)
        (void)close(fd[i]);
    fd[0] = import("1-1");
    (void)close(fd[0]);
}

/* Out of file descriptors, accept() fails; once there are some, nobody has to wait for long. */
static void test_no_descriptors_left(void **state)
{
    struct rlimit before, none;
    uint8_t bytes[12];
    uint64_t start;
    int fd = client_new();

    (void)state;
    put(fd, "\x01\x11\x80\x05\0\0\0\0", 8);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = (rlim_t)fd + 1;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    dfukit_server_work(server, 20);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(recv(fd, bytes, 1, 0), -1);
    start = now_us();
    dfukit_server_work(server, 3000); /* accepts */
    dfukit_server_work(server, 3000); /* answers */
    assert_true(now_us() - start < 1000000);
    assert_int_equal(recv(fd, bytes, sizeof(bytes), 0), sizeof(bytes));
    (void)close(fd);
}

/* A connection that says nothing does not keep its place. */
static void test_silent_connection(void **state)
{
    int fd = client_new();
    uint64_t before = now_us();
    uint8_t byte;
    bool closed;

    (void)state;
    put(fd, "\x01\x11", 2);
    assert_int_equal(get_some(fd, &byte, 1, 7000000, &closed), 0);
    assert_true(closed);
    assert_in_range(now_us() - before, 4500000, 6000000);
    (void)close(fd);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_hostile_headers),     T(test_cut_at_every_byte),    T(test_garbage),
        T(test_deaf_client),         T(test_too_many_connections), T(test_silent_connection),
        T(test_no_descriptors_left),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
