/* SPDX-License-Identifier: MIT */
/*
 * The USB/IP server: transfers of an imported device. Control transfers run in order, one at a
 * time.
 *
 * The wire carries no bus reset. Linux's client resets on its own and then reads the device
 * descriptor with wLength 64, which it does at no other time; Linux's server takes
 * SET_FEATURE(PORT_RESET) for one. Both are obeyed. What attaches after a reset by the client is
 * the device it goes on with; a device that leaves by itself takes the connection with it, as if it
 * had been unplugged.
 */
#include "server.h"

#include <stdlib.h>
#include <string.h>

#define LINUX_ENOMEM 12
/* Where number_of_packets stands in a RET_SUBMIT. */
#define NUMBER_OF_PACKETS 32u

static const uint8_t port_reset[4] = {0x23, 0x03, 0x04, 0x00};
static const uint8_t inferred_reset[8] = {0x80, 0x06, 0x00, 0x01, 0x00, 0x00, 0x40, 0x00};

static bool is_port_reset(const dfukit_packet *p)
{
    return memcmp(p->header.setup, port_reset, sizeof(port_reset)) == 0;
}

static bool is_reset(const dfukit_packet *p)
{
    return is_port_reset(p) || memcmp(p->header.setup, inferred_reset, sizeof(inferred_reset)) == 0;
}

/* ---- Answers ---- */

/* Turn a CMD_SUBMIT into its RET_SUBMIT. */
static void complete(dfukit_connection *c, dfukit_packet *p, int32_t status, size_t moved)
{
    const dfukit_usbip_header reply = {
        .command = DFUKIT_RET_SUBMIT,
        .seqnum = p->header.seqnum,
        .status = status,
        .length = (uint32_t)moved,
    };

    dfukit_usbip_header_encode(&reply, p->bytes);
    /* Linux's server sends 0 for what is not isochronous, unlike its client. */
    memset(p->bytes + NUMBER_OF_PACKETS, 0, 4);
    p->size = DFUKIT_USBIP_HEADER_SIZE;
    if (p->header.direction == DFUKIT_USBIP_DIR_IN)
        p->size += moved;
    p->sent = 0;
    dfukit_fifo_push(&c->replies, p);
}

static int32_t status_of(int32_t result)
{
    switch (result) {
    case DFUKIT_ERR_STALL:
        return -DFUKIT_USBIP_EPIPE;
    case DFUKIT_ERR_GONE:
        return -DFUKIT_USBIP_ENODEV;
    default:
        return result < 0 ? -DFUKIT_USBIP_ETIMEDOUT : 0;
    }
}

static void cancel_started(dfukit_connection *c)
{
    const dfukit_packet *p = c->queue.first;

    if (p != NULL && p->started)
        c->export->wire.ops->cancel(c->export->wire.self);
}

static void release(dfukit_connection *c)
{
    if (c->export != NULL && c->export->owner == c) {
        c->export->owner = NULL;
        c->export->released_us = dfukit_server_real_us();
    }
    c->export = NULL;
}

void dfukit_urb_abandon(dfukit_connection *c)
{
    if (c->export != NULL)
        cancel_started(c);
    release(c);
    dfukit_fifo_clear(&c->queue);
    dfukit_fifo_clear(&c->parked);
}

/* The device has left: everything under way ends, and then the connection. */
static void depart(dfukit_connection *c)
{
    dfukit_packet *p;

    cancel_started(c);
    while ((p = dfukit_fifo_pop(&c->queue)) != NULL)
        complete(c, p, -DFUKIT_USBIP_ENODEV, 0);
    while ((p = dfukit_fifo_pop(&c->parked)) != NULL)
        complete(c, p, -DFUKIT_USBIP_ESHUTDOWN, 0);
    release(c);
    dfukit_connection_finish(c);
}

/* ---- Commands ---- */

/* A control transfer that does not fit its own setup packet, or that a host controller never sends.
 */
static int32_t refusal_of(const dfukit_packet *p)
{
    dfukit_setup setup;
    bool in = p->header.direction == DFUKIT_USBIP_DIR_IN;

    dfukit_setup_decode(p->header.setup, &setup);
    if (setup.wLength != p->header.length ||
        (setup.wLength > 0 && in != dfukit_setup_is_in(&setup)) ||
        (setup.bmRequestType == 0 && setup.bRequest == DFUKIT_USB_SET_ADDRESS))
        return -DFUKIT_USBIP_EPIPE;
    return 0;
}

