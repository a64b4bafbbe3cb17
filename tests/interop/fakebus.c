/* SPDX-License-Identifier: MIT */
/* The fake bus: hubs, and devices that come and go. */
#include "fakebus.h"

#include <string.h>
#include <sys/stat.h>

#include "fakebus_internal.h"

#define ROOT "/sys/devices/usb1"
#define HUB  ROOT "/1-2"

/* A hub's device descriptor and configuration, as sysfs shows them. */
#define HUB_DESCRIPTORS                                                                            \
    "12010002090000406b1d0200000100000001"                                                         \
    "0902190001010060000904000001090000000705810301000c"

static int32_t get_descriptor(const dfukit_wire *w, uint8_t type, uint8_t *bytes, uint16_t n)
{
    dfukit_setup setup = {0x80, DFUKIT_USB_GET_DESCRIPTOR, (uint16_t)(type << 8), 0, n};
    return fakebus_control(w, &setup, bytes);
}

int32_t fakebus_control(const dfukit_wire *wire, const dfukit_setup *setup, uint8_t *data)
{
    int32_t result = DFUKIT_ERR_AGAIN;
    for (int tries = 0; tries < 1000 && result == DFUKIT_ERR_AGAIN; tries++) {
        if (tries > 0)
            g_usleep(1000);
        wire->ops->work(wire->self);
        result = wire->ops->control(wire->self, setup, data);
    }
    if (result == DFUKIT_ERR_AGAIN)
        wire->ops->cancel(wire->self);
    return result;
}

bool fakebus_has_departed(const fakebus_device *d)
{
    d->wire.ops->work(d->wire.self);
    return d->node == NULL || d->wire.ops->attachment(d->wire.self) != d->attachment;
}

static void add_hub(fakebus *b, const char *syspath, unsigned devnum)
{
    char *text = g_strdup_printf("P: %s\n"
                                 "N: bus/usb/001/%03u\n"
                                 "E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\n"
                                 "E: BUSNUM=001\nE: DEVNUM=%03u\nE: DEVNAME=/dev/bus/usb/001/%03u\n"
                                 "A: busnum=1\\n\nA: devnum=%u\\n\nA: speed=480\\n\n"
                                 "A: bConfigurationValue=1\\n\n"
                                 "H: descriptors=" HUB_DESCRIPTORS "\n",
                                 syspath + strlen("/sys"), devnum, devnum, devnum, devnum);
    GError *error = NULL;
    if (!umockdev_testbed_add_from_string(b->testbed, text, &error))
        g_error("hub: %s", error->message);
    g_free(text);
}

static char *hex(const uint8_t *bytes, size_t n)
{
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < n; i++)
        g_string_append_printf(text, "%02X", bytes[i]);
    return g_string_free(text, FALSE);
}

/* As usb_new_device(): reset, read the descriptors, configure. @return their length, or 0. */
static size_t enumerate(const fakebus_device *d, uint8_t bytes[18 + FAKEBUS_CONFIG_MAX])
{
    d->wire.ops->reset(d->wire.self);
    uint8_t *config = bytes + 18;
    if (get_descriptor(&d->wire, DFUKIT_DESC_DEVICE, bytes, 18) != 18 ||
        get_descriptor(&d->wire, DFUKIT_DESC_CONFIGURATION, config, 9) != 9)
        return 0;
    unsigned total = config[2] | (unsigned)config[3] << 8;
    if (total > FAKEBUS_CONFIG_MAX)
        return 0;
    int32_t n = get_descriptor(&d->wire, DFUKIT_DESC_CONFIGURATION, config, (uint16_t)total);
    dfukit_setup configure = {0, DFUKIT_USB_SET_CONFIGURATION, config[5], 0, 0};
    if (n < 9 || fakebus_control(&d->wire, &configure, NULL) != 0)
        return 0;
    return 18u + (size_t)n;
}

/* Descriptors at hand, show the device. Not under the lock: whoever hears of it opens the node. */
static void announce(fakebus *b, fakebus_device *d, const uint8_t *descriptors, size_t n)
{
    char *blob = hex(descriptors, n);
    char *text = g_strdup_printf("P: %s\n"
                                 "N: bus/usb/001/%03u=%s\n"
                                 "E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\n"
                                 "E: BUSNUM=001\nE: DEVNUM=%03u\nE: DEVNAME=%s\n"
                                 "A: busnum=1\\n\nA: devnum=%u\\n\nA: speed=%s\\n\n"
                                 "A: bConfigurationValue=%u\\n\n"
                                 "H: descriptors=%s\n",
                                 d->syspath + strlen("/sys"), d->devnum, blob, d->devnum, d->node,
                                 d->devnum, d->wire.ops->full_speed(d->wire.self) ? "12" : "480",
                                 descriptors[18 + 5], blob);
    GError *error = NULL;
    /* First the ioctls, so that the device works as soon as it is seen. */
    if (!umockdev_testbed_attach_ioctl(b->testbed, d->node, b->handler, &error) ||
        !umockdev_testbed_add_from_string(b->testbed, text, &error))
        g_error("%s: %s", d->syspath, error->message);
    g_free(text);
    g_free(blob);
}

