/* SPDX-License-Identifier: MIT */
/* The USB/IP server: the bytes of one connection. Whatever makes no sense ends this connection
 * only. */
#include "server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bytes to take from one connection before the others get their turn. */
#define TURN_BYTES 262144u

dfukit_connection *dfukit_connection_new(int fd)
{
    const int on = 1;
    dfukit_connection *c = calloc(1, sizeof(*c));

    if (c == NULL)
        return NULL;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    c->fd = fd;
    c->phase = DFUKIT_PHASE_REQUEST;
    c->deadline_ms = dfukit_server_real_us() / 1000 + DFUKIT_SERVER_REQUEST_MS;
    return c;
}

void dfukit_connection_drop(dfukit_connection *c)
{
    if (c->phase == DFUKIT_PHASE_DEAD)
        return;
    dfukit_urb_abandon(c);
    (void)close(c->fd);
    c->fd = -1;
    c->phase = DFUKIT_PHASE_DEAD;
}

void dfukit_connection_free(dfukit_connection *c)
{
    dfukit_connection_drop(c);
    dfukit_fifo_clear(&c->replies);
    free(c->incoming);
    free(c);
}

void dfukit_connection_finish(dfukit_connection *c)
{
    c->phase = DFUKIT_PHASE_CLOSING;
    c->deadline_ms = dfukit_server_real_us() / 1000 + DFUKIT_SERVER_FLUSH_MS;
}

void dfukit_connection_check(dfukit_connection *c, uint64_t now_ms)
{
    if (c->phase != DFUKIT_PHASE_DEVICE && now_ms >= c->deadline_ms)
        dfukit_connection_drop(c);
}

/* ---- Out ---- */

/* All is sent. Closing now would destroy what the client has not read yet, if it has sent something
 * meanwhile: the system answers unread bytes with a reset. So: say goodbye, and wait for it. */
static void linger(dfukit_connection *c)
{
    (void)shutdown(c->fd, SHUT_WR);
    c->phase = DFUKIT_PHASE_LINGER;
    c->deadline_ms = dfukit_server_real_us() / 1000 + DFUKIT_SERVER_LINGER_MS;
}

void dfukit_connection_write(dfukit_connection *c)
{
    while (c->phase != DFUKIT_PHASE_DEAD && c->replies.first != NULL) {
        dfukit_packet *p = c->replies.first;
        ssize_t n = send(c->fd, p->bytes + p->sent, p->size - p->sent, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (n < 0) {
            dfukit_connection_drop(c);
            return;
        }
        p->sent += (size_t)n;
        if (p->sent == p->size)
            free(dfukit_fifo_pop(&c->replies));
    }
    if (c->phase == DFUKIT_PHASE_CLOSING)
        linger(c);
}

/* ---- In ---- */

/* Linux's tools cut the device number to eight bits on its way from the list to the kernel. */
static bool devid_fits(const dfukit_connection *c, uint32_t devid)
{
    const uint32_t kept = 0x00FF00FFu;

    return (devid & kept) == (c->devid & kept);
}

/* A whole header of an imported device. */
static void on_header(dfukit_connection *c)
{
    dfukit_usbip_header h;
    dfukit_packet *p;
    bool out;

    c->have = 0;
    if (dfukit_usbip_header_decode(c->head, &h) != DFUKIT_OK || !devid_fits(c, h.devid) ||
        (h.command != DFUKIT_CMD_SUBMIT && h.command != DFUKIT_CMD_UNLINK)) {
        dfukit_connection_drop(c);
        return;
    }
    out = h.direction != DFUKIT_USBIP_DIR_IN;
    /* IN transfers of other endpoints are never answered with data. */
    p = dfukit_packet_new(DFUKIT_USBIP_HEADER_SIZE + (out || h.ep == 0 ? h.length : 0));
    if (p == NULL) {
        dfukit_connection_drop(c);
        return;
    }
    p->header = h;
    if (h.command == DFUKIT_CMD_UNLINK) {
        dfukit_urb_unlink(c, p);
    } else if (out && h.length > 0) {
        c->incoming = p;
        c->data_have = 0;
    } else {
        dfukit_urb_submit(c, p);
    }
}

/* `n` bytes have come to where next_bytes() wanted them. */
static void on_bytes(dfukit_server *s, dfukit_connection *c, size_t n)
{
    if (c->incoming != NULL) {
        dfukit_packet *p = c->incoming;

        c->data_have += n;
        if (c->data_have == p->header.length) {
            c->incoming = NULL;
            dfukit_urb_submit(c, p);
        }
        return;
    }
    c->have += n;
    if (c->phase == DFUKIT_PHASE_DEVICE) {
        if (c->have == DFUKIT_USBIP_HEADER_SIZE)
            on_header(c);
    } else if (c->have == dfukit_request_size(c)) {
        dfukit_request_serve(s, c);
    }
}

/* Where the next bytes belong, and how many are wanted. */
static uint8_t *next_bytes(dfukit_connection *c, size_t *n)
{
    if (c->incoming != NULL) {
        *n = c->incoming->header.length - c->data_have;
        return c->incoming->bytes + DFUKIT_USBIP_HEADER_SIZE + c->data_have;
    }
    *n = (c->phase == DFUKIT_PHASE_DEVICE ? DFUKIT_USBIP_HEADER_SIZE : dfukit_request_size(c)) -
         c->have;
    return c->head + c->have;
}

void dfukit_connection_read(dfukit_server *s, dfukit_connection *c)
{
    uint8_t waste[256] = {0};
    size_t taken = 0;

    while (taken < TURN_BYTES && c->phase != DFUKIT_PHASE_DEAD &&
           c->phase != DFUKIT_PHASE_CLOSING && c->replies.count < DFUKIT_SERVER_REPLIES) {
        size_t room = sizeof(waste);
        uint8_t *to = c->phase == DFUKIT_PHASE_LINGER ? waste : next_bytes(c, &room);
        ssize_t n = recv(c->fd, to, room, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (n <= 0) {
            dfukit_connection_drop(c);
            return;
        }
        taken += (size_t)n;
        if (c->phase != DFUKIT_PHASE_LINGER)
            on_bytes(s, c, (size_t)n);
        if (c->phase == DFUKIT_PHASE_DEVICE && c->queue.count >= DFUKIT_SERVER_QUEUE)
            (void)dfukit_urb_run(s, c);
    }
}
