/* SPDX-License-Identifier: MIT */
/*
 * Endpoint 0: control transfers as packets (USB 2.0 §5.5, §8.5.3). A transfer is SETUP, then a data
 * stage in one direction, then a status stage of one zero-length packet in the other. The class is
 * told of the end of its data stage only when every byte has moved; where there is no data, at the
 * end of the status stage.
 */
#include "pipe.h"

#include "class.h"

/* What endpoint 0 waits for. */
#define SENDS 1u /* a packet to be sent; else one to come */
#define DATA  2u /* of the data stage */
#define SHORT 4u /* less than the host asked for: a packet that is not full ends it */
enum {
    STAGE_NONE = 0, /* see dfukit_ep0_idle() */
    STAGE_SEND_STATUS = SENDS,
    STAGE_RECEIVE = DATA,
    STAGE_SEND = DATA | SENDS,
    STAGE_SEND_SHORT = DATA | SENDS | SHORT,
    STAGE_RECEIVE_STATUS = 8
};

/* Go on to a stage; in one of data p->n becomes the size of the next packet. */
static void go_on(dfukit_ep0 *p, unsigned stage)
{
    uint8_t size = dfukit_config(p->dfu)->max_packet_size0;

    p->stage = (uint8_t)stage;
    p->action = (stage & SENDS) != 0 ? DFUKIT_EP0_SEND : DFUKIT_EP0_RECEIVE;
    p->n = p->left < size ? (uint8_t)p->left : size;
}

static void reset(dfukit_ep0 *p)
{
    p->address = 0;
    p->left = 0;
    go_on(p, STAGE_NONE);
}

void dfukit_ep0_init(dfukit_ep0 *p, const dfukit_descriptor_set *set, dfukit_dfu *dfu)
{
    p->dfu = dfu;
    if (dfukit_config(dfu)->descriptors == NULL)
        p->set = set;
    reset(p);
}

void dfukit_ep0_bus_reset(dfukit_ep0 *p)
{
    reset(p);
    dfukit_dfu_bus_reset(p->dfu);
}

static void stall(dfukit_ep0 *p)
{
    p->stage = STAGE_NONE;
    p->action = DFUKIT_EP0_STALL;
}

/* Each takes what is its own, and refuses the rest. @return bytes of the data stage, -1: stall. */
static int32_t dispatch(dfukit_ep0 *p, const dfukit_setup *setup)
{
    int32_t n;

    if ((setup->bmRequestType & 0x60u) == 0)
        return dfukit_ep0_standard(p, setup);
    n = dfukit_ep0_vendor(p, setup);
    if (n >= 0)
        return n;
    if (setup->bRequest == DFUKIT_DNLOAD || setup->bRequest == DFUKIT_UPLOAD)
        p->to = p->dfu->block;
    return dfukit_dfu_request(p->dfu, setup);
}

void dfukit_ep0_setup(dfukit_ep0 *p, const uint8_t packet[8])
{
    dfukit_setup setup;
    unsigned stage;
    int32_t n;

    dfukit_setup_decode(packet, &setup);
    p->dfu->next_state = 0;
    p->next_address = p->address;
    p->data = p->dfu->reply;
    n = dispatch(p, &setup);
    if (n < 0) {
        stall(p);
        return;
    }
    stage = STAGE_SEND_SHORT;
    if (n >= setup.wLength) {
        n = setup.wLength;
        stage = STAGE_SEND;
    }
    p->left = (uint16_t)n;
    if (setup.wLength == 0)
        stage = STAGE_SEND_STATUS;
    else if (!dfukit_setup_is_in(&setup))
        stage = STAGE_RECEIVE;
    go_on(p, stage);
}

/* The packet of p->n bytes that was waited for has moved. The data stage is over when all bytes
 * have; from the device, when the host has fewer than it asked for, at a packet that is not full.
 */
static void moved(dfukit_ep0 *p)
{
    unsigned stage = p->stage;

    p->data += p->n;
    p->left = (uint16_t)(p->left - p->n);
    if (p->left == 0 &&
        (stage != STAGE_SEND_SHORT || p->n != dfukit_config(p->dfu)->max_packet_size0)) {
        p->address = p->next_address;
        if ((stage & DATA) == 0)
            stage = STAGE_NONE;
        else
            stage = (stage & SENDS) != 0 ? STAGE_RECEIVE_STATUS : STAGE_SEND_STATUS;
        dfukit_dfu_complete(p->dfu);
    }
    go_on(p, stage);
}

void dfukit_ep0_received(dfukit_ep0 *p, const uint8_t *packet, uint8_t n)
{
    if (p->stage == STAGE_RECEIVE && n == p->n) {
        for (unsigned i = 0; i < n; i++)
            p->to[i] = packet[i];
        moved(p);
    } else if (n == 0 &&
               (p->stage == STAGE_RECEIVE_STATUS || (p->stage & STAGE_SEND) == STAGE_SEND)) {
        go_on(p, STAGE_NONE); /* in STAGE_SEND: the host has had enough */
    } else {
        stall(p);
    }
}

void dfukit_ep0_sent(dfukit_ep0 *p)
{
    if ((p->stage & SENDS) != 0)
        moved(p);
}
