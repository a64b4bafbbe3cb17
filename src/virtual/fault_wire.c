/* SPDX-License-Identifier: MIT */
/* What faults make of requests and their replies. */
#include "fault_table.h"

/* ---- Acts: requests ---- */

static void answer(dfukit_event *e, int32_t result)
{
    e->answered = true;
    e->result = result;
}

void dfukit_act_stall(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    answer(e, DFUKIT_ERR_STALL);
}

/* As a device refuses by the specification: in place of the request the engine gets one that is not
 * of the class, stalls it and goes to dfuERROR with errSTALLEDPKT. */
void dfukit_act_refuse(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    dfukit_setup unknown = {DFUKIT_TYPE_CLASS_OUT, 0xFF, 0, e->setup->wIndex, 0};

    (void)argument;
    (void)dfukit_ep0_transfer(&v->ep0, v->packet_size, &unknown, NULL);
    answer(e, DFUKIT_ERR_STALL);
}

void dfukit_act_ignore(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    answer(e, (int32_t)e->setup->wLength);
}

void dfukit_act_hang(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)argument;
    v->hanging = true;
    answer(e, DFUKIT_ERR_AGAIN);
}

void dfukit_act_vanish(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)argument;
    dfukit_virtual_fail_power(v, DFUKIT_POWER_BACK_US);
    answer(e, DFUKIT_ERR_GONE);
}

/* The first block of a download: some loaders erase then, within its data stage. */
void dfukit_act_hold(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v;
    if (e->number == 0)
        e->hold_us = argument * 1000u;
}

void dfukit_act_stall_erase(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    if (!v->erasing || v->statuses_stalled >= argument)
        return;
    v->statuses_stalled++;
    answer(e, DFUKIT_ERR_STALL);
}

void dfukit_act_refuse_oversize(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    if ((e->input == DFUKIT_ON_DNLOAD || e->input == DFUKIT_ON_UPLOAD) &&
        e->setup->wLength > v->persona->functional.wTransferSize)
        dfukit_act_refuse(v, e, argument);
}

/* ---- Acts: replies ---- */

static void shorten(dfukit_event *e, int32_t length)
{
    if (e->result > length)
        e->result = length;
}

void dfukit_act_shorten_status(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    shorten(e, 3);
}

static bool asks_for(const dfukit_event *e, uint8_t descriptor)
{
    return e->setup->bmRequestType == 0x80 && e->setup->bRequest == DFUKIT_USB_GET_DESCRIPTOR &&
           e->setup->wValue >> 8 == descriptor;
}

void dfukit_act_shorten_device(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    if (asks_for(e, DFUKIT_DESC_DEVICE))
        shorten(e, 8);
}

void dfukit_act_shorten_configuration(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    if (asks_for(e, DFUKIT_DESC_CONFIGURATION) && e->result > (int32_t)DFUKIT_CONFIG_HEADER_SIZE)
        shorten(e, (e->data[2] | e->data[3] << 8) - 5);
}

void dfukit_act_poll_timeout(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    dfukit_status_reply reply;

    (void)v;
    if (e->result != (int32_t)DFUKIT_STATUS_SIZE)
        return;
    dfukit_status_decode(e->data, &reply);
    if (reply.bState != DFUKIT_DNBUSY && reply.bState != DFUKIT_MANIFEST)
        return;
    reply.bwPollTimeout = argument;
    dfukit_status_encode(&reply, e->data);
}

/* The download ended and all of it is in the flash: nothing but the host's questions is left out.
 */
static void leave_manifested(dfukit_virtual *v, dfukit_event *e, uint64_t delay_us)
{
    if (e->result < 0 || v->dfu.state != DFUKIT_MANIFEST_SYNC)
        return;
    dfukit_virtual_leave(v, delay_us);
}

void dfukit_act_vanish_manifest(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)argument;
    leave_manifested(v, e, v->reattach_us);
}

void dfukit_act_vanish_for_good(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)argument;
    leave_manifested(v, e, DFUKIT_NEVER);
}

void dfukit_act_vanish_status(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)argument;
    if (e->result != (int32_t)DFUKIT_STATUS_SIZE || e->data[4] != DFUKIT_MANIFEST)
        return;
    e->done = true;
    dfukit_virtual_leave(v, v->reattach_us);
}

/* The reset comes before the answer. */
void dfukit_act_vanish_unanswered(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)argument;
    if (v->dfu.state != DFUKIT_MANIFEST_SYNC)
        return;
    e->done = true;
    dfukit_virtual_leave(v, v->reattach_us);
    answer(e, DFUKIT_ERR_GONE);
}
