/* SPDX-License-Identifier: MIT */
/* The ioctls that libusb makes on a device's node, answered as the kernel's usbfs would. */
#include <errno.h>
#include <linux/usbdevice_fs.h>
#include <string.h>
#include <sys/ioctl.h>

#include "fakebus_internal.h"

static void urb_free(fakebus_urb *u)
{
    g_object_unref(u->data);
    g_free(u);
}

static fakebus_device *find(fakebus *b, const char *node)
{
    for (size_t i = 0; i < b->count; i++) {
        if (g_strcmp0(b->devices[i].node, node) == 0)
            return &b->devices[i];
    }
    return NULL;
}

/* The ioctl's argument, `n` bytes of it, here; or NULL. The caller's reference. */
static UMockdevIoctlData *argument(UMockdevIoctlClient *client, gsize n)
{
    return umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0, n, NULL);
}

/* ---- URBs ---- */

static int submit(fakebus_device *d, UMockdevIoctlClient *client)
{
    UMockdevIoctlData *data = argument(client, sizeof(struct usbdevfs_urb));
    if (data == NULL)
        return EFAULT;
    const struct usbdevfs_urb *urb = (const void *)data->data;
    if (urb->type != USBDEVFS_URB_TYPE_CONTROL || urb->buffer_length < 8) {
        g_object_unref(data);
        return EINVAL;
    }
    fakebus_urb *u = g_new0(fakebus_urb, 1);
    u->data = data;
    u->client = client;
    g_queue_push_tail(&d->urbs, u);
    return 0;
}

static void end(fakebus_urb *u, int status, int32_t length)
{
    struct usbdevfs_urb *urb = (void *)u->data->data;
    urb->status = status;
    urb->actual_length = length;
    u->ended = true;
}

/* Let the wire go on with the first URB that has not ended. */
static void run(const fakebus_device *d, fakebus_urb *u)
{
    const struct usbdevfs_urb *urb = (const void *)u->data->data;
    UMockdevIoctlData *buffer = umockdev_ioctl_data_resolve(
        u->data, G_STRUCT_OFFSET(struct usbdevfs_urb, buffer), (gsize)urb->buffer_length, NULL);
    g_assert(buffer != NULL);
    dfukit_setup setup;
    dfukit_setup_decode(buffer->data, &setup);
    int32_t result = DFUKIT_ERR_STALL;
    if (setup.wLength + 8 <= urb->buffer_length)
        result = d->wire.ops->control(d->wire.self, &setup, buffer->data + 8);
    u->begun = true;
    if (result >= 0)
        end(u, 0, result);
    else if (result != DFUKIT_ERR_AGAIN)
        end(u, result == DFUKIT_ERR_STALL ? -EPIPE : -ESHUTDOWN, 0);
    g_object_unref(buffer);
}

static int reap(fakebus_device *d, UMockdevIoctlClient *client, bool departed)
{
    for (GList *at = d->urbs.head; at != NULL; at = at->next) {
        fakebus_urb *u = at->data;
        if (!u->ended && departed)
            end(u, -ESHUTDOWN, 0);
        else if (!u->ended)
            run(d, u);
        if (!u->ended)
            break; /* one at a time: endpoint 0 is a single pipe */
        if (u->client != client)
            continue;
        UMockdevIoctlData *answer = argument(client, sizeof(void *));
        umockdev_ioctl_data_set_ptr(answer, 0, u->data);
        g_object_unref(answer);
        g_queue_delete_link(&d->urbs, at);
        urb_free(u);
        return 0;
    }
    return departed ? ENODEV : EAGAIN;
}

static int discard(fakebus_device *d, UMockdevIoctlClient *client)
{
    gulong wanted = *(const gulong *)(const void *)umockdev_ioctl_client_get_arg(client)->data;
    for (GList *at = d->urbs.head; at != NULL; at = at->next) {
        fakebus_urb *u = at->data;
        if (u->data->client_addr != wanted || u->ended)
            continue;
        if (u->begun)
            d->wire.ops->cancel(d->wire.self);
        end(u, -ENOENT, 0);
        return 0;
    }
    return EINVAL;
}

/* ---- The rest ---- */

