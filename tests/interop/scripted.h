/* SPDX-License-Identifier: MIT */
/**
 * A device that does as it is told: a composite run-time device with a DFU function, with
 * descriptors in every odd place, and vendor requests that answer, stall, fall silent or leave the
 * bus.
 */
#ifndef SCRIPTED_H
#define SCRIPTED_H

#include "dfukit/bus.h"

/** Vendor requests (bmRequestType 0xC0, the last two 0x40). */
enum {
    SCRIPTED_PATTERN = 1, /**< wLength bytes: wValue, wValue + 1 … */
    SCRIPTED_SHORT,       /**< 5 of them */
    SCRIPTED_STALL,
    SCRIPTED_SILENCE, /**< never answers */
    SCRIPTED_STORE,   /**< keeps what is sent */
    SCRIPTED_LEAVE    /**< is another device after the next reset */
};

typedef struct scripted {
    uint32_t attachment;
    bool leaving;
    unsigned resets, requests, cancels, configured;
    uint8_t alternate;
    uint8_t stored[65535];
    size_t stored_size;
} scripted;

#define SCRIPTED_VID 0x1209u
#define SCRIPTED_PID 0x0001u

void scripted_init(scripted *s);
dfukit_wire scripted_wire(scripted *s);
/** Its configuration, with all descriptors. */
const uint8_t *scripted_configuration(size_t *n);

#endif
