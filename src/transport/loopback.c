/* SPDX-License-Identifier: MIT */
/* The in-process carrier: devices made of software, driven directly over dfukit_wire. */
#include "loopback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* USB 2.0 §9.4.6: addresses have seven bits, and 0 is nobody's. */
#define DEVNUM_MOST 127u

static uint64_t now_ms(void *self)
{
    const dfukit_loopback *l = self;

    return l->clock.now_us(l->clock.self) / 1000;
}

static uint64_t now_us(void *self)
{
    const dfukit_loopback *l = self;

    return l->clock.now_us(l->clock.self);
}

static uint32_t port_attachment(const dfukit_port *p)
{
    return p->wire.ops->attachment(p->wire.self);
}

static bool number_taken(const dfukit_loopback *l, uint32_t devnum)
{
    for (size_t i = 0; i < l->count; i++) {
        if (l->ports[i].devnum == devnum)
            return true;
    }
    return false;
}

/* As a bus gives out addresses: upwards, around, past those in use. More devices than a bus has
 * addresses get larger numbers, so that there is always a free one. */
static uint32_t next_devnum(dfukit_loopback *l)
{
    size_t most = l->count < DEVNUM_MOST ? DEVNUM_MOST : l->count + 1;

    do
        l->last_devnum = l->last_devnum < most ? l->last_devnum + 1 : 1;
    while (number_taken(l, l->last_devnum));
    return l->last_devnum;
}

/* Look at a port; a device that has attached anew gets another number. @return its attachment. */
static uint32_t port_look(dfukit_loopback *l, dfukit_port *p)
{
    uint32_t attachment = port_attachment(p);

    if (attachment != 0 && attachment != p->numbered) {
        p->devnum = next_devnum(l);
        p->numbered = attachment;
    }
    return attachment;
}

/* True while a handle's transfer runs on this port: no other may. */
static bool port_busy(const dfukit_port *p)
{
    return p->handle != NULL && p->handle->pending;
}

/* ---- Listing ---- */

/* Descriptors belong to an attachment, so they are read once for each. */
static int port_describe(dfukit_loopback *l, dfukit_port *p, uint32_t attachment)
{
    dfukit_loopback_call call = {.loopback = l, .port = p};
    dfukit_snapshot snapshot;
    int error;

    if (p->described == attachment)
        return DFUKIT_OK;
    if (port_busy(p))
        return DFUKIT_ERR_BUSY;
    error = dfukit_describe(dfukit_loopback_exchange, &call, &snapshot);
    if (error != DFUKIT_OK)
        return error;
    dfukit_snapshot_free(&p->snapshot);
    p->snapshot = snapshot;
    p->described = attachment;
    return DFUKIT_OK;
}

/* Descriptors cost nothing here: every device is listed in full, whatever is wanted. */
static int list(void *self, const char *only, dfukit_listing *out)
{
    dfukit_loopback *l = self;

    (void)only;
    *out = (dfukit_listing){.count = 0};
    out->entries = calloc(l->count > 0 ? l->count : 1, sizeof(*out->entries));
    if (out->entries == NULL)
        return DFUKIT_ERR_NOMEM;
    (void)dfukit_loopback_work(l);
    for (size_t i = 0; i < l->count; i++) {
        dfukit_port *p = &l->ports[i];
        uint32_t attachment = port_look(l, p);
        dfukit_entry *e = &out->entries[out->count];
        int error;

        p->seen = attachment;
        if (attachment == 0)
            continue;
        error = port_describe(l, p, attachment);
        if (error == DFUKIT_OK)
            error = dfukit_snapshot_to_entry(&p->snapshot, e);
        if (error == DFUKIT_ERR_NOMEM) {
            dfukit_listing_free(out);
            return error;
        }
        (void)snprintf(e->path, sizeof(e->path), "0-%zu", i + 1);
        e->devnum = p->devnum;
        e->access = (dfukit_error)error;
        out->count++;
    }
    return DFUKIT_OK;
}

/* ---- Handles ---- */

static dfukit_port *find_port(dfukit_loopback *l, const char *path)
{
    for (size_t i = 0; i < l->count; i++) {
        char name[DFUKIT_PATH_SIZE];

        (void)snprintf(name, sizeof(name), "0-%zu", i + 1);
        if (strcmp(name, path) == 0)
            return &l->ports[i];
    }
    return NULL;
}

