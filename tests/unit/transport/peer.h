/* SPDX-License-Identifier: MIT */
/*
 * A USB/IP server made for tests of the client: one thread, one connection at a time, a toy device
 * behind it; honest unless told otherwise. It uses nothing of the real server.
 */
#ifndef DFUKIT_PEER_H
#define DFUKIT_PEER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "dfukit/transport.h"
#include "dfukit/usbip.h"
#include "unit/transport/toy_wire.h"

typedef struct peer peer;
struct peer {
    toy *device;
    /* What it says. */
    uint32_t claimed; /* number of devices in its list, when not 1 */
    bool claims;
    uint32_t import_status;
    uint16_t version;
    uint8_t interface_class;
    const char *busid;
    unsigned hold;     /* answer only when so many submissions have come */
    bool silent;       /* answer no class request, but cancellations */
    bool deaf;         /* not even those */
    unsigned drip_ms;  /* between bytes */
    unsigned start_ms; /* until it listens; before that, connections are refused */
    /* Confirm cancellations with status 0, each with so many answers to what was cancelled behind
     * it: at once, or in front of the answer to what is submitted next. */
    unsigned late_answers;
    bool late_with_next;
    uint32_t late_length; /* … of so many bytes, */
    bool late_data;       /* which follow */
    /* Instead of the honest answer to a class request. */
    void (*answer)(peer *p, int fd, const dfukit_usbip_header *h);
    /* Cut what it sends: on this connection (counted from 0), after so many bytes. */
    bool cuts, cut_stalls;
    size_t cut_connection, cut_at;

    /* What came. */
    atomic_size_t connections, submissions, unlinks;
    uint32_t unlinked[16];
    dfukit_setup setups[64];

    int listener;
    uint16_t port;
    pthread_t thread;
    atomic_bool stop;
    size_t sent; /* on this connection */
};

