/* SPDX-License-Identifier: MIT */
/* The USB/IP server: what a new connection asks for: the list of devices, or one of them. */
#include "server.h"

#include <string.h>

/* Status of OP_REP_IMPORT (Linux tools/usb/usbip/libsrc/usbip_common.h). */
enum { STATUS_OK = 0, STATUS_BUSY = 2, STATUS_NODEV = 4 };

#define IMPORT_SIZE (DFUKIT_USBIP_OP_SIZE + DFUKIT_USBIP_BUSID_SIZE)

size_t dfukit_request_size(const dfukit_connection *c)
{
    dfukit_usbip_op op;

    if (c->have < DFUKIT_USBIP_OP_SIZE)
        return DFUKIT_USBIP_OP_SIZE;
    dfukit_usbip_op_decode(c->head, &op);
    return op.version == DFUKIT_USBIP_VERSION && op.code == DFUKIT_OP_REQ_IMPORT
               ? IMPORT_SIZE
               : DFUKIT_USBIP_OP_SIZE;
}

/* May this device be lent to one more? Not while a session waits for it to come back either. */
static uint32_t import_status(dfukit_server *s, dfukit_export *e)
{
    uint32_t attachment;

    if (e == NULL)
        return STATUS_NODEV;
    /* Its last user may have closed already, only nobody has looked. */
    if (e->owner != NULL)
        dfukit_connection_read(s, e->owner);
    if (e->owner != NULL)
        return STATUS_BUSY;
    dfukit_export_refresh(s, e, true);
    attachment = dfukit_export_attachment(e);
    if (attachment == 0)
        return dfukit_server_real_us() < e->awaited_us ? STATUS_BUSY : STATUS_NODEV;
    return e->recorded == attachment ? STATUS_OK : STATUS_BUSY;
}

static void serve_import(dfukit_server *s, dfukit_connection *c)
{
    dfukit_usbip_op reply = {.version = DFUKIT_USBIP_VERSION, .code = DFUKIT_OP_REP_IMPORT};
    char busid[DFUKIT_USBIP_BUSID_SIZE];
    dfukit_export *e;
    dfukit_packet *p;

    memcpy(busid, c->head + DFUKIT_USBIP_OP_SIZE, sizeof(busid));
    busid[sizeof(busid) - 1] = '\0';
    e = dfukit_server_find(s, busid);
    reply.status = import_status(s, e);
    p = dfukit_packet_new(DFUKIT_USBIP_OP_SIZE +
                          (reply.status == STATUS_OK ? DFUKIT_USBIP_DEVICE_SIZE : 0));
    if (p == NULL) {
        dfukit_connection_drop(c);
        return;
    }
    dfukit_usbip_op_encode(&reply, p->bytes);
    dfukit_fifo_push(&c->replies, p);
    if (reply.status != STATUS_OK) {
        dfukit_connection_finish(c);
        return;
    }
    dfukit_usbip_device_encode(&e->record, p->bytes + DFUKIT_USBIP_OP_SIZE);
    e->owner = c;
    c->export = e;
    c->attachment = e->recorded;
    c->devid = e->record.busnum << 16 | e->record.devnum;
    c->phase = DFUKIT_PHASE_DEVICE;
}

void dfukit_request_serve(dfukit_server *s, dfukit_connection *c)
{
    dfukit_usbip_op op;
    dfukit_packet *p;

    dfukit_usbip_op_decode(c->head, &op);
    c->have = 0;
    if (op.version == DFUKIT_USBIP_VERSION && op.code == DFUKIT_OP_REQ_IMPORT) {
        serve_import(s, c);
        return;
    }
    p = op.version == DFUKIT_USBIP_VERSION && op.code == DFUKIT_OP_REQ_DEVLIST
            ? dfukit_server_device_list(s)
            : NULL;
    if (p == NULL) {
        dfukit_connection_drop(c);
        return;
    }
    dfukit_fifo_push(&c->replies, p);
    dfukit_connection_finish(c);
}
