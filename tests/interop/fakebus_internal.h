/* SPDX-License-Identifier: MIT */
/* What the two halves of the fake bus share: its devices, and the ioctls of their nodes. */
#ifndef FAKEBUS_INTERNAL_H
#define FAKEBUS_INTERNAL_H

#include <glib.h>
#include <umockdev.h>

#include "fakebus.h"

#define FAKEBUS_DEVICES_MAX 8u
#define FAKEBUS_CONFIG_MAX  4096u

/* A control transfer that a program has submitted and not reaped. */
typedef struct fakebus_urb {
    UMockdevIoctlData *data; /* struct usbdevfs_urb, as submitted; owned */
    gpointer client;         /* who reaps it */
    bool begun;              /* the wire has seen it */
    bool ended;
} fakebus_urb;

typedef struct fakebus_device {
    dfukit_wire wire;
    unsigned port;
    uint32_t attachment; /* the wire's, as enumerated; 0: not on the bus */
    unsigned devnum;
    char *node; /* "/dev/bus/usb/001/005"; NULL while not on the bus */
    char *syspath;
    GQueue urbs; /* of fakebus_urb, in order */
} fakebus_device;

struct fakebus {
    UMockdevTestbed *testbed;
    UMockdevIoctlBase *handler;
    GMutex lock; /* ioctls arrive in a thread of umockdev's */
    fakebus_device devices[FAKEBUS_DEVICES_MAX];
    size_t count;
    unsigned next_devnum;
};

/* One control transfer to its end, at most a second. @return as dfukit_wire_ops.control. */
int32_t fakebus_control(const dfukit_wire *wire, const dfukit_setup *setup, uint8_t *data);
/* The device has left the bus under its present number, or will at the next look. */
bool fakebus_has_departed(const fakebus_device *d);
/* Answers ioctls; connected to the handler's signal. */
gboolean fakebus_ioctl(UMockdevIoctlBase *handler, UMockdevIoctlClient *client, gpointer bus);
/* A program has closed the node: its URBs go with it. */
void fakebus_vanished(UMockdevIoctlBase *handler, UMockdevIoctlClient *client, gpointer bus);

#endif