static int open_device(void *self, const char *path, uint32_t devnum, dfukit_handle **out)
{
    dfukit_loopback *l = self;
    dfukit_port *p = find_port(l, path);
    uint32_t attachment;
    dfukit_handle *h;

    *out = NULL;
    if (p == NULL)
        return DFUKIT_ERR_GONE;
    (void)p->wire.ops->work(p->wire.self);
    attachment = port_look(l, p);
    if (attachment == 0 || p->devnum != devnum)
        return DFUKIT_ERR_GONE;
    if (p->handle != NULL && p->handle->attachment == attachment)
        return DFUKIT_ERR_BUSY;
    h = calloc(1, sizeof(*h));
    if (h == NULL)
        return DFUKIT_ERR_NOMEM;
    h->port = p;
    h->attachment = attachment;
    h->next = l->handles;
    l->handles = h;
    p->handle = h;
    *out = h;
    return DFUKIT_OK;
}

static void close_device(void *self, dfukit_handle *h)
{
    dfukit_loopback *l = self;
    dfukit_handle **link = &l->handles;

    if (h == NULL)
        return;
    dfukit_loopback_abandon(h, DFUKIT_ERR_TIMEOUT);
    while (*link != NULL && *link != h)
        link = &(*link)->next;
    if (*link == h)
        *link = h->next;
    if (h->port->handle == h)
        h->port->handle = NULL;
    free(h);
}

static void submit(void *self, dfukit_handle *h, dfukit_task *task)
{
    (void)self;
    dfukit_sequence_begin(&h->sequence, task, NULL);
}

static void cancel(void *self, dfukit_handle *h)
{
    (void)self;
    dfukit_loopback_abandon(h, DFUKIT_ERR_TIMEOUT);
}

/* ---- Waiting ---- */

/* @return true when a task became done or a device came or went. */
static bool advance(dfukit_loopback *l)
{
    bool news = false;

    for (dfukit_handle *h = l->handles; h != NULL; h = h->next)
        news = dfukit_loopback_advance(l, h) || news;
    for (size_t i = 0; i < l->count; i++) {
        uint32_t attachment = port_look(l, &l->ports[i]);

        news = news || attachment != l->ports[i].seen;
        l->ports[i].seen = attachment;
    }
    return news;
}

/* The nearest moment at which a transfer has waited long enough. */
static uint64_t next_deadline(const dfukit_loopback *l, uint64_t end)
{
    for (const dfukit_handle *h = l->handles; h != NULL; h = h->next) {
        if (h->pending && h->deadline_us < end)
            end = h->deadline_us;
    }
    return end;
}

static void pump(void *self, uint32_t timeout_ms)
{
    dfukit_loopback *l = self;
    const dfukit_clock *clock = &l->clock;
    uint64_t now = clock->now_us(clock->self);
    uint64_t end = now + timeout_ms * UINT64_C(1000);

    (void)dfukit_loopback_work(l);
    while (!advance(l)) {
        uint64_t hint = dfukit_loopback_work(l);
        uint64_t until;

        now = clock->now_us(clock->self);
        if (now >= end)
            return;
        until = next_deadline(l, end);
        if (until > now)
            clock->sleep_us(clock->self, hint < until - now ? hint : until - now);
        (void)dfukit_loopback_work(l);
    }
}

/* ---- The carrier ---- */

static void destroy(void *self)
{
    dfukit_loopback *l = self;

    while (l->handles != NULL)
        close_device(l, l->handles);
    for (size_t i = 0; i < l->count; i++)
        dfukit_snapshot_free(&l->ports[i].snapshot);
    free(l->ports);
    free(l);
}

static const char *complaint(void *self)
{
    (void)self;
    return "";
}

static const dfukit_carrier_ops loopback_ops = {
    .now_ms = now_ms,
    .list = list,
    .open = open_device,
    .close = close_device,
    .submit = submit,
    .cancel = cancel,
    .pump = pump,
    .destroy = destroy,
    .complaint = complaint,
    .now_us = now_us,
};

int dfukit_loopback_open(dfukit_carrier *carrier, const dfukit_wire *wires, size_t count,
                         const dfukit_clock *clock)
{
    dfukit_loopback *l = calloc(1, sizeof(*l));

    *carrier = (dfukit_carrier){.ops = NULL};
    if (l == NULL)
        return DFUKIT_ERR_NOMEM;
    l->ports = calloc(count > 0 ? count : 1, sizeof(*l->ports));
    if (l->ports == NULL) {
        free(l);
        return DFUKIT_ERR_NOMEM;
    }
    l->clock = *clock;
    l->count = count;
    for (size_t i = 0; i < count; i++) {
        l->ports[i].wire = wires[i];
        l->ports[i].seen = port_look(l, &l->ports[i]);
    }
    *carrier = (dfukit_carrier){.ops = &loopback_ops, .self = l, .queues = true, .resets = true};
    return DFUKIT_OK;
}
