/* SPDX-License-Identifier: MIT */
/* The USB/IP client: importing a device, and giving it back. */
#include "usbip.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Status of OP_REP_IMPORT (Linux tools/usb/usbip/libsrc/usbip_common.h). */
enum { STATUS_OK = 0, STATUS_NODEV = 4 };

#define RETRY_MS            20
#define DESCRIPTOR_MS       1000u
#define IMPORT_REQUEST_SIZE (DFUKIT_USBIP_OP_SIZE + DFUKIT_USBIP_BUSID_SIZE)

/* ---- Blocking use of one handle ---- */

/* Let a handle's task go on until something happens or its deadline passes. */
static void wait_once(dfukit_handle *h)
{
    uint64_t until;
    uint64_t now = dfukit_usbip_now_ms();
    struct pollfd p = {.fd = h->fd, .events = dfukit_usbip_events(h, &until)};
    int wait = until <= now ? 0 : until - now > 1000 ? 1000 : (int)(until - now);

    (void)poll(&p, 1, wait);
    dfukit_usbip_service(h, p.revents);
}

typedef struct call {
    dfukit_handle *handle;
    uint64_t deadline_ms;
} call;

static int32_t exchange(void *self, const dfukit_setup *setup, uint8_t *in)
{
    const call *c = self;
    uint64_t now = dfukit_usbip_now_ms();
    uint64_t left = now < c->deadline_ms ? c->deadline_ms - now : 0;
    dfukit_transfer t = {
        .setup = *setup,
        .in = in,
        .timeout_ms = left < DESCRIPTOR_MS ? (uint32_t)left : DESCRIPTOR_MS,
    };
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = &t, .count = 1};

    dfukit_sequence_begin(&c->handle->sequence, &task, NULL);
    dfukit_usbip_step(c->handle);
    while (!task.done)
        wait_once(c->handle);
    return t.result;
}

int dfukit_usbip_describe(dfukit_handle *h, uint64_t deadline_ms)
{
    call c = {.handle = h, .deadline_ms = deadline_ms};
    bool news = h->usbip->news;
    int error = dfukit_describe(exchange, &c, &h->snapshot);

    h->usbip->news = news; /* these tasks were nobody else's */
    return error;
}

void dfukit_usbip_cancel(void *self, dfukit_handle *h)
{
    dfukit_task *task = h->sequence.task;

    (void)self;
    if (task == NULL)
        return;
    if (h->batch == NULL) {
        if (task->kind == DFUKIT_TASK_TRANSFERS)
            dfukit_batch_fail(task->transfers, 0, task->count, DFUKIT_ERR_AGAIN);
        dfukit_sequence_end(&h->sequence, DFUKIT_ERR_TIMEOUT);
        return;
    }
    dfukit_usbip_give_up(h, DFUKIT_ERR_TIMEOUT);
    dfukit_usbip_step(h);
    while (!task->done)
        wait_once(h);
}

/* ---- Importing ---- */

/* Ask for a device on a new connection.
 * @return DFUKIT_OK with the device's record, or DFUKIT_ERR_BUSY, _GONE, _CONNECT. */
