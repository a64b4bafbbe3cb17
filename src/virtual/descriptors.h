/* SPDX-License-Identifier: MIT */
/* The descriptors of a virtual device, built for each attachment from how it is to appear. */
#ifndef DFUKIT_VIRTUAL_DESCRIPTORS_H
#define DFUKIT_VIRTUAL_DESCRIPTORS_H

#include "dfukit/virtual.h"

#define DFUKIT_ALTERNATES_MAX 4u
/* Device, configuration, languages, three strings, a string for each alternate setting. */
#define DFUKIT_DESCRIPTORS_MAX (6u + DFUKIT_ALTERNATES_MAX)
#define DFUKIT_DESCRIPTOR_ROOM 2304u

/* String indexes. Those of the alternate settings follow. */
enum {
    DFUKIT_STRING_LANGUAGES = 0,
    DFUKIT_STRING_MANUFACTURER = 1,
    DFUKIT_STRING_PRODUCT = 2,
    DFUKIT_STRING_SERIAL = 3,
    DFUKIT_STRING_ALTERNATES = 4
};

/* Run-time mode: the application's interface, then the DFU interface. */
#define DFUKIT_INTERFACE_RUNTIME 1u

/* How a device shows itself in one attachment: the persona, dressed by options and faults. */
typedef struct dfukit_appearance {
    bool dfu_mode;
    dfukit_identity identity;
    const char *manufacturer;
    const char *alternates[DFUKIT_ALTERNATES_MAX];
    dfukit_functional functional;
    uint8_t max_packet_size0;
    bool lies; /* the functional descriptor's bLength is `functional_length` */
    uint8_t functional_length;
} dfukit_appearance;

typedef struct dfukit_descriptors {
    dfukit_descriptor list[DFUKIT_DESCRIPTORS_MAX];
    dfukit_descriptor_set set;
    uint8_t count;
    size_t used;
    uint8_t bytes[DFUKIT_DESCRIPTOR_ROOM];
} dfukit_descriptors;

/* How many alternate settings a list of names stands for. */
uint8_t dfukit_alternates_count(const char *const alternates[DFUKIT_ALTERNATES_MAX]);
void dfukit_descriptors_build(dfukit_descriptors *d, const dfukit_appearance *a);

#endif
