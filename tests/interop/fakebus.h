/* SPDX-License-Identifier: MIT */
/**
 * A USB bus for programs that use libusb, with no USB: umockdev redirects what they see of /sys, of
 * udev and of /dev/bus/usb to here, and what they ask of a device goes to a dfukit_wire. Enumerates
 * and resets as the kernel does. Run the process under umockdev-wrapper.
 */
#ifndef FAKEBUS_H
#define FAKEBUS_H

#include "dfukit/bus.h"

typedef struct fakebus fakebus;

/** Bus 1 with a hub in its port 2. */
fakebus *fakebus_new(void);
void fakebus_free(fakebus *b);
/** Plug a device into a port of the hub, 1 to 9: its path is "1-2.PORT". @return its index. */
size_t fakebus_plug(fakebus *b, unsigned port, const dfukit_wire *wire);
/** What the kernel's hub driver does: see to departures and arrivals. Call every few milliseconds,
 *  from one thread. */
void fakebus_work(fakebus *b);
/** The device's number on the bus, 0 while it is not there. */
unsigned fakebus_devnum(fakebus *b, size_t index);
/** The node's permissions: false makes opening it fail with EACCES. */
void fakebus_allow(fakebus *b, size_t index, bool allowed);
/** How many URBs are under way. */
unsigned fakebus_flying(fakebus *b);

#endif