static void depart(fakebus *b, fakebus_device *d)
{
    umockdev_testbed_uevent(b->testbed, d->syspath, "remove");
    umockdev_testbed_remove_device(b->testbed, d->syspath);
    g_mutex_lock(&b->lock);
    g_clear_pointer(&d->node, g_free);
    g_clear_pointer(&d->syspath, g_free);
    d->attachment = 0;
    g_mutex_unlock(&b->lock);
}

static void arrive(fakebus *b, fakebus_device *d)
{
    uint8_t descriptors[18 + FAKEBUS_CONFIG_MAX];
    g_mutex_lock(&b->lock);
    size_t n = enumerate(d, descriptors);
    d->wire.ops->work(d->wire.self);
    d->attachment = d->wire.ops->attachment(d->wire.self);
    if (n > 0 && d->attachment != 0) {
        d->devnum = b->next_devnum++;
        d->node = g_strdup_printf("/dev/bus/usb/001/%03u", d->devnum);
        d->syspath = g_strdup_printf("%s/1-2.%u", HUB, d->port);
    }
    g_mutex_unlock(&b->lock);
    if (d->node != NULL)
        announce(b, d, descriptors, n);
}

void fakebus_work(fakebus *b)
{
    for (size_t i = 0; i < b->count; i++) {
        fakebus_device *d = &b->devices[i];
        g_mutex_lock(&b->lock);
        bool departed = fakebus_has_departed(d);
        bool present = d->wire.ops->attachment(d->wire.self) != 0;
        /* As in the kernel, first the URBs end, then the device is taken away. */
        bool idle = g_queue_is_empty(&d->urbs);
        g_mutex_unlock(&b->lock);
        if (departed && !idle)
            continue;
        if (departed && d->node != NULL)
            depart(b, d);
        if (departed && present)
            arrive(b, d);
    }
}

size_t fakebus_plug(fakebus *b, unsigned port, const dfukit_wire *wire)
{
    g_assert(b->count < FAKEBUS_DEVICES_MAX);
    g_mutex_lock(&b->lock);
    size_t index = b->count++;
    b->devices[index] = (fakebus_device){.wire = *wire, .port = port, .urbs = G_QUEUE_INIT};
    g_mutex_unlock(&b->lock);
    fakebus_work(b);
    return index;
}

unsigned fakebus_devnum(fakebus *b, size_t index)
{
    return b->devices[index].node != NULL ? b->devices[index].devnum : 0;
}

void fakebus_allow(fakebus *b, size_t index, bool allowed)
{
    /* The preloaded library redirects the path, so that of the node will do. */
    g_assert(chmod(b->devices[index].node, allowed ? 0600 : 0) == 0);
}

unsigned fakebus_flying(fakebus *b)
{
    unsigned flying = 0;
    g_mutex_lock(&b->lock);
    for (size_t i = 0; i < b->count; i++)
        flying += g_queue_get_length(&b->devices[i].urbs);
    g_mutex_unlock(&b->lock);
    return flying;
}

fakebus *fakebus_new(void)
{
    fakebus *b = g_new0(fakebus, 1);
    g_mutex_init(&b->lock);
    b->testbed = umockdev_testbed_new();
    b->handler = umockdev_ioctl_base_new();
    g_signal_connect(b->handler, "handle-ioctl", G_CALLBACK(fakebus_ioctl), b);
    g_signal_connect(b->handler, "client-vanished", G_CALLBACK(fakebus_vanished), b);
    add_hub(b, ROOT, 1);
    add_hub(b, HUB, 2);
    b->next_devnum = 3;
    return b;
}

void fakebus_free(fakebus *b)
{
    for (size_t i = 0; i < b->count; i++) {
        if (b->devices[i].node != NULL)
            depart(b, &b->devices[i]);
    }
    g_object_unref(b->handler);
    g_object_unref(b->testbed);
    g_mutex_clear(&b->lock);
    g_free(b);
}
