/* SPDX-License-Identifier: MIT */
/*
 * The USB/IP client: what a server lists. Its list names classes only, so devices that may have a
 * DFU function are imported for a moment to read their descriptors; devices that look the same as
 * at the last look are left alone.
 */
#include "usbip.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void dfukit_usbip_forget(dfukit_known *known, size_t count)
{
    for (size_t i = 0; i < count; i++)
        dfukit_snapshot_free(&known[i].snapshot);
    free(known);
}

/* ---- The server's list ---- */

static int malformed(dfukit_usbip *u)
{
    dfukit_usbip_complain(u, "%s sent a malformed list of devices", u->where);
    return DFUKIT_ERR_CONNECT;
}

/* A busid becomes a path that people see: printable ASCII only. */
static bool busid_usable(const char *busid)
{
    if (busid[0] == '\0')
        return false;
    for (; *busid != '\0'; busid++) {
        if (*busid < 0x21 || *busid > 0x7E)
            return false;
    }
    return true;
}

/* One device of the list. @return DFUKIT_OK, DFUKIT_ERR_TIMEOUT or _GONE. */
static int fetch_device(int fd, uint64_t deadline_ms, dfukit_known *k)
{
    dfukit_usbip_device device;
    int error = dfukit_usbip_recv(fd, k->record, sizeof(k->record), deadline_ms);

    if (error != DFUKIT_OK)
        return error;
    dfukit_usbip_device_decode(k->record, &device);
    return dfukit_usbip_recv(fd, k->interfaces,
                             device.bNumInterfaces * (size_t)DFUKIT_USBIP_INTERFACE_SIZE,
                             deadline_ms);
}

/* Memory grows with what has come, not with the number that the server claims. */
static int fetch_devices(dfukit_usbip *u, int fd, uint32_t claimed, uint64_t deadline_ms,
                         dfukit_known **known, size_t *count)
{
    size_t room = 0;

    for (uint32_t i = 0; i < claimed; i++) {
        if (*count == room) {
            size_t wanted = room == 0 ? 8 : room * 2;
            dfukit_known *grown = realloc(*known, wanted * sizeof(*grown));

            if (grown == NULL)
                return DFUKIT_ERR_NOMEM;
            *known = grown;
            room = wanted;
        }
        memset(&(*known)[*count], 0, sizeof(**known));
        if (fetch_device(fd, deadline_ms, &(*known)[*count]) != DFUKIT_OK)
            return malformed(u);
        (*count)++;
    }
    return DFUKIT_OK;
}

static int fetch(dfukit_usbip *u, int fd, uint64_t deadline_ms, dfukit_known **known, size_t *count)
{
    const dfukit_usbip_op ask = {.version = DFUKIT_USBIP_VERSION, .code = DFUKIT_OP_REQ_DEVLIST};
    uint8_t bytes[DFUKIT_USBIP_OP_SIZE + 4];
    dfukit_usbip_op reply;
    uint32_t claimed;
    int error;

    dfukit_usbip_op_encode(&ask, bytes);
    error = dfukit_usbip_send(fd, bytes, DFUKIT_USBIP_OP_SIZE, deadline_ms);
    if (error == DFUKIT_OK)
        error = dfukit_usbip_recv(fd, bytes, sizeof(bytes), deadline_ms);
    if (error != DFUKIT_OK) {
        dfukit_usbip_complain(u, "%s did not send a list of devices", u->where);
        return DFUKIT_ERR_CONNECT;
    }
    dfukit_usbip_op_decode(bytes, &reply);
    if (reply.version != DFUKIT_USBIP_VERSION || reply.code != DFUKIT_OP_REP_DEVLIST) {
        dfukit_usbip_complain(u, "%s does not speak USB/IP 1.1.1", u->where);
        return DFUKIT_ERR_CONNECT;
    }
    claimed =
        (uint32_t)bytes[8] << 24 | (uint32_t)bytes[9] << 16 | (uint32_t)bytes[10] << 8 | bytes[11];
    if (reply.status != 0 || claimed > DFUKIT_USBIP_DEVICES)
        return malformed(u);
    return fetch_devices(u, fd, claimed, deadline_ms, known, count);
}

/* ---- Descriptors ---- */

static bool may_have_dfu(const dfukit_known *k, const dfukit_usbip_device *device)
{
    if (device->bNumInterfaces == 0 || device->bDeviceClass == DFUKIT_CLASS_APPLICATION)
        return true;
    for (unsigned i = 0; i < device->bNumInterfaces; i++) {
        const uint8_t *interface = k->interfaces + i * DFUKIT_USBIP_INTERFACE_SIZE;

        if (interface[0] == DFUKIT_CLASS_APPLICATION && interface[1] == DFUKIT_SUBCLASS_DFU)
            return true;
    }
    return false;
}

