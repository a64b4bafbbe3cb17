/* SPDX-License-Identifier: MIT */
/* SETUP packets (USB 2.0 §9.3) and the answer to DFU_GETSTATUS (DFU 1.1 §6.1.2). */
#include "dfukit/protocol.h"

#include "bytes.h"

void dfukit_setup_decode(const uint8_t bytes[8], dfukit_setup *out)
{
    out->bmRequestType = bytes[0];
    out->bRequest = bytes[1];
    out->wValue = get16(bytes + 2);
    out->wIndex = get16(bytes + 4);
    out->wLength = get16(bytes + 6);
}

void dfukit_setup_encode(const dfukit_setup *setup, uint8_t bytes[8])
{
    bytes[0] = setup->bmRequestType;
    bytes[1] = setup->bRequest;
    put16(bytes + 2, setup->wValue);
    put16(bytes + 4, setup->wIndex);
    put16(bytes + 6, setup->wLength);
}

void dfukit_status_decode(const uint8_t bytes[DFUKIT_STATUS_SIZE], dfukit_status_reply *out)
{
    out->bStatus = bytes[0];
    out->bwPollTimeout = get16(bytes + 1) | ((uint32_t)bytes[3] << 16);
    out->bState = bytes[4];
    out->iString = bytes[5];
}

void dfukit_status_encode(const dfukit_status_reply *reply, uint8_t bytes[DFUKIT_STATUS_SIZE])
{
    uint32_t timeout = reply->bwPollTimeout > 0xFFFFFFu ? 0xFFFFFFu : reply->bwPollTimeout;

    bytes[0] = reply->bStatus;
    put16(bytes + 1, (uint16_t)timeout);
    bytes[3] = (uint8_t)(timeout >> 16);
    bytes[4] = reply->bState;
    bytes[5] = reply->iString;
}
