/* SPDX-License-Identifier: MIT */
/*
 * Control transfers cut into packets of bMaxPacketSize0, as a bus would carry them (USB 2.0 §8.5.3,
 * §5.5.3), so that the packet pipe of a device is exercised in every transfer.
 */
#include <string.h>

#include "dfukit/virtual.h"

/* Data packets until one is short or wLength is reached, then the host's empty OUT packet. */
static int32_t data_in(dfukit_ep0 *p, uint8_t packet_size, uint16_t wLength, uint8_t *data)
{
    static const uint8_t nothing[1] = {0};
    uint32_t done = 0;
    uint8_t n;

    do {
        if (p->action != DFUKIT_EP0_SEND)
            return DFUKIT_ERR_STALL;
        n = p->n;
        if (n > packet_size || n > wLength - done)
            return DFUKIT_ERR_STALL; /* the device babbles */
        if (n > 0)
            memcpy(data + done, p->data, n);
        done += n;
        dfukit_ep0_sent(p);
    } while (n == packet_size && done < wLength);

    if (p->action != DFUKIT_EP0_RECEIVE)
        return DFUKIT_ERR_STALL;
    dfukit_ep0_received(p, nothing, 0);
    return (int32_t)done;
}

/* Data packets to the device, then its empty IN packet. */
static int32_t data_out(dfukit_ep0 *p, uint8_t packet_size, uint16_t wLength, const uint8_t *data)
{
    uint32_t done = 0;

    while (done < wLength) {
        uint32_t left = wLength - done;
        uint8_t n = (uint8_t)(left < packet_size ? left : packet_size);

        if (p->action != DFUKIT_EP0_RECEIVE)
            return DFUKIT_ERR_STALL;
        dfukit_ep0_received(p, data + done, n);
        done += n;
    }
    if (p->action != DFUKIT_EP0_SEND || p->n != 0)
        return DFUKIT_ERR_STALL;
    dfukit_ep0_sent(p);
    return (int32_t)done;
}

int32_t dfukit_ep0_transfer(dfukit_ep0 *p, uint8_t packet_size, const dfukit_setup *setup,
                            uint8_t *data)
{
    uint8_t packet[8];

    dfukit_setup_encode(setup, packet);
    dfukit_ep0_setup(p, packet);
    if (dfukit_setup_is_in(setup) && setup->wLength > 0)
        return data_in(p, packet_size, setup->wLength, data);
    return data_out(p, packet_size, setup->wLength, data);
}
