/* SPDX-License-Identifier: MIT */
/*
 * The smallest product: a plain DFU 1.1 loader with one memory, as `make sizes` measures it. Class,
 * endpoint 0 with chapter 9 and descriptors count; port and store stand in opaque.c and do not.
 */
#include "opaque.h"

enum { TRANSFER_SIZE = 1024, PACKET = 64 };

static const uint8_t device[18] = {
    18,   DFUKIT_DESC_DEVICE, 0x00, 0x02, 0, 0, 0, PACKET, /* USB 2.0 */
    0x09, 0x12,               0x01, 0x80, 0, 1, 0, 0,      0, 1,
};
static const uint8_t configuration[27] = {
    9, DFUKIT_DESC_CONFIGURATION, 27, 0, 1, 1, 0, 0x80, 50, /* bus-powered, 100 mA */
    9, DFUKIT_DESC_INTERFACE, 0, 0, 0, DFUKIT_CLASS_APPLICATION, DFUKIT_SUBCLASS_DFU,
    DFUKIT_PROTOCOL_DFU, 0,
    9, DFUKIT_DESC_DFU_FUNCTIONAL, DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_WILL_DETACH,
    0xE8, 0x03, 0x00, 0x04, 0x10, 0x01,
};
static const dfukit_descriptor list[] = {
    {DFUKIT_DESCRIPTOR_ID(DFUKIT_DESC_DEVICE, 0), sizeof device, device},
    {DFUKIT_DESCRIPTOR_ID(DFUKIT_DESC_CONFIGURATION, 0), sizeof configuration, configuration},
};
static const dfukit_descriptor_set descriptors = {list, NULL, 2, 0};

static const dfukit_store_ops store = {
    store_rewind, store_write, store_finish, store_manifest,
    store_poll,   store_read,  store_valid,
};

const dfukit_dfu_config product = {
    .functional = {DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_WILL_DETACH, 1000, TRANSFER_SIZE,
                   DFUKIT_VERSION_11},
    .alternates = 1,
    .max_packet_size0 = PACKET,
    .strict = true,
    .loader_only = true,
    .store = &store,
    .descriptors = &descriptors,
};

void product_start(dfukit_dfu *d, dfukit_ep0 *p, uint8_t *block)
{
    dfukit_dfu_init(d, &product, NULL, block);
    dfukit_ep0_init(p, &descriptors, d);
}
