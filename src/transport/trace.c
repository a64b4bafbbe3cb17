/* SPDX-License-Identifier: MIT */
/*
 * The recorder: a carrier in front of another that passes everything on and writes it down. What a
 * carrier does inside its own calls (reading descriptors, SET_CONFIGURATION of a claim) shows as
 * its result.
 */
#include "trace.h"

#include <stdlib.h>
#include <string.h>

#define PAUSE_US 1000u /* a pause worth telling */

/* The recorder's own handle: in front of one of the carrier's, which has this type by name only. */
struct dfukit_handle {
    dfukit_handle *next;
    dfukit_handle *inner;
    size_t number; /* of the attachment */
    dfukit_task *task;
    uint64_t begun_us;
};

static uint64_t clock_us(const dfukit_trace *t)
{
    const dfukit_carrier *c = &t->inner;

    return c->ops->now_us != NULL ? c->ops->now_us(c->self) : c->ops->now_ms(c->self) * 1000u;
}

/* Since the recording began. */
static uint64_t since_start(const dfukit_trace *t)
{
    return clock_us(t) - t->start_us;
}

/* ---- Tasks ---- */

static void write_claim(dfukit_trace *t, const dfukit_handle *h, uint64_t now)
{
    const dfukit_task *task = h->task;

    dfukit_trace_begin_lasting(t, h->begun_us, now, "claim");
    dfukit_trace_add(t, " %zu %u %u", h->number, (unsigned)task->configuration,
                     (unsigned)task->interface);
    if (task->set_alternate)
        dfukit_trace_add(t, " %u", (unsigned)task->alternate);
    else
        dfukit_trace_add(t, " -");
    dfukit_trace_add(t, " %s", dfukit_error_name(task->result));
    dfukit_trace_end(t);
}

static void write_task(dfukit_trace *t, const dfukit_handle *h, uint64_t now)
{
    const dfukit_task *task = h->task;

    switch (task->kind) {
    case DFUKIT_TASK_TRANSFERS:
        for (size_t i = 0; i < task->count; i++)
            dfukit_trace_transfer(t, h->number, &task->transfers[i], i, task->count, h->begun_us,
                                  now);
        break;
    case DFUKIT_TASK_CLAIM:
        write_claim(t, h, now);
        break;
    case DFUKIT_TASK_RESET:
        dfukit_trace_begin_lasting(t, h->begun_us, now, "reset");
        dfukit_trace_add(t, " %zu %s", h->number, dfukit_error_name(task->result));
        dfukit_trace_end(t);
        break;
    }
}

/* Write down every task that has become done: its memory is the caller's, who may use it again as
 * soon as we return. */
static void settle(dfukit_trace *t)
{
    for (dfukit_handle *h = t->handles; h != NULL; h = h->next) {
        if (h->task == NULL || !h->task->done)
            continue;
        t->quiet_us = since_start(t);
        write_task(t, h, t->quiet_us);
        h->task = NULL;
    }
}

/* ---- Devices ---- */

static dfukit_traced *find_known(dfukit_trace *t, const char *path, uint32_t devnum)
{
    for (size_t i = t->known_count; i-- > 0;) {
        if (t->known[i].devnum == devnum && strcmp(t->known[i].path, path) == 0)
            return &t->known[i];
    }
    return NULL;
}

static bool knows_path(const dfukit_trace *t, const char *path)
{
    for (size_t i = 0; i < t->known_count; i++) {
        if (strcmp(t->known[i].path, path) == 0)
            return true;
    }
    return false;
}

/* A recording is about devices that can be upgraded: others on the bus are nobody's business. One
 * whose descriptors could not be read may be one. */
static bool concerns(const dfukit_trace *t, const dfukit_entry *e)
{
    const uint8_t *found;
    size_t at = 0;

    if (e->configuration == NULL)
        return e->access != DFUKIT_OK || knows_path(t, e->path);
    while (dfukit_descriptor_next(e->configuration, e->configuration_size, &at, &found)) {
        dfukit_interface_descriptor d;

        if (found[1] == DFUKIT_DESC_INTERFACE &&
            dfukit_interface_descriptor_decode(found, found[0], &d) > 0 &&
            d.bInterfaceClass == DFUKIT_CLASS_APPLICATION &&
            d.bInterfaceSubClass == DFUKIT_SUBCLASS_DFU)
            return true;
    }
    return knows_path(t, e->path);
}