/* Take over what the last look has read of the same device. */
static bool remember(dfukit_usbip *u, dfukit_known *k)
{
    for (size_t i = 0; i < u->known_count; i++) {
        dfukit_known *old = &u->known[i];

        if (old->snapshot.configuration != NULL &&
            memcmp(old->record, k->record, sizeof(k->record)) == 0 &&
            memcmp(old->interfaces, k->interfaces, sizeof(k->interfaces)) == 0) {
            k->snapshot = old->snapshot;
            memset(&old->snapshot, 0, sizeof(old->snapshot));
            return true;
        }
    }
    return false;
}

/* True when this very carrier has the device open. */
static bool opened_here(const dfukit_usbip *u, const dfukit_usbip_device *device)
{
    for (const dfukit_handle *h = u->handles; h != NULL; h = h->next) {
        if (h->fd >= 0 && strcmp(h->busid, device->busid) == 0)
            return true;
    }
    return false;
}

/* Import the device for as long as reading its descriptors takes. */
static int look(dfukit_usbip *u, const char *busid, uint64_t deadline_ms, dfukit_known *k)
{
    uint8_t record[DFUKIT_USBIP_DEVICE_SIZE];
    dfukit_handle *h;
    int error;

    if (dfukit_usbip_now_ms() >= deadline_ms)
        return DFUKIT_ERR_TIMEOUT;
    error = dfukit_usbip_import(u, busid, deadline_ms, record, &h);
    if (error != DFUKIT_OK)
        return error;
    error = dfukit_usbip_describe(h, deadline_ms);
    if (error == DFUKIT_OK) {
        k->snapshot = h->snapshot;
        memset(&h->snapshot, 0, sizeof(h->snapshot));
    }
    dfukit_usbip_close_device(u, h);
    return error;
}

/* ---- Entries ---- */

static void entry_from_record(const dfukit_usbip_device *device, dfukit_entry *e)
{
    memcpy(e->path, device->busid, sizeof(device->busid));
    e->devnum = device->devnum;
    e->device = (dfukit_device_descriptor){
        .bDeviceClass = device->bDeviceClass,
        .bDeviceSubClass = device->bDeviceSubClass,
        .bDeviceProtocol = device->bDeviceProtocol,
        .idVendor = device->idVendor,
        .idProduct = device->idProduct,
        .bcdDevice = device->bcdDevice,
        .bNumConfigurations = device->bNumConfigurations,
    };
}

static int make_entry(dfukit_usbip *u, dfukit_known *k, const char *only, uint64_t deadline_ms,
                      dfukit_listing *out)
{
    dfukit_usbip_device device;
    dfukit_entry *e = &out->entries[out->count];
    int error = DFUKIT_OK;

    dfukit_usbip_device_decode(k->record, &device);
    if (!busid_usable(device.busid) || (u->busid != NULL && strcmp(u->busid, device.busid) != 0))
        return DFUKIT_OK;
    out->count++;
    entry_from_record(&device, e);
    if (opened_here(u, &device)) {
        (void)remember(u, k);
        error = DFUKIT_ERR_BUSY;
    } else if (!remember(u, k) && may_have_dfu(k, &device) &&
               (only == NULL || strcmp(only, device.busid) == 0)) {
        error = look(u, device.busid, deadline_ms, k);
    }
    e->access = (dfukit_error)error;
    if (error == DFUKIT_ERR_NOMEM || k->snapshot.configuration == NULL)
        return error == DFUKIT_ERR_NOMEM ? error : DFUKIT_OK;
    return dfukit_snapshot_to_entry(&k->snapshot, e);
}

static int make_listing(dfukit_usbip *u, dfukit_known *known, size_t count, const char *only,
                        uint64_t deadline_ms, dfukit_listing *out)
{
    out->entries = calloc(count > 0 ? count : 1, sizeof(*out->entries));
    if (out->entries == NULL)
        return DFUKIT_ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        int error = make_entry(u, &known[i], only, deadline_ms, out);

        if (error != DFUKIT_OK) {
            dfukit_listing_free(out);
            return error;
        }
    }
    return DFUKIT_OK;
}

int dfukit_usbip_list(void *self, const char *only, dfukit_listing *out)
{
    dfukit_usbip *u = self;
    uint64_t deadline = dfukit_usbip_now_ms() + DFUKIT_USBIP_CALL_MS;
    dfukit_known *known = NULL;
    size_t count = 0;
    int error = DFUKIT_ERR_CONNECT;
    int fd;

    *out = (dfukit_listing){.count = 0};
    u->complaint[0] = '\0';
    fd = dfukit_usbip_connect(u, deadline);
    if (fd >= 0) {
        error = fetch(u, fd, deadline, &known, &count);
        (void)close(fd);
    }
    if (error == DFUKIT_OK)
        error = make_listing(u, known, count, only, deadline, out);
    if (error != DFUKIT_OK) {
        dfukit_usbip_forget(known, count);
        return error;
    }
    dfukit_usbip_forget(u->known, u->known_count);
    u->known = known;
    u->known_count = count;
    return DFUKIT_OK;
}
