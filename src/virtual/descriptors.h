/* SPDX-License-Identifier: MIT */
/* The descriptors of a virtual device, built for each attachment from how it is to appear. */
#ifndef DFUKIT_VIRTUAL_DESCRIPTORS_H
#define DFUKIT_VIRTUAL_DESCRIPTORS_H

#include "dfukit/virtual.h"

/* Device, configuration, languages, three strings, a string for each alternate setting. */
#define DFUKIT_DESCRIPTORS_MAX (6u + DFUKIT_PERSONA_ALTERNATES)
#define DFUKIT_DESCRIPTOR_ROOM 5632u

/* String indexes. Those of the alternate settings follow. */
enum {
    DFUKIT_STRING_LANGUAGES = 0,
    DFUKIT_STRING_MANUFACTURER = 1,
    DFUKIT_STRING_PRODUCT = 2,
    DFUKIT_STRING_SERIAL = 3,
    DFUKIT_STRING_ALTERNATES = 4
};

/* Run-time mode: the application's interfaces, then the DFU interface. */
static inline uint8_t dfukit_interface_runtime(const dfukit_persona *p)
{
    return p->runtime_interface != 0 ? p->runtime_interface : 1;
}

/* How a device shows itself in one attachment: the persona, dressed by options and faults. */
typedef struct dfukit_appearance {
    bool dfu_mode;
    const dfukit_persona *persona; /* for what follows it word by word */
    dfukit_identity identity;
    const char *manufacturer;
    const char *alternates[DFUKIT_PERSONA_ALTERNATES];
    const uint8_t *raw_serial; /* a whole descriptor; NULL: from `identity` */
    dfukit_functional functional;
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

void dfukit_descriptors_build(dfukit_descriptors *d, const dfukit_appearance *a);

#endif