/* @return NULL when out of memory: the recording then lacks it. */
static dfukit_traced *add_known(dfukit_trace *t, const dfukit_entry *e)
{
    dfukit_traced *grown = realloc(t->known, (t->known_count + 1) * sizeof(*grown));
    dfukit_traced *k;

    if (grown == NULL)
        return NULL;
    t->known = grown;
    k = &t->known[t->known_count++];
    memset(k, 0, sizeof(*k));
    memcpy(k->path, e->path, sizeof(k->path));
    k->path[sizeof(k->path) - 1] = '\0';
    k->devnum = e->devnum;
    return k;
}

static size_t number_of(const dfukit_trace *t, const dfukit_traced *k)
{
    return (size_t)(k - t->known) + 1;
}

static void write_departure(dfukit_trace *t, dfukit_traced *k)
{
    if (!k->present)
        return;
    k->present = false;
    dfukit_trace_begin(t, since_start(t), "depart");
    dfukit_trace_add(t, " %zu", number_of(t, k));
    dfukit_trace_end(t);
}

/* What an entry says, as far as it has not been written down. */
static void write_entry(dfukit_trace *t, const dfukit_entry *e)
{
    dfukit_traced *k = find_known(t, e->path, e->devnum);
    uint8_t device[DFUKIT_DEVICE_DESCRIPTOR_SIZE];
    uint64_t now = since_start(t);
    uint32_t check = dfukit_crc32(DFUKIT_CRC_INIT, e->configuration, e->configuration_size);
    bool new = k == NULL || !k->present;

    if (new)
        k = add_known(t, e);
    if (k == NULL)
        return;
    k->present = true;
    k->seen = true;
    if (new) {
        dfukit_trace_begin(t, now, "attach");
        dfukit_trace_add(t, " %zu", number_of(t, k));
        dfukit_trace_path(t, k->path);
        dfukit_trace_add(t, " %lu  # %04x:%04x", (unsigned long)k->devnum,
                         (unsigned)e->device.idVendor, (unsigned)e->device.idProduct);
        dfukit_trace_end(t);
    }
    dfukit_device_descriptor_encode(&e->device, device);
    if (new || memcmp(device, k->device, sizeof(device)) != 0) {
        dfukit_trace_begin(t, now, "device");
        dfukit_trace_add(t, " %zu", number_of(t, k));
        dfukit_trace_hex(t, device, sizeof(device));
        dfukit_trace_end(t);
        memcpy(k->device, device, sizeof(device));
    }
    if (e->configuration_size > 0 && e->configuration_size <= UINT16_MAX &&
        (k->size != e->configuration_size || k->check != check)) {
        dfukit_trace_begin(t, now, "configuration");
        dfukit_trace_add(t, " %zu", number_of(t, k));
        dfukit_trace_hex(t, e->configuration, e->configuration_size);
        dfukit_trace_end(t);
        k->size = e->configuration_size;
        k->check = check;
    }
    if (e->access != k->access) {
        dfukit_trace_begin(t, now, "access");
        dfukit_trace_add(t, " %zu %s", number_of(t, k), dfukit_error_name(e->access));
        dfukit_trace_end(t);
        k->access = e->access;
    }
}

/* Departures first: a device that is there anew has gone before. */
static void write_listing(dfukit_trace *t, const dfukit_listing *listing)
{
    for (size_t i = 0; i < t->known_count; i++)
        t->known[i].seen = false;
    for (size_t i = 0; i < listing->count; i++) {
        dfukit_traced *k = find_known(t, listing->entries[i].path, listing->entries[i].devnum);

        if (k != NULL && k->present)
            k->seen = true;
    }
    for (size_t i = 0; i < t->known_count; i++) {
        if (!t->known[i].seen)
            write_departure(t, &t->known[i]);
    }
    for (size_t i = 0; i < listing->count; i++) {
        if (concerns(t, &listing->entries[i]))
            write_entry(t, &listing->entries[i]);
    }
}

/* ---- dfukit_carrier_ops ---- */

static uint64_t now_ms(void *self)
{
    const dfukit_trace *t = self;

    return t->inner.ops->now_ms(t->inner.self);
}

static uint64_t now_us(void *self)
{
    return clock_us(self);
}

static int list(void *self, const char *only, dfukit_listing *out)
{
    dfukit_trace *t = self;
    int error = t->inner.ops->list(t->inner.self, only, out);

    settle(t);
    if (error == DFUKIT_OK) {
        write_listing(t, out);
        return error;
    }
    dfukit_trace_begin(t, since_start(t), "list");
    dfukit_trace_add(t, " %s", dfukit_error_name(error));
    dfukit_trace_end(t);
    return error;
}

