/* SPDX-License-Identifier: MIT */
/* Descriptors of made-up devices for the host's tests, typed byte by byte from DFU 1.1 §4. */
#ifndef TESTS_UNIT_HOST_DESCRIPTORS_H
#define TESTS_UNIT_HOST_DESCRIPTORS_H

#include <string.h>

#include "dfukit/host.h"

#define LE16(x) (uint8_t)((x) & 0xFF), (uint8_t)((x) >> 8)
#define CONFIG(total, interfaces) 9, 2, LE16(total), interfaces, 1, 0, 0x80, 50
#define INTERFACE(number, alt, class_, sub, protocol, string) \
    9, 4, number, alt, 0, class_, sub, protocol, string
#define FUNCTIONAL(attributes, detach, size, version) \
    9, 0x21, attributes, LE16(detach), LE16(size), LE16(version)
#define FUNCTIONAL_10(attributes, detach, size) 7, 0x21, attributes, LE16(detach), LE16(size)

/* An entry for `bytes`, which it borrows. */
static inline dfukit_entry entry_of(uint8_t *bytes, size_t n)
{
    dfukit_entry e;
    memset(&e, 0, sizeof e);
    strcpy(e.path, "1-1");
    e.devnum = 7;
    e.device.idVendor = 0x1209;
    e.device.idProduct = 0x0001;
    e.device.bMaxPacketSize0 = 64;
    e.device.bNumConfigurations = 1;
    e.configuration = bytes;
    e.configuration_size = n;
    return e;
}

#endif
