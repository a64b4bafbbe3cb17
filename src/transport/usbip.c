/* SPDX-License-Identifier: MIT */
/* The USB/IP client as a carrier: devices that a server lends over TCP, without privileges. */
#include "usbip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t now_ms(void *self)
{
    (void)self;
    return dfukit_usbip_now_ms();
}

static void submit(void *self, dfukit_handle *h, dfukit_task *task)
{
    (void)self;
    dfukit_sequence_begin(&h->sequence, task, &h->snapshot);
}

/* Fill u->polls. @return how many; *until_ms comes down to the nearest deadline. */
static nfds_t prepare(dfukit_usbip *u, uint64_t *until_ms)
{
    nfds_t n = 0;

    for (const dfukit_handle *h = u->handles; h != NULL; h = h->next) {
        uint64_t until;

        u->polls[n++] = (struct pollfd){.fd = h->fd, .events = dfukit_usbip_events(h, &until)};
        if (until < *until_ms)
            *until_ms = until;
    }
    return n;
}

static void pump(void *self, uint32_t timeout_ms)
{
    dfukit_usbip *u = self;
    uint64_t now = dfukit_usbip_now_ms();
    uint64_t end = now + timeout_ms;

    for (dfukit_handle *h = u->handles; h != NULL; h = h->next)
        dfukit_usbip_step(h);
    for (;;) {
        uint64_t until = end;
        nfds_t n = prepare(u, &until);
        nfds_t i = 0;
        int wait = until <= now || u->news ? 0 : until - now > 60000 ? 60000 : (int)(until - now);

        (void)poll(u->polls, n, wait);
        for (dfukit_handle *h = u->handles; h != NULL; h = h->next)
            dfukit_usbip_service(h, u->polls[i++].revents);
        now = dfukit_usbip_now_ms();
        if (u->news || now >= end)
            break;
    }
    u->news = false;
}

static void destroy(void *self)
{
    dfukit_usbip *u = self;

    while (u->handles != NULL)
        dfukit_usbip_close_device(u, u->handles);
    dfukit_usbip_forget(u->known, u->known_count);
    free(u->polls);
    free(u->host);
    free(u->busid);
    free(u);
}

static const char *complaint(void *self)
{
    return ((const dfukit_usbip *)self)->complaint;
}

static const dfukit_carrier_ops usbip_ops = {
    .now_ms = now_ms,
    .list = dfukit_usbip_list,
    .open = dfukit_usbip_open_device,
    .close = dfukit_usbip_close_device,
    .submit = submit,
    .cancel = dfukit_usbip_cancel,
    .pump = pump,
    .destroy = destroy,
    .complaint = complaint,
    .now_us = dfukit_usbip_now_us,
};

int dfukit_usbip_open(dfukit_carrier *carrier, const dfukit_usbip_options *options)
{
    static const dfukit_usbip_options defaults = {.host = NULL};
    const dfukit_usbip_options *o = options != NULL ? options : &defaults;
    dfukit_usbip *u = calloc(1, sizeof(*u));

    *carrier = (dfukit_carrier){.ops = NULL};
    if (u == NULL)
        return DFUKIT_ERR_NOMEM;
    u->host = strdup(o->host != NULL ? o->host : "127.0.0.1");
    u->busid = o->busid != NULL ? strdup(o->busid) : NULL;
    if (u->host == NULL || (o->busid != NULL && u->busid == NULL)) {
        destroy(u);
        return DFUKIT_ERR_NOMEM;
    }
    (void)snprintf(u->port, sizeof(u->port), "%u",
                   (unsigned)(o->port != 0 ? o->port : DFUKIT_USBIP_PORT));
    (void)snprintf(u->where, sizeof(u->where), strchr(u->host, ':') != NULL ? "[%s]:%s" : "%s:%s",
                   u->host, u->port);
    *carrier = (dfukit_carrier){.ops = &usbip_ops, .self = u, .queues = true, .resets = true};
    return DFUKIT_OK;
}
