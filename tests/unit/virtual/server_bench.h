/* SPDX-License-Identifier: MIT */
/*
 * A USB/IP server with two toy devices, and a client made of bare sockets that takes turns with it
 * in one thread.
 */
#ifndef DFUKIT_SERVER_BENCH_H
#define DFUKIT_SERVER_BENCH_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "dfukit/usbip.h"
#include "dfukit/virtual.h"
#include "unit/transport/toy_wire.h"

#define IN  DFUKIT_USBIP_DIR_IN
#define OUT DFUKIT_USBIP_DIR_OUT

static toy device[2];
static dfukit_server *server;
static dfukit_clock real;

static inline uint64_t now_us(void)
{
    return real.now_us(real.self);
}

static inline int setup(void **state)
{
    dfukit_wire wires[2];
    int error = -1;

    (void)state;
    real = dfukit_clock_real();
    for (int i = 0; i < 2; i++) {
        toy_init(&device[i], &real);
        wires[i] = toy_wire(&device[i]);
    }
    server = dfukit_server_new("127.0.0.1:0", wires, 2, &real, &error);
    assert_int_equal(error, DFUKIT_OK);
    return server == NULL;
}

static inline int teardown(void **state)
{
    (void)state;
    dfukit_server_free(&server);
    assert_null(server);
    assert_int_equal(device[0].violations, 0);
    assert_int_equal(device[1].violations, 0);
    return 0;
}

/* ---- A client ---- */

static inline int client_new(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                            .sin_port = htons(dfukit_server_port(server))};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

static inline void serve_for(uint64_t duration_us)
{
    uint64_t end = now_us() + duration_us;

    do
        dfukit_server_work(server, 1);
    while (now_us() < end);
}

static inline void put(int fd, const void *bytes, size_t n)
{
    assert_int_equal(send(fd, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
}

/* What comes within the time, up to n bytes. *closed: the server has closed. */
static inline size_t get_some(int fd, uint8_t *bytes, size_t n, uint64_t time_us, bool *closed)
{
    uint64_t end = now_us() + time_us;
    size_t have = 0;

    *closed = false;
    while (have < n && !*closed) {
        ssize_t some;

        dfukit_server_work(server, 1);
        some = recv(fd, bytes + have, n - have, 0);
        if (some > 0)
            have += (size_t)some;
        else if (some == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
            *closed = true;
        else if (now_us() >= end)
            break;
    }
    return have;
}

static inline void get(int fd, uint8_t *bytes, size_t n)
{
    bool closed;
    size_t have = get_some(fd, bytes, n, 2000000, &closed);

    if (have != n)
        fail_msg("%zu bytes instead of %zu%s", have, n, closed ? ", then the end" : "");
}

static inline void expect_close(int fd)
{
    uint8_t byte;
    bool closed;
    size_t n = get_some(fd, &byte, 1, 2000000, &closed);

    assert_int_equal(n, 0);
    assert_true(closed);
    (void)close(fd);
}

static inline void expect_silence(int fd, uint64_t time_us)
{
    uint8_t byte;
    bool closed;
    size_t n = get_some(fd, &byte, 1, time_us, &closed);

    assert_int_equal(n, 0);
    assert_false(closed);
}

/* @return the status of OP_REP_IMPORT; *devid when it is 0. */
static inline uint32_t ask_import(int fd, const char *busid, uint32_t *devid)
{
    uint8_t bytes[320] = {0x01, 0x11, 0x80, 0x03};
    dfukit_usbip_device d;

    strncpy((char *)bytes + 8, busid, 31);
    put(fd, bytes, 40);
    get(fd, bytes, 8);
    assert_memory_equal(bytes, "\x01\x11\x00\x03", 4);
    if (bytes[7] != 0)
        return bytes[7];
    get(fd, bytes + 8, 312);
    dfukit_usbip_device_decode(bytes + 8, &d);
    assert_string_equal(d.busid, busid);
    *devid = d.busnum << 16 | d.devnum;
    return 0;
}

static uint32_t devid;

static inline int import(const char *busid)
{
    int fd = client_new();

    assert_int_equal(ask_import(fd, busid, &devid), 0);
    return fd;
}

static inline void submit(int fd, uint32_t seqnum, uint32_t ep, uint32_t direction,
                          const dfukit_setup *s, const void *data)
{
    dfukit_usbip_header h = {.command = DFUKIT_CMD_SUBMIT,
                             .seqnum = seqnum,
                             .devid = devid,
                             .direction = direction,
                             .ep = ep,
                             .length = s->wLength};
    uint8_t bytes[48];

    if (ep == 0)
        dfukit_setup_encode(s, h.setup);
    dfukit_usbip_header_encode(&h, bytes);
    put(fd, bytes, sizeof(bytes));
    if (direction == OUT && s->wLength > 0)
        put(fd, data, s->wLength);
}

static inline void unlink_urb(int fd, uint32_t seqnum, uint32_t victim)
{
    const dfukit_usbip_header h = {
        .command = DFUKIT_CMD_UNLINK, .seqnum = seqnum, .devid = devid, .unlink_seqnum = victim};
    uint8_t bytes[48];

    dfukit_usbip_header_encode(&h, bytes);
    put(fd, bytes, sizeof(bytes));
}

/* The next reply must be this one; its data go to `data`. */
static inline void expect(int fd, uint32_t command, uint32_t seqnum, int32_t status,
                          uint32_t length, uint8_t *data)
{
    dfukit_usbip_header h;
    uint8_t bytes[48];

    get(fd, bytes, sizeof(bytes));
    assert_int_equal(dfukit_usbip_header_decode(bytes, &h), DFUKIT_OK);
    if (h.command != command || h.seqnum != seqnum || h.status != status || h.length != length)
        fail_msg("command %u seqnum %u status %d length %u, not %u %u %d %u", h.command, h.seqnum,
                 (int)h.status, h.length, command, seqnum, (int)status, length);
    assert_int_equal(h.devid | h.direction | h.ep, 0);
    assert_memory_equal(bytes + 28, "\0\0\0\0\0\0\0\0", 8); /* start_frame, number_of_packets */
    if (data != NULL)
        get(fd, data, length);
}

static const dfukit_setup get_device = {0x80, 6, 0x0100, 0, 18};
static const dfukit_setup get_device_64 = {0x80, 6, 0x0100, 0, 64};
static const dfukit_setup port_reset = {0x23, 3, 4, 1, 0};
static const dfukit_setup get_status = {0xA1, DFUKIT_GETSTATUS, 0, 0, 6};
static const dfukit_setup detach = {0x21, DFUKIT_DETACH, 1000, 0, 0};
static const dfukit_setup unknown = {0xC0, 0x55, 0, 0, 4};

#endif
