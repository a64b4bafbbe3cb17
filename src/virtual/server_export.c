/* SPDX-License-Identifier: MIT */
/*
 * The USB/IP server: the devices on offer, as lists show them. Linux's server knows a device's
 * descriptors from its own enumeration; this one reads them once for each attachment.
 */
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A device that answers its descriptors with NAK for longer is listed without them. */
#define DESCRIPTORS_US 50000u
#define BUSNUM         1u
/* USB 2.0 §9.4.6: addresses have seven bits, and 0 is nobody's. */
#define DEVNUM_MOST 127u

/* The two parts of a list: how it begins, how a device begins. */
#define LIST_HEAD (DFUKIT_USBIP_OP_SIZE + 4u)

uint32_t dfukit_export_attachment(const dfukit_export *e)
{
    return e->wire.ops->attachment(e->wire.self);
}

dfukit_export *dfukit_server_find(dfukit_server *s, const char *busid)
{
    for (size_t i = 0; i < s->export_count; i++) {
        if (strcmp(s->exports[i].busid, busid) == 0)
            return &s->exports[i];
    }
    return NULL;
}

/* ---- Coming and going ---- */

static bool number_taken(const dfukit_server *s, uint32_t devnum)
{
    for (size_t i = 0; i < s->export_count; i++) {
        if (s->exports[i].devnum == devnum)
            return true;
    }
    return false;
}

/* As a bus gives out addresses: upwards, around, past those in use. More devices than a bus has
 * addresses get larger numbers, so that there is always a free one. */
static uint32_t next_devnum(dfukit_server *s)
{
    size_t most = s->export_count < DEVNUM_MOST ? DEVNUM_MOST : s->export_count + 1;

    do
        s->last_devnum = s->last_devnum < most ? s->last_devnum + 1 : 1;
    while (number_taken(s, s->last_devnum));
    return s->last_devnum;
}

/* Gone while somebody had it, or had just let go of it: that session expects it back. */
static void notice_departure(dfukit_export *e)
{
    uint64_t now = dfukit_server_real_us();
    bool in_session = e->owner != NULL ||
                      (e->released_us != 0 && now - e->released_us < DFUKIT_SERVER_SESSION_US);

    e->away = true;
    e->awaited_us = in_session ? now + DFUKIT_SERVER_RETURN_US : 0;
}

void dfukit_export_notice(dfukit_server *s, dfukit_export *e)
{
    uint32_t attachment = dfukit_export_attachment(e);

    if (attachment == 0) {
        if (!e->away)
            notice_departure(e);
        return;
    }
    e->away = false;
    if (attachment != e->numbered) {
        e->devnum = next_devnum(s);
        e->numbered = attachment;
    }
}

/* ---- Descriptors ---- */

/* One GET_DESCRIPTOR, until the deadline. @return bytes, or a dfukit_error. */
static int32_t get_descriptor(dfukit_server *s, const dfukit_wire *w, uint8_t type, uint8_t *bytes,
                              uint16_t n, uint64_t deadline_us)
{
    const dfukit_setup setup = {
        .bmRequestType = 0x80,
        .bRequest = DFUKIT_USB_GET_DESCRIPTOR,
        .wValue = (uint16_t)((unsigned)type << 8),
        .wLength = n,
    };
    int32_t got = w->ops->control(w->self, &setup, bytes);

    while (got == DFUKIT_ERR_AGAIN) {
        uint64_t hint = w->ops->work(w->self);
        uint64_t now = dfukit_server_now_us(s);

        if (now >= deadline_us) {
            w->ops->cancel(w->self);
            return DFUKIT_ERR_TIMEOUT;
        }
        if (hint > deadline_us - now)
            hint = deadline_us - now;
        s->clock.sleep_us(s->clock.self, hint > 10 ? hint : 10);
        (void)w->ops->work(w->self);
        got = w->ops->control(w->self, &setup, bytes);
    }
    return got > (int32_t)n ? DFUKIT_ERR_FORMAT : got;
}

/* The interfaces of a configuration: the first alternate setting of each. */
static void list_interfaces(dfukit_export *e, const uint8_t *bytes, size_t n)
{
    bool seen[256] = {false};
    const uint8_t *found;
    size_t at = 0;

    while (e->record.bNumInterfaces < DFUKIT_SERVER_INTERFACES &&
           dfukit_descriptor_next(bytes, n, &at, &found)) {
        dfukit_interface_descriptor d;
        uint8_t *to = e->interfaces + e->record.bNumInterfaces * DFUKIT_USBIP_INTERFACE_SIZE;

        if (found[1] != DFUKIT_DESC_INTERFACE ||
            dfukit_interface_descriptor_decode(found, found[0], &d) < 0 || seen[d.bInterfaceNumber])
            continue;
        seen[d.bInterfaceNumber] = true;
        to[0] = d.bInterfaceClass;
        to[1] = d.bInterfaceSubClass;
        to[2] = d.bInterfaceProtocol;
        to[3] = 0;
        e->record.bNumInterfaces++;
    }
}

