/* SPDX-License-Identifier: MIT */
/* What a carrier wants to know of a device before anybody talks DFU: its descriptors. */
#ifndef DFUKIT_TRANSPORT_DESCRIBE_H
#define DFUKIT_TRANSPORT_DESCRIBE_H

#include "dfukit/bus.h"

/* Time for one of the carriers' own requests, in milliseconds (USB 2.0 §9.2.6.1 allows as much). */
#define DFUKIT_OWN_REQUEST_MS 5000u

/* A device's descriptors as it sent them. */
typedef struct dfukit_snapshot {
    uint8_t device[DFUKIT_DEVICE_DESCRIPTOR_SIZE];
    uint8_t index;          /* of the active configuration, for GET_DESCRIPTOR */
    uint8_t *configuration; /* owned; NULL when nothing is known */
    size_t configuration_size;
} dfukit_snapshot;

/* Run one control transfer to its end. @return what bus.h says of a transfer's result. */
typedef int32_t dfukit_exchange(void *self, const dfukit_setup *setup, uint8_t *in);

/* Setup packets of GET_DESCRIPTOR. Device descriptors are asked for with 18 bytes, never with 64: a
 * USB/IP server takes the latter for a bus reset. */
dfukit_setup dfukit_get_descriptor(uint8_t type, uint8_t index, uint16_t length);

/* Read device and active configuration descriptor. @return DFUKIT_OK, or a transfer's error,
 * DFUKIT_ERR_FORMAT, DFUKIT_ERR_NOMEM. *out needs dfukit_snapshot_free() after success only. */
int dfukit_describe(dfukit_exchange *exchange, void *self, dfukit_snapshot *out);
void dfukit_snapshot_free(dfukit_snapshot *s);
/* Fill an entry's `device` and copy the configuration. @return DFUKIT_OK or DFUKIT_ERR_NOMEM. */
int dfukit_snapshot_to_entry(const dfukit_snapshot *s, dfukit_entry *entry);

#endif
