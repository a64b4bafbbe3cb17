/* SPDX-License-Identifier: MIT */
/* Building blocks of the engine's stages: steps, class requests, status replies, pauses. */
#include <string.h>

#include "engine.h"

void dfukit_host_go(dfukit_host *h, dfukit_stage stage)
{
    h->stage = stage;
}

void dfukit_host_pause(dfukit_host *h, uint32_t ms, dfukit_stage after)
{
    h->poll_until_ms = h->now_ms + ms;
    if (ms == 0) {
        h->stage = after;
        return;
    }
    /* A hostile bwPollTimeout may be 4.6 hours: never wait beyond the deadline. */
    uint64_t left = h->deadline_ms > h->now_ms ? h->deadline_ms - h->now_ms : 0;
    h->pause_ms = ms < left ? ms : (uint32_t)left;
    h->after = after;
    h->stage = DFUKIT_STAGE_WAIT;
}

void dfukit_host_pause_idle(dfukit_host *h, uint32_t ms, dfukit_stage after)
{
    dfukit_host_pause(h, ms < DFUKIT_IDLE_POLL_MAX ? ms : DFUKIT_IDLE_POLL_MAX, after);
}

void dfukit_host_step(dfukit_host *h, dfukit_step_kind kind)
{
    memset(&h->step, 0, sizeof h->step);
    h->step.kind = kind;
    h->step.transfers = h->transfers;
    h->step.interface = h->target.interface;
    h->step.configuration = h->target.configuration;
    h->ready = true;
}

static uint32_t transfer_time(const dfukit_host *h, bool block)
{
    uint64_t left = h->deadline_ms > h->now_ms ? h->deadline_ms - h->now_ms : 0;
    uint32_t least = block ? DFUKIT_BLOCK_MS : DFUKIT_TRANSFER_MS;
    uint32_t most = least;
    dfukit_target_quirk(&h->target, DFUKIT_QUIRK_TRANSFER_MS, &most);
    if (most < least)
        most = least;
    if (left >= most)
        return most;
    return left > 100 ? (uint32_t)left : 100;
}

dfukit_transfer *dfukit_host_class(dfukit_host *h, dfukit_request request, uint16_t wValue,
                                   uint16_t wLength)
{
    if (!h->ready)
        dfukit_host_step(h, DFUKIT_STEP_TRANSFERS);
    bool in = request == DFUKIT_UPLOAD || request == DFUKIT_GETSTATUS || request == DFUKIT_GETSTATE;
    dfukit_transfer *t = &h->transfers[h->step.count++];
    memset(t, 0, sizeof *t);
    t->setup.bmRequestType = in ? DFUKIT_TYPE_CLASS_IN : DFUKIT_TYPE_CLASS_OUT;
    t->setup.bRequest = (uint8_t)request;
    t->setup.wValue = wValue;
    t->setup.wIndex = h->target.interface;
    t->setup.wLength = wLength;
    t->timeout_ms = transfer_time(h, request == DFUKIT_DNLOAD && wLength != 0);
    t->result = DFUKIT_ERR_AGAIN;
    h->outcome.request = (uint8_t)request;
    h->outcome.requests++;
    return t;
}

void dfukit_host_get_status(dfukit_host *h)
{
    dfukit_host_class(h, DFUKIT_GETSTATUS, 0, DFUKIT_STATUS_SIZE)->in = h->status_bytes;
}

int dfukit_host_take_status(dfukit_host *h, const dfukit_transfer *t, dfukit_status_reply *out)
{
    if (t->result < 0)
        return t->result;
    if (t->result != (int32_t)DFUKIT_STATUS_SIZE)
        return DFUKIT_ERR_SHORT;
    dfukit_status_decode(h->status_bytes, out);
    dfukit_target_quirk(&h->target, DFUKIT_QUIRK_POLL, &out->bwPollTimeout);
    h->outcome.has_status = true;
    h->outcome.bStatus = out->bStatus;
    h->outcome.bState = out->bState;
    h->outcome.bwPollTimeout = out->bwPollTimeout;
    h->iString = out->iString;
    if (out->bState == DFUKIT_DNBUSY) /* whatever comes of the job: nothing is asked before */
        h->poll_until_ms = h->now_ms + out->bwPollTimeout;
    return DFUKIT_OK;
}

uint32_t dfukit_host_poll_pause(dfukit_host *h, uint32_t bwPollTimeout)
{
    unsigned n = h->polls++;
    if (bwPollTimeout != 0)
        return bwPollTimeout;
    if (n < 4)
        return 0;
    uint32_t floor = 1u << (n - 4 < 6 ? n - 4 : 6);
    return floor < DFUKIT_POLL_FLOOR_MAX ? floor : DFUKIT_POLL_FLOOR_MAX;
}

bool dfukit_host_hung(dfukit_host *h, const dfukit_status_reply *status)
{
    uint32_t most = 0;
    h->zero_polls = status->bwPollTimeout == 0 ? h->zero_polls + 1 : 0;
    if (!dfukit_target_quirk(&h->target, DFUKIT_QUIRK_ZERO_POLLS, &most) || most == 0 ||
        h->zero_polls < most)
        return false;
    dfukit_host_fail(h, DFUKIT_ERR_DEADLINE, "the device is busy without end: it has hung",
                     "unplug the device, plug it in again and repeat");
    return true;
}

void dfukit_host_allow(dfukit_host *h, uint32_t ms)
{
    if (!h->timed && h->deadline_ms < h->now_ms + ms)
        h->deadline_ms = h->now_ms + ms;
}

uint32_t dfukit_host_return_time(dfukit_host *h, uint32_t ms)
{
    uint32_t most = 0;
    if (dfukit_target_quirk(&h->target, DFUKIT_QUIRK_RETURN, &most) && most > ms) {
        ms = most;
        dfukit_host_allow(h, ms);
    }
    return dfukit_host_clip(h, ms);
}

uint32_t dfukit_host_clip(const dfukit_host *h, uint32_t ms)
{
    uint64_t left = h->deadline_ms > h->now_ms + 1000 ? h->deadline_ms - h->now_ms : 1000;
    return ms < left ? ms : (uint32_t)left;
}

bool dfukit_host_attribute(const dfukit_host *h, uint8_t bit)
{
    return (h->target.functional.bmAttributes & bit) != 0;
}

bool dfukit_host_room(dfukit_host *h, size_t n)
{
    if (n <= h->buffer_size)
        return true;
    uint8_t *grown = h->allocator.resize(h->allocator.self, h->buffer, n);
    if (grown == NULL) {
        dfukit_host_fail(h, DFUKIT_ERR_NOMEM, "no memory for a block", NULL);
        return false;
    }
    h->buffer = grown;
    h->buffer_size = n;
    return true;
}
