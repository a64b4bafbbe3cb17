/* SPDX-License-Identifier: MIT */
/*
 * The packets of an imported device: CMD_SUBMIT, CMD_UNLINK and their replies, without the data
 * that may follow. Spec: usbip_protocol.rst, usbip_header_basic to USBIP_RET_UNLINK.
 */
#include "dfukit/usbip.h"

#include "bytes.h"

/* Offsets; the second group means different things in different commands. */
enum {
    COMMAND = 0,
    SEQNUM = 4,
    DEVID = 8,
    DIRECTION = 12,
    ENDPOINT = 16,
    FLAGS_OR_STATUS = 20, /* and unlink_seqnum */
    LENGTH = 24,
    START_FRAME = 28,
    NUMBER_OF_PACKETS = 32,
    INTERVAL = 36,
    SETUP = 40
};

/* number_of_packets of a transfer that is not isochronous. */
#define NOT_ISOCHRONOUS 0xFFFFFFFFu

static void clear(dfukit_usbip_header *h)
{
    *h = (dfukit_usbip_header){.command = 0};
}

/* Without the implementation-defined conversion of a large unsigned number. */
static int32_t to_signed(uint32_t value)
{
    return value <= INT32_MAX ? (int32_t)value : -(int32_t)(UINT32_MAX - value) - 1;
}

int dfukit_usbip_header_decode(const uint8_t bytes[48], dfukit_usbip_header *out)
{
    clear(out);
    out->command = get_be32(bytes + COMMAND);
    out->seqnum = get_be32(bytes + SEQNUM);
    out->devid = get_be32(bytes + DEVID);
    out->direction = get_be32(bytes + DIRECTION);
    out->ep = get_be32(bytes + ENDPOINT);
    switch (out->command) {
    case DFUKIT_CMD_SUBMIT:
        out->transfer_flags = get_be32(bytes + FLAGS_OR_STATUS);
        out->length = get_be32(bytes + LENGTH);
        for (unsigned i = 0; i < sizeof(out->setup); i++)
            out->setup[i] = bytes[SETUP + i];
        break;
    case DFUKIT_RET_SUBMIT:
        out->status = to_signed(get_be32(bytes + FLAGS_OR_STATUS));
        out->length = get_be32(bytes + LENGTH);
        break;
    case DFUKIT_CMD_UNLINK:
        out->unlink_seqnum = get_be32(bytes + FLAGS_OR_STATUS);
        break;
    case DFUKIT_RET_UNLINK:
        out->status = to_signed(get_be32(bytes + FLAGS_OR_STATUS));
        break;
    default:
        return DFUKIT_ERR_FORMAT;
    }
    return out->length > DFUKIT_USBIP_DATA_MAX ? DFUKIT_ERR_FORMAT : DFUKIT_OK;
}

void dfukit_usbip_header_encode(const dfukit_usbip_header *h, uint8_t bytes[48])
{
    for (unsigned i = 0; i < DFUKIT_USBIP_HEADER_SIZE; i++)
        bytes[i] = 0;
    put_be32(bytes + COMMAND, h->command);
    put_be32(bytes + SEQNUM, h->seqnum);
    put_be32(bytes + DEVID, h->devid);
    put_be32(bytes + DIRECTION, h->direction);
    put_be32(bytes + ENDPOINT, h->ep);
    switch (h->command) {
    case DFUKIT_CMD_SUBMIT:
        put_be32(bytes + FLAGS_OR_STATUS, h->transfer_flags);
        put_be32(bytes + LENGTH, h->length);
        put_be32(bytes + NUMBER_OF_PACKETS, NOT_ISOCHRONOUS);
        for (unsigned i = 0; i < sizeof(h->setup); i++)
            bytes[SETUP + i] = h->setup[i];
        break;
    case DFUKIT_RET_SUBMIT:
        put_be32(bytes + FLAGS_OR_STATUS, (uint32_t)h->status);
        put_be32(bytes + LENGTH, h->length);
        put_be32(bytes + NUMBER_OF_PACKETS, NOT_ISOCHRONOUS);
        break;
    case DFUKIT_CMD_UNLINK:
        put_be32(bytes + FLAGS_OR_STATUS, h->unlink_seqnum);
        break;
    case DFUKIT_RET_UNLINK:
        put_be32(bytes + FLAGS_OR_STATUS, (uint32_t)h->status);
        break;
    default:
        break;
    }
}