void dfukit_urb_submit(dfukit_connection *c, dfukit_packet *p)
{
    if (p->header.ep != 0) {
        if (p->header.direction != DFUKIT_USBIP_DIR_IN)
            complete(c, p, -DFUKIT_USBIP_EPIPE, 0);
        else if (c->parked.count >= DFUKIT_SERVER_PARKED)
            complete(c, p, -LINUX_ENOMEM, 0);
        else
            dfukit_fifo_push(&c->parked, p);
        return;
    }
    if (c->queue.count >= DFUKIT_SERVER_QUEUE) {
        complete(c, p, -LINUX_ENOMEM, 0);
        return;
    }
    p->refusal = refusal_of(p);
    dfukit_fifo_push(&c->queue, p);
}

void dfukit_urb_unlink(dfukit_connection *c, dfukit_packet *p)
{
    uint32_t target = p->header.unlink_seqnum;
    dfukit_usbip_header reply = {
        .command = DFUKIT_RET_UNLINK,
        .seqnum = p->header.seqnum,
        .status = -DFUKIT_USBIP_ECONNRESET,
    };
    dfukit_packet *victim;

    if (c->queue.first != NULL && c->queue.first->header.seqnum == target)
        cancel_started(c);
    victim = dfukit_fifo_take(&c->queue, target);
    if (victim == NULL)
        victim = dfukit_fifo_take(&c->parked, target);
    if (victim == NULL)
        reply.status = 0;
    free(victim);
    dfukit_usbip_header_encode(&reply, p->bytes);
    p->size = DFUKIT_USBIP_HEADER_SIZE;
    dfukit_fifo_push(&c->replies, p);
}

/* ---- Carrying out ---- */

static void begin_reset(dfukit_connection *c, uint64_t now)
{
    const dfukit_wire *w = &c->export->wire;

    w->ops->reset(w->self);
    (void)w->ops->work(w->self);
    c->in_reset = true;
    c->settled_us = now + DFUKIT_SERVER_RECOVERY_US;
    c->return_us = now + DFUKIT_SERVER_RETURN_US;
}

/* Is the device there to be asked? Otherwise *wait_us says when to look again; the connection may
 * have ended. */
static bool ready(dfukit_server *s, dfukit_connection *c, uint64_t now, uint64_t *wait_us)
{
    uint32_t attachment = dfukit_export_attachment(c->export);

    *wait_us = UINT64_MAX;
    if (!c->in_reset) {
        if (attachment == c->attachment)
            return true;
        depart(c);
        return false;
    }
    if (now < c->settled_us) {
        *wait_us = c->settled_us - now;
        return false;
    }
    if (attachment == 0) {
        if (now < c->return_us)
            *wait_us = c->return_us - now;
        else
            depart(c);
        return false;
    }
    c->in_reset = false;
    c->attachment = attachment;
    dfukit_export_refresh(s, c->export, false);
    return true;
}

/* Ask the device. @return false when it answers NAK. */
static bool run_control(dfukit_connection *c, dfukit_packet *p)
{
    const dfukit_wire *w = &c->export->wire;
    dfukit_setup setup;
    int32_t result;

    dfukit_setup_decode(p->header.setup, &setup);
    result = w->ops->control(w->self, &setup, p->bytes + DFUKIT_USBIP_HEADER_SIZE);
    p->started = result == DFUKIT_ERR_AGAIN;
    if (p->started)
        return false;
    if (result > (int32_t)setup.wLength)
        result = (int32_t)setup.wLength;
    (void)dfukit_fifo_pop(&c->queue);
    complete(c, p, status_of(result), result > 0 ? (size_t)result : 0);
    return true;
}

uint64_t dfukit_urb_run(dfukit_server *s, dfukit_connection *c)
{
    uint64_t wait = UINT64_MAX;

    while (c->phase == DFUKIT_PHASE_DEVICE) {
        uint64_t now = dfukit_server_now_us(s);
        dfukit_packet *p;

        if (!ready(s, c, now, &wait))
            return wait;
        p = c->queue.first;
        if (p == NULL)
            break;
        if (p->refusal != 0) {
            complete(c, dfukit_fifo_pop(&c->queue), p->refusal, 0);
        } else if (is_reset(p) && !p->reset_done) {
            p->reset_done = true;
            begin_reset(c, now);
            if (is_port_reset(p))
                complete(c, dfukit_fifo_pop(&c->queue), 0, 0);
        } else if (!run_control(c, p)) {
            break;
        }
    }
    return wait;
}