static bool read_configuration(dfukit_server *s, dfukit_export *e, uint64_t deadline_us)
{
    uint8_t head[DFUKIT_CONFIG_HEADER_SIZE];
    uint8_t *bytes;
    uint16_t total;
    int32_t got =
        get_descriptor(s, &e->wire, DFUKIT_DESC_CONFIGURATION, head, sizeof(head), deadline_us);

    if (got < (int32_t)sizeof(head) || head[1] != DFUKIT_DESC_CONFIGURATION)
        return false;
    total = (uint16_t)(head[2] | (unsigned)head[3] << 8);
    if (total < sizeof(head))
        return false;
    bytes = malloc(total);
    if (bytes == NULL)
        return false;
    got = get_descriptor(s, &e->wire, DFUKIT_DESC_CONFIGURATION, bytes, total, deadline_us);
    if (got > 0)
        list_interfaces(e, bytes, (size_t)got);
    e->record.bConfigurationValue = head[5];
    free(bytes);
    return got > 0;
}

static bool read_device(dfukit_server *s, dfukit_export *e, uint64_t deadline_us)
{
    uint8_t bytes[DFUKIT_DEVICE_DESCRIPTOR_SIZE];
    dfukit_device_descriptor d;
    dfukit_usbip_device *r = &e->record;
    int32_t got =
        get_descriptor(s, &e->wire, DFUKIT_DESC_DEVICE, bytes, sizeof(bytes), deadline_us);

    if (got < 0 || dfukit_device_descriptor_decode(bytes, (size_t)got, &d) < 0)
        return false;
    r->idVendor = d.idVendor;
    r->idProduct = d.idProduct;
    r->bcdDevice = d.bcdDevice;
    r->bDeviceClass = d.bDeviceClass;
    r->bDeviceSubClass = d.bDeviceSubClass;
    r->bDeviceProtocol = d.bDeviceProtocol;
    r->bNumConfigurations = d.bNumConfigurations;
    return true;
}

void dfukit_export_refresh(dfukit_server *s, dfukit_export *e, bool insist)
{
    uint32_t attachment = dfukit_export_attachment(e);
    uint32_t known = insist ? e->described : e->recorded;
    uint64_t deadline = dfukit_server_now_us(s) + DESCRIPTORS_US;
    const dfukit_packet *active = e->owner != NULL ? e->owner->queue.first : NULL;

    dfukit_export_notice(s, e);
    if (attachment == 0 || attachment == known || (active != NULL && active->started))
        return;
    memset(&e->record, 0, sizeof(e->record));
    (void)snprintf(e->record.path, sizeof(e->record.path), "/sys/devices/dfukit/%s", e->busid);
    memcpy(e->record.busid, e->busid, sizeof(e->record.busid));
    e->record.busnum = BUSNUM;
    e->record.devnum = e->devnum;
    e->recorded = attachment;
    e->record.speed = e->wire.ops->full_speed(e->wire.self) ? DFUKIT_USBIP_FULL : DFUKIT_USBIP_HIGH;
    e->described =
        read_device(s, e, deadline) && read_configuration(s, e, deadline) ? attachment : 0;
}

/* ---- The list ---- */

static size_t listed_size(const dfukit_export *e)
{
    return DFUKIT_USBIP_DEVICE_SIZE +
           (size_t)e->record.bNumInterfaces * DFUKIT_USBIP_INTERFACE_SIZE;
}

static bool listed(const dfukit_export *e)
{
    uint32_t attachment = dfukit_export_attachment(e);

    return attachment != 0 && e->recorded == attachment;
}

dfukit_packet *dfukit_server_device_list(dfukit_server *s)
{
    const dfukit_usbip_op reply = {.version = DFUKIT_USBIP_VERSION, .code = DFUKIT_OP_REP_DEVLIST};
    size_t size = LIST_HEAD;
    uint32_t count = 0;
    dfukit_packet *p;
    uint8_t *to;

    for (size_t i = 0; i < s->export_count; i++) {
        dfukit_export_refresh(s, &s->exports[i], true);
        if (listed(&s->exports[i]))
            size += listed_size(&s->exports[i]);
    }
    p = dfukit_packet_new(size);
    if (p == NULL)
        return NULL;
    to = p->bytes + LIST_HEAD;
    for (size_t i = 0; i < s->export_count; i++) {
        const dfukit_export *e = &s->exports[i];

        if (!listed(e))
            continue;
        dfukit_usbip_device_encode(&e->record, to);
        memcpy(to + DFUKIT_USBIP_DEVICE_SIZE, e->interfaces,
               listed_size(e) - DFUKIT_USBIP_DEVICE_SIZE);
        to += listed_size(e);
        count++;
    }
    dfukit_usbip_op_encode(&reply, p->bytes);
    p->bytes[8] = (uint8_t)(count >> 24);
    p->bytes[9] = (uint8_t)(count >> 16);
    p->bytes[10] = (uint8_t)(count >> 8);
    p->bytes[11] = (uint8_t)count;
    return p;
}