static int open_device(void *self, const char *path, uint32_t devnum, dfukit_handle **out)
{
    dfukit_trace *t = self;
    const dfukit_traced *k;
    dfukit_handle *h = calloc(1, sizeof(*h));
    int error;

    *out = NULL;
    if (h == NULL)
        return DFUKIT_ERR_NOMEM;
    error = t->inner.ops->open(t->inner.self, path, devnum, &h->inner);
    settle(t);
    k = find_known(t, path, devnum);
    h->number = k != NULL ? number_of(t, k) : 0;
    dfukit_trace_begin(t, since_start(t), "open");
    dfukit_trace_add(t, " %zu %s", h->number, dfukit_error_name(error));
    dfukit_trace_end(t);
    if (error != DFUKIT_OK) {
        free(h);
        return error;
    }
    h->next = t->handles;
    t->handles = h;
    *out = h;
    return DFUKIT_OK;
}

static void cancel(void *self, dfukit_handle *h)
{
    dfukit_trace *t = self;

    t->inner.ops->cancel(t->inner.self, h->inner);
    settle(t);
}

static void close_device(void *self, dfukit_handle *h)
{
    dfukit_trace *t = self;
    dfukit_handle **link = &t->handles;

    if (h == NULL)
        return;
    if (h->task != NULL)
        cancel(t, h);
    t->inner.ops->close(t->inner.self, h->inner);
    settle(t);
    dfukit_trace_begin(t, since_start(t), "close");
    dfukit_trace_add(t, " %zu", h->number);
    dfukit_trace_end(t);
    while (*link != NULL && *link != h)
        link = &(*link)->next;
    if (*link == h)
        *link = h->next;
    free(h);
}

/* What somebody has waited for stands in no transfer: the time before tells. */
static void write_pause(dfukit_trace *t)
{
    uint64_t now = since_start(t);

    if (now - t->quiet_us < PAUSE_US)
        return;
    t->used = 0;
    dfukit_trace_add(t, "# %llu ms later", (unsigned long long)((now - t->quiet_us) / 1000u));
    dfukit_trace_end(t);
    t->quiet_us = now;
}

static void submit(void *self, dfukit_handle *h, dfukit_task *task)
{
    dfukit_trace *t = self;

    settle(t);
    write_pause(t);
    h->task = task;
    h->begun_us = since_start(t);
    t->inner.ops->submit(t->inner.self, h->inner, task);
    settle(t);
}

static void pump(void *self, uint32_t timeout_ms)
{
    dfukit_trace *t = self;

    t->inner.ops->pump(t->inner.self, timeout_ms);
    settle(t);
}

static void destroy(void *self)
{
    dfukit_trace *t = self;

    while (t->handles != NULL)
        close_device(t, t->handles);
    dfukit_trace_begin(t, since_start(t), "end");
    dfukit_trace_end(t);
    dfukit_carrier_close(&t->inner);
    free(t->known);
    free(t);
}

static const char *complaint(void *self)
{
    const dfukit_trace *t = self;

    return t->inner.ops->complaint(t->inner.self);
}

static const dfukit_carrier_ops trace_ops = {
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

/* The rest of a line, for people: a comment cannot be ended by what is put into it. */
static void write_head(dfukit_trace *t, const char *word, const char *text)
{
    char clean[256];
    size_t n = strlen(text);

    if (n >= sizeof(clean))
        n = sizeof(clean) - 1;
    memcpy(clean, text, n);
    clean[n] = '\0';
    dfukit_text_sanitise(clean);
    for (char *c = clean; *c != '\0'; c++) {
        if (*c == '#')
            *c = '?';
    }
    t->used = 0;
    dfukit_trace_add(t, "%s %s", word, clean);
    dfukit_trace_end(t);
}

int dfukit_trace_wrap(dfukit_carrier *carrier, const dfukit_trace_options *options)
{
    dfukit_trace *t = calloc(1, sizeof(*t));

    if (t == NULL)
        return DFUKIT_ERR_NOMEM;
    t->inner = *carrier;
    t->line = options->line;
    t->self = options->self;
    t->start_us = clock_us(t);
    write_head(t, "dfukit-trace", "1");
    write_head(t, "program", options->program != NULL ? options->program : "unknown");
    write_head(t, "carrier", options->carrier != NULL ? options->carrier : "unknown");
    carrier->ops = &trace_ops;
    carrier->self = t;
    return DFUKIT_OK;
}