static int ask_import(dfukit_usbip *u, int fd, const char *busid, uint64_t deadline_ms,
                      uint8_t record[DFUKIT_USBIP_DEVICE_SIZE])
{
    const dfukit_usbip_op ask = {.version = DFUKIT_USBIP_VERSION, .code = DFUKIT_OP_REQ_IMPORT};
    uint8_t request[IMPORT_REQUEST_SIZE] = {0};
    uint8_t head[DFUKIT_USBIP_OP_SIZE];
    dfukit_usbip_op reply;
    dfukit_usbip_device device;
    int error;

    dfukit_usbip_op_encode(&ask, request);
    memcpy(request + DFUKIT_USBIP_OP_SIZE, busid, strlen(busid));
    error = dfukit_usbip_send(fd, request, sizeof(request), deadline_ms);
    if (error == DFUKIT_OK)
        error = dfukit_usbip_recv(fd, head, sizeof(head), deadline_ms);
    if (error != DFUKIT_OK) {
        dfukit_usbip_complain(u, "%s did not answer the request for %s", u->where, busid);
        return DFUKIT_ERR_CONNECT;
    }
    dfukit_usbip_op_decode(head, &reply);
    if (reply.version != DFUKIT_USBIP_VERSION || reply.code != DFUKIT_OP_REP_IMPORT) {
        dfukit_usbip_complain(u, "%s does not speak USB/IP 1.1.1", u->where);
        return DFUKIT_ERR_CONNECT;
    }
    if (reply.status != STATUS_OK) {
        dfukit_usbip_complain(u, "%s does not lend %s (status %lu)", u->where, busid,
                              (unsigned long)reply.status);
        return reply.status == STATUS_NODEV ? DFUKIT_ERR_GONE : DFUKIT_ERR_BUSY;
    }
    error = dfukit_usbip_recv(fd, record, DFUKIT_USBIP_DEVICE_SIZE, deadline_ms);
    if (error == DFUKIT_OK)
        dfukit_usbip_device_decode(record, &device);
    if (error != DFUKIT_OK || strcmp(device.busid, busid) != 0) {
        dfukit_usbip_complain(u, "%s answered the request for %s with something else", u->where,
                              busid);
        return DFUKIT_ERR_CONNECT;
    }
    return DFUKIT_OK;
}

/* A server that has just been told to let go of this device may still be about it. */
static bool worth_retrying(const dfukit_usbip *u, const char *busid, int error,
                           uint64_t deadline_ms)
{
    uint64_t now = dfukit_usbip_now_ms();

    return error == DFUKIT_ERR_BUSY && strcmp(u->closed_busid, busid) == 0 &&
           now < u->closed_ms + DFUKIT_USBIP_RELEASE_MS && now + RETRY_MS < deadline_ms;
}

static dfukit_handle *new_handle(dfukit_usbip *u)
{
    struct pollfd *polls = realloc(u->polls, (u->handle_count + 1) * sizeof(*polls));
    dfukit_handle *h;

    if (polls == NULL)
        return NULL;
    u->polls = polls;
    h = calloc(1, sizeof(*h));
    if (h == NULL)
        return NULL;
    h->usbip = u;
    h->fd = -1;
    h->next = u->handles;
    u->handles = h;
    u->handle_count++;
    return h;
}

int dfukit_usbip_import(dfukit_usbip *u, const char *busid, uint64_t deadline_ms,
                        uint8_t record[DFUKIT_USBIP_DEVICE_SIZE], dfukit_handle **out)
{
    dfukit_handle *h = new_handle(u);
    dfukit_usbip_device device;
    int error = DFUKIT_ERR_CONNECT;

    *out = NULL;
    if (h == NULL)
        return DFUKIT_ERR_NOMEM;
    for (;;) {
        h->fd = dfukit_usbip_connect(u, deadline_ms);
        if (h->fd < 0)
            break;
        error = ask_import(u, h->fd, busid, deadline_ms, record);
        if (error == DFUKIT_OK)
            break;
        (void)close(h->fd);
        h->fd = -1;
        if (!worth_retrying(u, busid, error, deadline_ms))
            break;
        (void)poll(NULL, 0, RETRY_MS);
    }
    if (error != DFUKIT_OK) {
        dfukit_usbip_close_device(u, h);
        return error;
    }
    dfukit_usbip_device_decode(record, &device);
    memcpy(h->busid, device.busid, sizeof(h->busid));
    h->devid = device.busnum << 16 | device.devnum;
    h->base = 1;
    u->complaint[0] = '\0';
    *out = h;
    return DFUKIT_OK;
}

