/* SPDX-License-Identifier: MIT */
/* The in-process carrier: running control transfers on a wire. */
#include "loopback.h"

/* A device that asks to be called again at once still gets a breath, so that a clock that only
 * sleeping advances does advance. */
#define BREATH_US 10u

uint64_t dfukit_loopback_work(dfukit_loopback *l)
{
    uint64_t soonest = UINT64_MAX;

    for (size_t i = 0; i < l->count; i++) {
        const dfukit_wire *w = &l->ports[i].wire;
        uint64_t hint = w->ops->work(w->self);

        if (hint < soonest)
            soonest = hint;
    }
    return soonest < BREATH_US ? BREATH_US : soonest;
}

/* The data stage as the wire wants it. The wire reads from it only when the direction is OUT, so
 * the cast takes away a const that stays true. */
static uint8_t *data_stage(const dfukit_transfer *t)
{
    return dfukit_setup_is_in(&t->setup) ? t->in : (uint8_t *)(uintptr_t)t->out;
}

/* One attempt. @return a result, or DFUKIT_ERR_AGAIN. */
static int32_t attempt(const dfukit_wire *w, uint32_t attachment, const dfukit_transfer *t)
{
    int32_t got;

    if (w->ops->attachment(w->self) != attachment)
        return DFUKIT_ERR_GONE;
    if (!dfukit_transfer_valid(t))
        return DFUKIT_ERR_IO;
    got = w->ops->control(w->self, &t->setup, data_stage(t));
    return got > (int32_t)t->setup.wLength ? DFUKIT_ERR_IO : got;
}

int32_t dfukit_loopback_exchange(void *self, const dfukit_setup *setup, uint8_t *in)
{
    const dfukit_loopback_call *call = self;
    const dfukit_clock *clock = &call->loopback->clock;
    const dfukit_wire *w = &call->port->wire;
    const dfukit_transfer t = {.setup = *setup, .in = in};
    uint32_t attachment = w->ops->attachment(w->self);
    uint64_t deadline = clock->now_us(clock->self) + DFUKIT_OWN_REQUEST_MS * UINT64_C(1000) / 5;
    int32_t result = attempt(w, attachment, &t);

    while (result == DFUKIT_ERR_AGAIN) {
        uint64_t hint = dfukit_loopback_work(call->loopback);
        uint64_t now = clock->now_us(clock->self);

        if (now >= deadline) {
            w->ops->cancel(w->self);
            return DFUKIT_ERR_TIMEOUT;
        }
        clock->sleep_us(clock->self, hint < deadline - now ? hint : deadline - now);
        (void)w->ops->work(w->self);
        result = attempt(w, attachment, &t);
    }
    return result;
}

static void batch_begin(dfukit_loopback *l, dfukit_handle *h)
{
    h->at = 0;
    h->pending = false;
    h->deadline_us = l->clock.now_us(l->clock.self) + h->batch[0].timeout_ms * UINT64_C(1000);
}

/* @return true when the whole batch has its results. */
static bool batch_run(dfukit_loopback *l, dfukit_handle *h)
{
    const dfukit_wire *w = &h->port->wire;

    while (h->at < h->count) {
        dfukit_transfer *t = &h->batch[h->at];
        int32_t result = attempt(w, h->attachment, t);
        uint64_t now = l->clock.now_us(l->clock.self);

        h->pending = result == DFUKIT_ERR_AGAIN;
        if (h->pending) {
            if (now < h->deadline_us)
                return false;
            w->ops->cancel(w->self);
            h->pending = false;
            result = DFUKIT_ERR_TIMEOUT;
        }
        if (result < 0 && result != DFUKIT_ERR_STALL) {
            dfukit_batch_fail(h->batch, h->at, h->count, (int)result);
            return true;
        }
        t->result = result;
        h->at++;
        if (h->at < h->count)
            h->deadline_us = now + h->batch[h->at].timeout_ms * UINT64_C(1000);
    }
    return true;
}

/* The device's own answer to a reset: it is the same afterwards, or it has attached anew. */
static void bus_reset(dfukit_handle *h)
{
    const dfukit_wire *w = &h->port->wire;

    if (w->ops->attachment(w->self) == h->attachment) {
        w->ops->reset(w->self);
        (void)w->ops->work(w->self);
    }
    dfukit_sequence_end(&h->sequence,
                        w->ops->attachment(w->self) == h->attachment ? DFUKIT_OK : DFUKIT_ERR_GONE);
}

bool dfukit_loopback_advance(dfukit_loopback *l, dfukit_handle *h)
{
    if (h->sequence.task == NULL)
        return false;
    if (h->sequence.task->kind == DFUKIT_TASK_RESET) {
        bus_reset(h);
        return true;
    }
    for (;;) {
        if (h->batch == NULL) {
            if (!dfukit_sequence_next(&h->sequence, &h->batch, &h->count)) {
                h->batch = NULL;
                return true;
            }
            batch_begin(l, h);
        }
        if (!batch_run(l, h))
            return false;
        h->batch = NULL;
    }
}

void dfukit_loopback_abandon(dfukit_handle *h, int result)
{
    const dfukit_wire *w = &h->port->wire;
    dfukit_task *task = h->sequence.task;

    if (task == NULL)
        return;
    if (h->pending)
        w->ops->cancel(w->self);
    h->pending = false;
    if (h->batch != NULL)
        dfukit_batch_fail(h->batch, h->at, h->count, result);
    else if (task->kind == DFUKIT_TASK_TRANSFERS)
        dfukit_batch_fail(task->transfers, 0, task->count, DFUKIT_ERR_AGAIN);
    h->batch = NULL;
    dfukit_sequence_end(&h->sequence, result);
}
