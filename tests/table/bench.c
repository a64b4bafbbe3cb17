/* SPDX-License-Identifier: MIT */
/* The scripted store and the ways to drive a device. */
#include "table/bench.h"

#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

enum { LATE_MS = 5 };

/* ---- The store ---- */

static void store_rewind(void *self, uint8_t alt)
{
    script *s = self;

    s->misuses += alt >= BENCH_ALTERNATES;
    s->rewinds++;
    s->alt = alt;
    s->abandoned = true;
    s->at_start = true;
    s->failure = DFUKIT_STATUS_OK;
}

/* A block of a transfer, the first one perhaps. */
static void go_on(script *s, uint16_t wBlockNum)
{
    s->first = s->at_start;
    s->at_start = false;
    s->abandoned = false;
    s->block = wBlockNum;
}

static uint8_t store_write(void *self, uint16_t wBlockNum, const uint8_t *data, uint16_t n)
{
    script *s = self;

    s->misuses += s->left_us != 0 || data == NULL;
    s->writes++;
    go_on(s, wBlockNum);
    s->n = n;
    s->left_us = s->takes_us;
    return DFUKIT_STATUS_OK;
}

static uint8_t store_finish(void *self)
{
    const script *s = self;

    return s->complete ? DFUKIT_STATUS_OK : DFUKIT_STATUS_NOTDONE;
}

static void store_manifest(void *self)
{
    script *s = self;

    s->misuses += s->left_us != 0 && !s->two_buffers;
    s->manifests++;
    s->left_us += s->takes_us;
    if (s->fails)
        s->failure = DFUKIT_STATUS_VERIFY;
}

static int32_t store_poll(void *self)
{
    script *s = self;
    uint8_t status = s->failure;

    s->failure = DFUKIT_STATUS_OK;
    if (status == DFUKIT_STATUS_OK)
        return (int32_t)((s->left_us + 999u) / 1000u);
    s->left_us = 0;
    return -(int32_t)status;
}

static int32_t store_read(void *self, uint16_t wBlockNum, uint8_t *to, uint16_t n)
{
    script *s = self;

    s->misuses += s->left_us != 0 || n > BENCH_TRANSFER_SIZE;
    s->reads++;
    go_on(s, wBlockNum);
    if (s->refuses)
        return -DFUKIT_STATUS_VENDOR;
    if (!s->full)
        n--;
    for (uint16_t i = 0; i < n; i++)
        to[i] = (uint8_t)(0x80u + i);
    return n;
}

static bool store_valid(void *self)
{
    const script *s = self;

    return s->good;
}

static const dfukit_store_ops store_ops = {
    .rewind = store_rewind,
    .write = store_write,
    .finish = store_finish,
    .manifest = store_manifest,
    .poll = store_poll,
    .read = store_read,
    .valid = store_valid,
};

/* ---- Power, bus and time ---- */

static const uint8_t text[] = {2, DFUKIT_DESC_STRING};
static const dfukit_descriptor list[] = {
    {DFUKIT_DESCRIPTOR_ID(DFUKIT_DESC_STRING, 1), sizeof text, text}};
static const dfukit_descriptor_set descriptors = {.list = list, .count = LENGTH(list)};

void bench_make(bench *b, bench_product product, uint8_t attributes, bool strict, bool piped)
{
    memset(b, 0, sizeof *b);
    b->piped = piped;
    b->now_ms = 0xFFFFFF00u; /* the clock wraps in the middle of things */
    b->config.functional.bmAttributes = attributes;
    b->config.functional.wDetachTimeOut = BENCH_DETACH_MOST_MS;
    b->config.functional.wTransferSize = BENCH_TRANSFER_SIZE;
    b->config.functional.bcdDFUVersion = DFUKIT_VERSION_11;
    b->config.alternates = BENCH_ALTERNATES;
    b->config.interface_runtime = BENCH_INTERFACE;
    b->config.interfaces_runtime = BENCH_INTERFACE + 1;
    b->config.max_packet_size0 = BENCH_PACKET;
    b->config.strict = strict;
    b->config.loader_only = product == BENCH_LOADER_ONLY;
    b->config.double_buffer = product == BENCH_DOUBLE_BUFFER;
    b->config.dfuse = product == BENCH_DFUSE;
    b->config.store = &store_ops;
}