/* Descriptors that the last list has read, if the device is still the same. */
static int recall(dfukit_handle *h, const uint8_t record[DFUKIT_USBIP_DEVICE_SIZE])
{
    const dfukit_usbip *u = h->usbip;

    for (size_t i = 0; i < u->known_count; i++) {
        const dfukit_known *k = &u->known[i];

        if (k->snapshot.configuration == NULL || memcmp(k->record, record, sizeof(k->record)) != 0)
            continue;
        h->snapshot = k->snapshot;
        h->snapshot.configuration = malloc(k->snapshot.configuration_size);
        if (h->snapshot.configuration == NULL)
            return DFUKIT_ERR_NOMEM;
        memcpy(h->snapshot.configuration, k->snapshot.configuration,
               k->snapshot.configuration_size);
        return DFUKIT_OK;
    }
    return DFUKIT_ERR_NO_DEVICE;
}

/* Was the device with this number in somebody else's hands when it was to be opened last? Then the
 * other one's session has made it attach anew: to be told apart from a device that was unplugged.
 */
static bool was_busy(const dfukit_usbip *u, const char *path, uint32_t devnum)
{
    return u->busy_devnum == devnum && strcmp(u->busy_busid, path) == 0;
}

static int still_busy(dfukit_usbip *u, const char *path)
{
    dfukit_usbip_complain(u, "%s has lent %s to somebody else, and it has attached anew since",
                          u->where, path);
    u->busy_replaced = true;
    return DFUKIT_ERR_BUSY;
}

int dfukit_usbip_open_device(void *self, const char *path, uint32_t devnum, dfukit_handle **out)
{
    dfukit_usbip *u = self;
    uint64_t deadline = dfukit_usbip_now_ms() + DFUKIT_USBIP_CALL_MS;
    uint8_t record[DFUKIT_USBIP_DEVICE_SIZE];
    dfukit_usbip_device device;
    dfukit_handle *h;
    int error;

    *out = NULL;
    u->complaint[0] = '\0';
    if (path[0] == '\0' || strlen(path) >= DFUKIT_USBIP_BUSID_SIZE)
        return DFUKIT_ERR_GONE;
    /* Asking again would only get in the other one's way. */
    if (u->busy_replaced && was_busy(u, path, devnum))
        return still_busy(u, path);
    error = dfukit_usbip_import(u, path, deadline, record, &h);
    if (error == DFUKIT_ERR_BUSY) {
        memcpy(u->busy_busid, path, strlen(path) + 1);
        u->busy_devnum = devnum;
        u->busy_replaced = false;
    }
    if (error != DFUKIT_OK)
        return error;
    dfukit_usbip_device_decode(record, &device);
    if (device.devnum != devnum)
        error = was_busy(u, path, devnum) ? still_busy(u, path) : DFUKIT_ERR_GONE;
    else
        error = recall(h, record);
    /* Without descriptors it can be used all the same; a reset then counts as a departure. */
    if (error == DFUKIT_ERR_NO_DEVICE) {
        (void)dfukit_usbip_describe(h, deadline);
        error = h->fd < 0 ? DFUKIT_ERR_GONE : DFUKIT_OK;
    }
    if (error != DFUKIT_OK) {
        dfukit_usbip_close_device(u, h);
        return error;
    }
    *out = h;
    return DFUKIT_OK;
}

void dfukit_usbip_close_device(void *self, dfukit_handle *h)
{
    dfukit_usbip *u = self;
    dfukit_handle **link = &u->handles;

    if (h == NULL)
        return;
    dfukit_usbip_cancel(u, h);
    if (h->fd >= 0) {
        (void)close(h->fd);
        memcpy(u->closed_busid, h->busid, sizeof(u->closed_busid));
        u->closed_ms = dfukit_usbip_now_ms();
    }
    while (*link != NULL && *link != h)
        link = &(*link)->next;
    if (*link == h) {
        *link = h->next;
        u->handle_count--;
    }
    dfukit_snapshot_free(&h->snapshot);
    free(h);
}
