/* SPDX-License-Identifier: MIT */
/*
 * Endpoint 0: control transfers as packets (USB 2.0 §5.5, §8.5.3). A transfer is SETUP, then a data
 * stage in one direction, then a status stage of one zero-length packet in the other. The class is
 * told of the end of its data stage only when every byte has moved; where there is no data, at the
 * end of the status stage.
 */
#include "pipe.h"

enum {
    STAGE_NONE, /* see dfukit_ep0_idle() */
    STAGE_SEND,
    STAGE_RECEIVE,
    STAGE_SEND_STATUS,
    STAGE_RECEIVE_STATUS
};

static void reset(dfukit_ep0 *p)
{
    p->address = 0;
    p->configuration = 0;
    p->stage = STAGE_NONE;
    p->action = DFUKIT_EP0_RECEIVE;
}

void dfukit_ep0_init(dfukit_ep0 *p, const dfukit_descriptor_set *set, dfukit_dfu *dfu)
{
    p->set = set;
    p->dfu = dfu;
    p->packet_size = dfu->config->max_packet_size0;
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

/* Offer the next packet of what is left. */
static void offer(dfukit_ep0 *p, uint8_t stage)
{
    p->n = p->left < p->packet_size ? (uint8_t)p->left : p->packet_size;
    p->stage = stage;
    p->action = DFUKIT_EP0_SEND;
}

static void expect(dfukit_ep0 *p, uint8_t stage)
{
    p->stage = stage;
    p->action = DFUKIT_EP0_RECEIVE;
}

static void complete(dfukit_ep0 *p)
{
    if (p->of_class)
        dfukit_dfu_complete(p->dfu);
    p->of_class = false;
}

/* @return false: stall. */
static bool dispatch(dfukit_ep0 *p)
{
    dfukit_answer answer;

    if ((p->setup.bmRequestType & 0x60u) == 0)
        return dfukit_ep0_standard(p);
    if (dfukit_ep0_vendor(p))
        return true;
    answer = dfukit_dfu_setup(p->dfu, &p->setup);
    p->of_class = true;
    p->data = answer.data;
    p->left = answer.n;
    return answer.kind != DFUKIT_ANSWER_STALL;
}

void dfukit_ep0_setup(dfukit_ep0 *p, const uint8_t packet[8])
{
    dfukit_setup_decode(packet, &p->setup);
    p->of_class = false;
    p->next_address = p->address;
    if (!dispatch(p)) {
        stall(p);
    } else if (p->setup.wLength == 0) {
        p->left = 0;
        offer(p, STAGE_SEND_STATUS);
    } else if (dfukit_setup_is_in(&p->setup)) {
        if (p->left > p->setup.wLength)
            p->left = p->setup.wLength;
        offer(p, STAGE_SEND);
    } else {
        expect(p, STAGE_RECEIVE);
    }
}

/* Only the class has data stages towards the device: they fill its block. */
static void receive_data(dfukit_ep0 *p, const uint8_t *packet, uint8_t n)
{
    uint8_t *to;

    if (n > p->left || n > p->packet_size || (n < p->left && n < p->packet_size)) {
        stall(p);
        return;
    }
    to = p->dfu->block + (p->setup.wLength - p->left);
    p->left = (uint16_t)(p->left - n);
    while (n-- > 0)
        *to++ = *packet++;
    if (p->left == 0) {
        complete(p);
        offer(p, STAGE_SEND_STATUS);
    }
}

void dfukit_ep0_received(dfukit_ep0 *p, const uint8_t *packet, uint8_t n)
{
    if (p->stage == STAGE_RECEIVE)
        receive_data(p, packet, n);
    else if (n == 0 && (p->stage == STAGE_RECEIVE_STATUS || p->stage == STAGE_SEND))
        expect(p, STAGE_NONE); /* in STAGE_SEND: the host has had enough */
    else
        stall(p);
}

/* The data stage is over at a packet that is not full, or when the host has all it asked for. */
void dfukit_ep0_sent(dfukit_ep0 *p)
{
    if (p->stage == STAGE_SEND) {
        p->data += p->n;
        p->left = (uint16_t)(p->left - p->n);
        p->setup.wLength = (uint16_t)(p->setup.wLength - p->n);
        if (p->n == p->packet_size && p->setup.wLength != 0) {
            offer(p, STAGE_SEND);
        } else {
            complete(p);
            expect(p, STAGE_RECEIVE_STATUS);
        }
    } else if (p->stage == STAGE_SEND_STATUS) {
        complete(p);
        p->address = p->next_address;
        expect(p, STAGE_NONE);
    }
}