static inline uint64_t peer_now_us(void *self)
{
    struct timespec t;

    (void)self;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static inline void peer_sleep_us(void *self, uint64_t delay)
{
    struct timespec t = {.tv_sec = (time_t)(delay / 1000000u),
                         .tv_nsec = (long)(delay % 1000000u) * 1000};

    (void)self;
    (void)nanosleep(&t, NULL);
}

static const dfukit_clock peer_clock = {.now_us = peer_now_us, .sleep_us = peer_sleep_us};

/* Wait for bytes, the other's end, or the order to stop. */
static inline bool peer_wait(peer *p, int fd)
{
    while (!atomic_load(&p->stop)) {
        struct pollfd f = {.fd = fd, .events = POLLIN};

        if (poll(&f, 1, 5) > 0)
            return true;
    }
    return false;
}

static inline bool peer_recv(peer *p, int fd, uint8_t *bytes, size_t n)
{
    size_t have = 0;

    while (have < n) {
        ssize_t some;

        if (!peer_wait(p, fd))
            return false;
        some = recv(fd, bytes + have, n - have, 0);
        if (some <= 0)
            return false;
        have += (size_t)some;
    }
    return true;
}

static inline bool peer_send(peer *p, int fd, const uint8_t *bytes, size_t n)
{
    if (p->cuts && p->cut_connection + 1 == atomic_load(&p->connections) &&
        p->sent + n > p->cut_at) {
        (void)send(fd, bytes, p->cut_at - p->sent, MSG_NOSIGNAL);
        p->sent = p->cut_at;
        while (p->cut_stalls && peer_wait(p, fd)) {
            uint8_t waste[256];

            if (recv(fd, waste, sizeof(waste), 0) <= 0)
                break;
        }
        return false;
    }
    p->sent += n;
    for (size_t i = 0; p->drip_ms > 0 && i < n && !atomic_load(&p->stop); i++) {
        if (send(fd, bytes + i, 1, MSG_NOSIGNAL) != 1)
            return false;
        peer_sleep_us(NULL, p->drip_ms * 1000u);
    }
    return p->drip_ms > 0 || send(fd, bytes, n, MSG_NOSIGNAL) == (ssize_t)n;
}

static inline void peer_record(const peer *p, uint8_t bytes[312])
{
    dfukit_usbip_device d;

    memset(&d, 0, sizeof(d));
    memcpy(d.path, "/toy", 5);
    strncpy(d.busid, p->busid, sizeof(d.busid) - 1);
    d.busnum = 1;
    d.devnum = p->device->attachment;
    d.speed = DFUKIT_USBIP_FULL;
    d.idVendor = 0x1209;
    d.idProduct = (uint16_t)(p->device->device[10] | p->device->device[11] << 8);
    d.bcdDevice = 0x0234;
    d.bConfigurationValue = d.bNumConfigurations = d.bNumInterfaces = 1;
    dfukit_usbip_device_encode(&d, bytes);
}

static inline bool peer_reply(peer *p, int fd, uint32_t command, uint32_t seqnum, int32_t status,
                              uint32_t length, const uint8_t *data, size_t n)
{
    const dfukit_usbip_header h = {
        .command = command, .seqnum = seqnum, .status = status, .length = length};
    uint8_t bytes[48];

    dfukit_usbip_header_encode(&h, bytes);
    return peer_send(p, fd, bytes, sizeof(bytes)) && (n == 0 || peer_send(p, fd, data, n));
}

static inline bool peer_honest(peer *p, int fd, const dfukit_usbip_header *h, uint8_t *data)
{
    static const uint8_t port_reset[4] = {0x23, 3, 4, 0};
    dfukit_setup s;
    int32_t got;

    dfukit_setup_decode(h->setup, &s);
    if (memcmp(h->setup, port_reset, 4) == 0) {
        toy_reset(p->device);
        return peer_reply(p, fd, DFUKIT_RET_SUBMIT, h->seqnum, 0, 0, NULL, 0);
    }
    got = toy_control(p->device, &s, data);
    if (got < 0)
        return peer_reply(p, fd, DFUKIT_RET_SUBMIT, h->seqnum,
                          got == DFUKIT_ERR_STALL ? -DFUKIT_USBIP_EPIPE : -DFUKIT_USBIP_ENODEV, 0,
                          NULL, 0);
    return peer_reply(p, fd, DFUKIT_RET_SUBMIT, h->seqnum, 0, (uint32_t)got, data,
                      h->direction == DFUKIT_USBIP_DIR_IN ? (size_t)got : 0);
}

static inline bool peer_answer_late(peer *p, int fd, uint32_t seqnum)
{
    static const uint8_t data[65536];

    for (unsigned i = 0; i < p->late_answers; i++) {
        if (!peer_reply(p, fd, DFUKIT_RET_SUBMIT, seqnum, 0, p->late_length, data,
                        p->late_data ? p->late_length : 0))
            return false;
    }
    return true;
}

static inline bool peer_unlink(peer *p, int fd, const dfukit_usbip_header *h)
{
    size_t n = atomic_fetch_add(&p->unlinks, 1);

    if (n < 16)
        p->unlinked[n] = h->unlink_seqnum;
    if (p->deaf)
        return true;
    if (!peer_reply(p, fd, DFUKIT_RET_UNLINK, h->seqnum,
                    p->late_answers > 0 ? 0 : -DFUKIT_USBIP_ECONNRESET, 0, NULL, 0))
        return false;
    return p->late_answers == 0 || p->late_with_next || peer_answer_late(p, fd, h->unlink_seqnum);
}

/* What was cancelled is answered now. */
static inline bool peer_flush_late(peer *p, int fd)
{
    size_t n = atomic_load(&p->unlinks);

    for (size_t i = 0; i < n && i < 16; i++) {
        if (!peer_answer_late(p, fd, p->unlinked[i]))
            return false;
    }
    p->late_with_next = false;
    return true;
}

/* One CMD_SUBMIT or CMD_UNLINK. */
static inline bool peer_command(peer *p, int fd)
{
    static uint8_t data[8][65536];
    static dfukit_usbip_header held[8];
    static unsigned holding;
    dfukit_usbip_header h;
    uint8_t bytes[48];
    bool class_request;

    if (!peer_recv(p, fd, bytes, sizeof(bytes)) || dfukit_usbip_header_decode(bytes, &h) < 0)
        return false;
    if (h.command == DFUKIT_CMD_UNLINK)
        return peer_unlink(p, fd, &h);
    if (h.direction == DFUKIT_USBIP_DIR_OUT && !peer_recv(p, fd, data[holding], h.length))
        return false;
    {
        size_t n = atomic_fetch_add(&p->submissions, 1);

        if (n < 64)
            dfukit_setup_decode(h.setup, &p->setups[n]);
    }
    class_request = (h.setup[0] & 0x60) == 0x20 && h.setup[0] != 0x23;
    if (class_request && p->silent)
        return true;
    if (p->late_with_next && atomic_load(&p->unlinks) > 0 && !peer_flush_late(p, fd))
        return false;
    if (class_request && p->answer != NULL) {
        p->answer(p, fd, &h);
        return true;
    }
    held[holding++] = h;
    if (class_request && holding < p->hold)
        return true;
    for (unsigned i = 0; i < holding; i++) {
        if (!peer_honest(p, fd, &held[i], data[i])) {
            holding = 0;
            return false;
        }
    }
    holding = 0;
    return true;
}

static inline void peer_serve(peer *p, int fd)
{
    uint8_t request[8], bytes[12 + 312 + 4] = {0}, busid[32];
    dfukit_usbip_op op;

    if (!peer_recv(p, fd, request, 8))
        return;
    dfukit_usbip_op_decode(request, &op);
    op.version = p->version;
    if (op.code == DFUKIT_OP_REQ_DEVLIST) {
        uint32_t claimed = p->claims ? p->claimed : 1;

        op.code = DFUKIT_OP_REP_DEVLIST;
        dfukit_usbip_op_encode(&op, bytes);
        bytes[8] = (uint8_t)(claimed >> 24);
        bytes[9] = (uint8_t)(claimed >> 16);
        bytes[10] = (uint8_t)(claimed >> 8);
        bytes[11] = (uint8_t)claimed;
        peer_record(p, bytes + 12);
        bytes[12 + 312] = p->interface_class;
        bytes[12 + 313] = 1;
        (void)peer_send(p, fd, bytes, sizeof(bytes));
        return;
    }
    if (!peer_recv(p, fd, busid, sizeof(busid)))
        return;
    op.code = DFUKIT_OP_REP_IMPORT;
    op.status = p->import_status;
    dfukit_usbip_op_encode(&op, bytes);
    peer_record(p, bytes + 8);
    if (!peer_send(p, fd, bytes, p->import_status == 0 ? 8 + 312 : 8))
        return;
    while (p->import_status == 0 && peer_command(p, fd))
        ;
}

static inline void *peer_main(void *self)
{
    const int on = 1;
    peer *p = self;

    for (unsigned ms = 0; ms < p->start_ms && !atomic_load(&p->stop); ms++)
        peer_sleep_us(NULL, 1000);
    if (p->start_ms > 0 && listen(p->listener, 8) != 0)
        return NULL;
    while (peer_wait(p, p->listener)) {
        int fd = accept(p->listener, NULL, NULL);

        if (fd < 0)
            continue;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        p->sent = 0;
        atomic_fetch_add(&p->connections, 1);
        peer_serve(p, fd);
        (void)close(fd);
    }
    return NULL;
}

static inline void peer_init(peer *p, toy *device)
{
    memset(p, 0, sizeof(*p));
    p->device = device;
    p->version = DFUKIT_USBIP_VERSION;
    p->interface_class = DFUKIT_CLASS_APPLICATION;
    p->busid = "1-1";
}

/* @return false when there is no socket to be had. */
static inline bool peer_start(peer *p)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(a);

    p->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (p->listener < 0 || bind(p->listener, (struct sockaddr *)&a, sizeof(a)) != 0 ||
        (p->start_ms == 0 && listen(p->listener, 8) != 0) ||
        getsockname(p->listener, (struct sockaddr *)&a, &n) != 0)
        return false;
    p->port = ntohs(a.sin_port);
    return pthread_create(&p->thread, NULL, peer_main, p) == 0;
}

static inline void peer_stop(peer *p)
{
    atomic_store(&p->stop, true);
    (void)pthread_join(p->thread, NULL);
    (void)close(p->listener);
}

#endif