void bench_power_on(bench *b, bool good)
{
    memset(&b->store, 0, sizeof b->store);
    b->store.good = good;
    b->store.complete = true;
    b->store.full = true;
    b->store.at_start = true;
    b->store.two_buffers = b->config.double_buffer;
    dfukit_dfu_init(&b->dfu, &b->config, &b->store, b->block);
    dfukit_ep0_init(&b->pipe, &descriptors, &b->dfu);
    dfukit_dfu_poll(&b->dfu, b->now_ms);
}

void bench_attach(bench *b, bool dfu_mode)
{
    dfukit_dfu_attach(&b->dfu, dfu_mode);
    dfukit_ep0_init(&b->pipe, &descriptors, &b->dfu);
}

void bench_bus_reset(bench *b)
{
    if (b->piped)
        dfukit_ep0_bus_reset(&b->pipe);
    else
        dfukit_dfu_bus_reset(&b->dfu);
}

void bench_elapse(bench *b, uint32_t ms)
{
    uint32_t late_us = LATE_MS * 1000u;

    /* Work goes on with time, but it is the test that says when it is done. */
    if (b->store.left_us > late_us)
        b->store.left_us =
            b->store.left_us - late_us > ms * 1000u ? b->store.left_us - ms * 1000u : late_us;
    b->now_ms += ms;
    dfukit_dfu_poll(&b->dfu, b->now_ms);
}

/* ---- Requests to the class alone ---- */

static outcome ask_class(bench *b, const dfukit_setup *s)
{
    outcome o = {.stalled = true};
    dfukit_answer a = dfukit_dfu_setup(&b->dfu, s);

    o.early = b->dfu.state;
    if (a.kind == DFUKIT_ANSWER_STALL)
        return o;
    o.stalled = false;
    o.n = a.n;
    if ((a.kind == DFUKIT_ANSWER_IN) != dfukit_setup_is_in(s) || a.n > s->wLength ||
        (a.kind == DFUKIT_ANSWER_OUT && a.n != s->wLength) || (a.n != 0 && a.data == NULL))
        o.n = UINT16_MAX; /* the wrong direction, or too much */
    else if (a.kind == DFUKIT_ANSWER_IN && a.n != 0)
        memcpy(o.bytes, a.data, a.n);
    else if (a.n != 0)
        memset(a.data, 0x5A, a.n);
    dfukit_dfu_complete(&b->dfu);
    return o;
}

/* ---- Packets ---- */

/* The data stage to the host, and the status stage. */
static void fetch(bench *b, const dfukit_setup *s, outcome *o)
{
    uint8_t n;

    do {
        n = b->pipe.n;
        if (b->pipe.action != DFUKIT_EP0_SEND || n > BENCH_PACKET || o->n + n > s->wLength) {
            o->n = UINT16_MAX;
            return;
        }
        memcpy(o->bytes + o->n, b->pipe.data, n);
        o->n = (uint16_t)(o->n + n);
        dfukit_ep0_sent(&b->pipe);
    } while (n == BENCH_PACKET && o->n < s->wLength);
    dfukit_ep0_received(&b->pipe, NULL, 0);
}

static void deliver(bench *b, const dfukit_setup *s, outcome *o)
{
    static const uint8_t packet[BENCH_PACKET] = {0x5A};

    while (o->n < s->wLength && b->pipe.action == DFUKIT_EP0_RECEIVE) {
        uint8_t n = (uint8_t)(s->wLength - o->n < BENCH_PACKET ? s->wLength - o->n : BENCH_PACKET);

        dfukit_ep0_received(&b->pipe, packet, n);
        o->n = (uint16_t)(o->n + n);
    }
    if (b->pipe.action == DFUKIT_EP0_SEND && b->pipe.n == 0)
        dfukit_ep0_sent(&b->pipe);
    else
        o->n = UINT16_MAX;
}

