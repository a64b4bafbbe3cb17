/* SPDX-License-Identifier: MIT */
/* The device's end of the wire: its control transfers, and what faults make of them. */
#include "model.h"

#include <string.h>

#define RESTART_POLL_MS 1000u

/* ---- Requests, as faults want to know them ---- */

/* clang-format off */
static const struct {
    uint8_t bmRequestType, bRequest;
    bool dfu_mode;
    dfukit_input input;
} class_requests[] = {
    { DFUKIT_TYPE_CLASS_OUT, DFUKIT_DETACH,    false, DFUKIT_ON_DETACH    },
    { DFUKIT_TYPE_CLASS_OUT, DFUKIT_DNLOAD,    true,  DFUKIT_ON_DNLOAD    },
    { DFUKIT_TYPE_CLASS_IN,  DFUKIT_UPLOAD,    true,  DFUKIT_ON_UPLOAD    },
    { DFUKIT_TYPE_CLASS_IN,  DFUKIT_GETSTATUS, true,  DFUKIT_ON_GETSTATUS },
    { DFUKIT_TYPE_CLASS_OUT, DFUKIT_CLRSTATUS, true,  DFUKIT_ON_CLRSTATUS },
};
/* clang-format on */

/* DFUKIT_INPUT_COUNT: none that a fault could mean. */
static dfukit_input classify(const dfukit_virtual *v, const dfukit_setup *setup)
{
    for (size_t n = 0; n < sizeof class_requests / sizeof class_requests[0]; n++) {
        if (setup->bmRequestType != class_requests[n].bmRequestType ||
            setup->bRequest != class_requests[n].bRequest ||
            v->dfu_mode != class_requests[n].dfu_mode)
            continue;
        if (class_requests[n].input == DFUKIT_ON_DNLOAD && setup->wLength == 0)
            return DFUKIT_ON_DNLOAD_END;
        return class_requests[n].input;
    }
    return DFUKIT_INPUT_COUNT;
}

/* Which block of its transfer, or which DFU_GETSTATUS, this is. */
static uint32_t count(dfukit_virtual *v, dfukit_input input)
{
    if (input == DFUKIT_ON_GETSTATUS)
        return v->status_number++;
    if (input != DFUKIT_ON_DNLOAD && input != DFUKIT_ON_UPLOAD)
        return 0;
    v->block_number = v->dfu.state == DFUKIT_DFU_IDLE ? 0 : v->block_number + 1u;
    return v->block_number;
}

/* A loader that reports a timeout in its idle states too: it counts after the next DNLOAD. */
static void apply_idle_poll(const dfukit_virtual *v, const dfukit_event *e)
{
    dfukit_status_reply reply;

    if (!v->polls || e->input != DFUKIT_ON_GETSTATUS || e->result != (int32_t)DFUKIT_STATUS_SIZE)
        return;
    dfukit_status_decode(e->data, &reply);
    if (reply.bState != DFUKIT_DFU_IDLE && reply.bState != DFUKIT_DNLOAD_IDLE)
        return;
    if (reply.bwPollTimeout < v->persona->idle_poll_ms)
        reply.bwPollTimeout = v->persona->idle_poll_ms;
    dfukit_status_encode(&reply, e->data);
}

/* A loader that restarts by itself still answers while it waits for that, unlike the engine. */
static void answer_before_restart(const dfukit_virtual *v, dfukit_event *e)
{
    static const dfukit_status_reply reply = {
        .bwPollTimeout = RESTART_POLL_MS,
        .bState = DFUKIT_MANIFEST_WAIT_RESET,
    };
    uint8_t bytes[DFUKIT_STATUS_SIZE];

    if (e->answered || !v->persona->restarts || e->input != DFUKIT_ON_GETSTATUS ||
        v->dfu.state != DFUKIT_MANIFEST_WAIT_RESET)
        return;
    dfukit_status_encode(&reply, bytes);
    e->answered = true;
    e->result = e->setup->wLength < sizeof bytes ? e->setup->wLength : (int32_t)sizeof bytes;
    if (e->result > 0)
        memcpy(e->data, bytes, (size_t)e->result);
}

/* Some go back to run-time mode when they are told what leads away from it. */
static void answer_detach(dfukit_virtual *v, dfukit_event *e)
{
    const dfukit_setup *s = e->setup;

    if (e->answered || !v->persona->detach_to_leave || v->dfu.state != DFUKIT_DFU_IDLE ||
        !v->dfu.configured || s->bmRequestType != DFUKIT_TYPE_CLASS_OUT ||
        s->bRequest != DFUKIT_DETACH || s->wIndex != 0 || s->wLength != 0)
        return;
    e->answered = true;
    e->result = 0;
    v->dfu_mode_next = false;
    v->leave_us = dfukit_virtual_now(v) + (v->fast ? 0 : v->persona->leave_ms * 1000u);
}