static int standard(const fakebus_device *d, const dfukit_setup *setup)
{
    int32_t result = fakebus_control(&d->wire, setup, NULL);
    if (result == DFUKIT_ERR_STALL)
        return EPIPE;
    return result == 0 ? 0 : EIO;
}

/* usb_reset_device() gives the device its configuration back, if it is still the same device. */
static int reset(fakebus_device *d)
{
    uint8_t header[9];
    d->wire.ops->reset(d->wire.self);
    if (fakebus_has_departed(d))
        return ENODEV;
    const dfukit_setup read = {0x80, DFUKIT_USB_GET_DESCRIPTOR, DFUKIT_DESC_CONFIGURATION << 8, 0,
                               9};
    if (fakebus_control(&d->wire, &read, header) != 9)
        return ENODEV;
    const dfukit_setup configure = {0, DFUKIT_USB_SET_CONFIGURATION, header[5], 0, 0};
    return standard(d, &configure);
}

static int capabilities(UMockdevIoctlClient *client)
{
    const guint32 flags = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
                          USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
    UMockdevIoctlData *answer = argument(client, sizeof flags);
    memcpy(answer->data, &flags, sizeof flags);
    g_object_unref(answer);
    return 0;
}

static int set_interface(const fakebus_device *d, UMockdevIoctlClient *client)
{
    struct usbdevfs_setinterface s;
    UMockdevIoctlData *data = argument(client, sizeof s);
    memcpy(&s, data->data, sizeof s);
    g_object_unref(data);
    const dfukit_setup setup = {1, DFUKIT_USB_SET_INTERFACE, (uint16_t)s.altsetting,
                                (uint16_t)s.interface, 0};
    return standard(d, &setup);
}

/* @return 0, or the errno of the ioctl. */
static int answer(fakebus_device *d, UMockdevIoctlClient *client)
{
    gulong request = umockdev_ioctl_client_get_request(client);
    bool departed = d == NULL || fakebus_has_departed(d);
    if (request == USBDEVFS_REAPURBNDELAY || request == USBDEVFS_REAPURB)
        return d == NULL ? ENODEV : reap(d, client, departed);
    if (departed)
        return ENODEV;
    switch (request) {
    case USBDEVFS_GET_CAPABILITIES:
        return capabilities(client);
    case USBDEVFS_CLAIMINTERFACE:
    case USBDEVFS_RELEASEINTERFACE:
    case USBDEVFS_DISCONNECT_CLAIM:
        return 0;
    case USBDEVFS_IOCTL: /* to the kernel's own driver, of which there is none */
    case USBDEVFS_GETDRIVER:
        return ENODATA;
    case USBDEVFS_SETINTERFACE:
        return set_interface(d, client);
    case USBDEVFS_RESET:
        return reset(d);
    case USBDEVFS_SUBMITURB:
        return submit(d, client);
    case USBDEVFS_DISCARDURB:
        return discard(d, client);
    default:
        return ENOTTY;
    }
}

gboolean fakebus_ioctl(UMockdevIoctlBase *handler, UMockdevIoctlClient *client, gpointer bus)
{
    (void)handler;
    fakebus *b = bus;
    g_mutex_lock(&b->lock);
    int error = answer(find(b, umockdev_ioctl_client_get_devnode(client)), client);
    umockdev_ioctl_client_complete(client, error == 0 ? 0 : -1, error);
    g_mutex_unlock(&b->lock);
    return TRUE;
}

void fakebus_vanished(UMockdevIoctlBase *handler, UMockdevIoctlClient *client, gpointer bus)
{
    (void)handler;
    fakebus *b = bus;
    g_mutex_lock(&b->lock);
    for (size_t i = 0; i < b->count; i++) {
        fakebus_device *d = &b->devices[i];
        GList *next;
        for (GList *at = d->urbs.head; at != NULL; at = next) {
            fakebus_urb *u = at->data;
            next = at->next;
            if (u->client != client)
                continue;
            if (u->begun && !u->ended)
                d->wire.ops->cancel(d->wire.self);
            g_queue_delete_link(&d->urbs, at);
            urb_free(u);
        }
    }
    g_mutex_unlock(&b->lock);
}