static void send_setup(bench *b, const dfukit_setup *s)
{
    uint8_t packet[8];

    dfukit_setup_encode(s, packet);
    dfukit_ep0_setup(&b->pipe, packet);
}

static outcome ask_pipe(bench *b, const dfukit_setup *s)
{
    outcome o = {.stalled = true};

    send_setup(b, s);
    o.early = b->dfu.state;
    if (b->pipe.action == DFUKIT_EP0_STALL)
        return o;
    o.stalled = false;
    if (dfukit_setup_is_in(s) && s->wLength != 0)
        fetch(b, s, &o);
    else
        deliver(b, s, &o);
    if (!dfukit_ep0_idle(&b->pipe) || b->pipe.action != DFUKIT_EP0_RECEIVE)
        o.n = UINT16_MAX;
    return o;
}

/* ---- Requests ---- */

static dfukit_setup setup_of(const bench *b, uint8_t bmRequestType, uint8_t bRequest,
                             uint16_t wValue, uint16_t wLength)
{
    return (dfukit_setup){
        .bmRequestType = bmRequestType,
        .bRequest = bRequest,
        .wValue = wValue,
        .wIndex = dfukit_dfu_in_dfu_mode(&b->dfu) ? 0 : BENCH_INTERFACE,
        .wLength = wLength,
    };
}

/* The host keeps to what it was told. */
static void told(bench *b, const uint8_t bytes[DFUKIT_STATUS_SIZE])
{
    dfukit_status_reply reply;

    dfukit_status_decode(bytes, &reply);
    b->told_ms = reply.bwPollTimeout;
    b->told_at_ms = b->now_ms;
}

outcome bench_request(bench *b, uint8_t bmRequestType, uint8_t bRequest, uint16_t wValue,
                      uint16_t wLength)
{
    dfukit_setup s = setup_of(b, bmRequestType, bRequest, wValue, wLength);
    outcome o = b->piped ? ask_pipe(b, &s) : ask_class(b, &s);

    if (!o.stalled && bRequest == DFUKIT_GETSTATUS && o.n == DFUKIT_STATUS_SIZE)
        told(b, o.bytes);
    if (bRequest == DFUKIT_DETACH && !o.stalled) {
        b->detach_ms = b->now_ms;
        b->detach_wait_ms = wValue < BENCH_DETACH_MOST_MS ? wValue : BENCH_DETACH_MOST_MS;
    }
    return o;
}

outcome bench_ask(bench *b, dfukit_request request, uint16_t wValue, uint16_t wLength)
{
    bool in = request == DFUKIT_UPLOAD || request == DFUKIT_GETSTATUS || request == DFUKIT_GETSTATE;

    return bench_request(b, in ? DFUKIT_TYPE_CLASS_IN : DFUKIT_TYPE_CLASS_OUT, (uint8_t)request,
                         wValue, wLength);
}

void bench_cut_short_getstatus(bench *b)
{
    dfukit_setup s = setup_of(b, DFUKIT_TYPE_CLASS_IN, DFUKIT_GETSTATUS, 0, DFUKIT_STATUS_SIZE);
    const uint8_t *reply;

    if (b->piped) {
        send_setup(b, &s);
        reply = b->pipe.data;
    } else {
        reply = dfukit_dfu_setup(&b->dfu, &s).data;
    }
    if (reply != NULL)
        told(b, reply);
}

static bool command(bench *b, uint8_t bmRequestType, uint8_t bRequest, uint16_t wValue)
{
    dfukit_setup s = setup_of(b, bmRequestType, bRequest, wValue, 0);

    if (bmRequestType == 0)
        s.wIndex = 0;
    return !ask_pipe(b, &s).stalled;
}

bool bench_set_interface(bench *b, uint8_t alt)
{
    if (b->piped)
        return command(b, 0x01, DFUKIT_USB_SET_INTERFACE, alt);
    return dfukit_dfu_set_alternate(&b->dfu, alt);
}

bool bench_set_configuration(bench *b, uint8_t value)
{
    if (b->piped)
        return command(b, 0x00, DFUKIT_USB_SET_CONFIGURATION, value);
    dfukit_dfu_set_configured(&b->dfu, value != 0);
    return true;
}