/* A device that is wedged lets go at the last of the CLRSTATUS that it wants. */
static void answer_wedged(dfukit_virtual *v, dfukit_event *e)
{
    if (e->answered || v->wedged == 0 || e->input != DFUKIT_ON_CLRSTATUS)
        return;
    e->answered = true;
    e->result = 0;
    if (--v->wedged == 0)
        (void)dfukit_dfu_set_alternate(&v->dfu, v->dfu.alt);
}

/* Products that leave sooner than the state table has it. */
static void leave_early(dfukit_virtual *v, const dfukit_event *e)
{
    bool manifests = e->input == DFUKIT_ON_GETSTATUS && e->result == (int32_t)DFUKIT_STATUS_SIZE &&
                     e->data[4] == DFUKIT_MANIFEST;
    bool ended =
        e->input == DFUKIT_ON_DNLOAD_END && e->result >= 0 && v->dfu.state == DFUKIT_MANIFEST_SYNC;

    if (v->attachment == 0)
        return;
    if ((v->persona->leaving == DFUKIT_LEAVES_ON_DNLOAD && ended) ||
        (v->persona->leaving == DFUKIT_LEAVES_ON_STATUS && manifests))
        dfukit_virtual_leave(v, v->reattach_us);
}

/* The end of an erase has been told. */
static void note_status(dfukit_virtual *v, const dfukit_event *e)
{
    if (e->input == DFUKIT_ON_GETSTATUS && e->result == (int32_t)DFUKIT_STATUS_SIZE &&
        e->data[4] != DFUKIT_DNBUSY)
        v->erasing = false;
}

/* ---- dfukit_wire_ops ---- */

static uint64_t wire_work(void *self)
{
    return dfukit_virtual_work(self);
}

static uint32_t wire_attachment(void *self)
{
    return ((const dfukit_virtual *)self)->attachment;
}

/* A request that the device takes now. */
static void carry_out(dfukit_virtual *v, dfukit_event *e)
{
    answer_wedged(v, e);
    answer_before_restart(v, e);
    answer_detach(v, e);
    if (e->answered)
        return;
    e->result = dfukit_ep0_transfer(&v->ep0, v->packet_size, e->setup, e->data);
    apply_idle_poll(v, e);
    note_status(v, e);
    e->point = DFUKIT_POINT_REPLY;
    dfukit_fault_at(v, e);
    leave_early(v, e);
}

static int32_t wire_control(void *self, const dfukit_setup *setup, uint8_t *data)
{
    dfukit_virtual *v = self;
    dfukit_event e = {.point = DFUKIT_POINT_REQUEST, .setup = setup, .data = data};

    dfukit_virtual_work(v);
    if (v->attachment == 0)
        return DFUKIT_ERR_GONE;
    if (v->hanging || (v->held && dfukit_virtual_now(v) < v->held_us))
        return DFUKIT_ERR_AGAIN;

    e.input = classify(v, setup);
    if (!v->held) {
        e.number = count(v, e.input);
        dfukit_fault_at(v, &e);
    }
    v->held = !e.answered && e.hold_us != 0;
    if (v->held) {
        v->held_us = dfukit_virtual_now(v) + e.hold_us;
        return DFUKIT_ERR_AGAIN;
    }
    carry_out(v, &e);
    dfukit_virtual_work(v);
    return e.result;
}

/* The host gives up waiting. What it may have sent so far is overtaken by the next SETUP packet. */
static void wire_cancel(void *self)
{
    dfukit_virtual *v = self;

    v->hanging = false;
    v->held = false;
}

static void wire_reset(void *self)
{
    dfukit_virtual *v = self;

    dfukit_virtual_work(v);
    if (v->attachment == 0)
        return;
    v->hanging = false;
    v->held = false;
    dfukit_virtual_bus_reset(v);
}

static bool wire_full_speed(void *self)
{
    (void)self;
    return true;
}

const dfukit_wire_ops dfukit_virtual_wire_ops = {
    .work = wire_work,
    .attachment = wire_attachment,
    .control = wire_control,
    .cancel = wire_cancel,
    .reset = wire_reset,
    .full_speed = wire_full_speed,
};
