/* SPDX-License-Identifier: MIT */
/*
 * The DFU class requests (DFU 1.1 §3, Annex A.2), by the table dfukit_transitions: the cell of
 * state and request names an action, and there is one handler for each. A stall takes effect at
 * SETUP; everything else is only prepared there, and done when the data stage has completed. What
 * is not a request (time, resets) is in events.c.
 */
#include "class.h"

/* A device that detaches by itself after manifestation (bitWillDetach) first gives the host time to
 * end the transfer of the last GETSTATUS: this is part of the bwPollTimeout in its answer. */
#define LAST_ANSWER_MS 5u

#define BIT(n)         (1u << (n))

/* ---- Requests as inputs of the table ---- */

#define REQUESTS_IN      (BIT(DFUKIT_UPLOAD) | BIT(DFUKIT_GETSTATUS) | BIT(DFUKIT_GETSTATE))
#define REQUESTS_NO_DATA (BIT(DFUKIT_DETACH) | BIT(DFUKIT_CLRSTATUS) | BIT(DFUKIT_ABORT))
/* They begin or end a transfer, which the store must not be amidst. */
#define INPUTS_WHEN_QUIET                                                                          \
    (BIT(DFUKIT_ON_DNLOAD) | BIT(DFUKIT_ON_UPLOAD) | BIT(DFUKIT_ON_CLRSTATUS) |                    \
     BIT(DFUKIT_ON_ABORT))

static unsigned input_of(const dfukit_setup *s)
{
    unsigned request = s->bRequest;

    if (request >= DFUKIT_REQUEST_COUNT ||
        (REQUESTS_IN >> request & 1u) != (unsigned)(s->bmRequestType >> 7) ||
        ((REQUESTS_NO_DATA >> request & 1u) != 0 && s->wLength != 0))
        return DFUKIT_ON_OTHER;
    /* The table has two columns for DNLOAD: with data, and the empty one that ends a download. */
    if (request > DFUKIT_DNLOAD || (request == DFUKIT_DNLOAD && s->wLength == 0))
        request++;
    return request;
}

/* ---- The store's work, and errors ---- */

void dfukit_dfu_fail(dfukit_dfu *d, uint8_t status)
{
    d->config->store->abort(d->store);
    d->state = DFUKIT_DFU_ERROR;
    d->next_input = DFUKIT_ON_NOTHING;
    if (d->status == DFUKIT_STATUS_OK)
        d->status = status;
}

uint32_t dfukit_dfu_work(dfukit_dfu *d)
{
    uint32_t left_us = 0;
    uint8_t status = d->config->store->poll(d->store, &left_us);

    if (status != DFUKIT_STATUS_OK) {
        dfukit_dfu_fail(d, status);
        return 0;
    }
    return left_us / 1000u + (left_us % 1000u != 0);
}

/* ---- Answers ---- */

/* An answer is a stall until a handler says otherwise. */

/* Send `n` of the bytes at `data`, or fewer where the host wants fewer. */
static void send(dfukit_answer *a, const dfukit_setup *s, uint8_t *data, uint16_t n)
{
    a->kind = DFUKIT_ANSWER_IN;
    a->n = n < s->wLength ? n : s->wLength;
    a->data = data;
}

static void send_status(dfukit_answer *a, dfukit_dfu *d, const dfukit_setup *s)
{
    const dfukit_status_reply reply = {
        .bStatus = d->status,
        .bwPollTimeout = d->wait_ms,
        .bState = d->next_state,
        .iString = d->status == DFUKIT_STATUS_VENDOR ? d->config->status_string : 0,
    };

    dfukit_status_encode(&reply, d->reply);
    send(a, s, d->reply, DFUKIT_STATUS_SIZE);
}

/* ---- One handler for each action ---- */

static void do_accept(dfukit_answer *a, dfukit_dfu *d, const dfukit_setup *s)
{
    if (s->bRequest == DFUKIT_GETSTATE) {
        d->reply[0] = d->state;
        send(a, s, d->reply, 1);
    } else if (s->bRequest == DFUKIT_GETSTATUS) {
        if (d->state == DFUKIT_DNBUSY || d->state == DFUKIT_MANIFEST) {
            d->wait_ms = d->deadline_ms - d->now_ms;
            if ((int32_t)d->wait_ms < 0)
                d->wait_ms = 0;
        }
        send_status(a, d, s);
    } else {
        a->kind = DFUKIT_ANSWER_OUT;
    }
}

static bool fits(const dfukit_dfu *d, const dfukit_setup *s, uint8_t ability)
{
    const dfukit_functional *f = &d->config->functional;

    return (f->bmAttributes & ability) != 0 && s->wLength <= f->wTransferSize;
}

/* A device waits for the reset no longer than it says itself (DFU 1.1 §3.1, §4.1.3). */
static void do_detach(dfukit_answer *a, dfukit_dfu *d, const dfukit_setup *s)
{
    uint16_t most = d->config->functional.wDetachTimeOut;

    d->wait_ms = s->wValue < most ? s->wValue : most;
    a->kind = DFUKIT_ANSWER_OUT;
}

static void do_dnload(dfukit_answer *a, dfukit_dfu *d, const dfukit_setup *s)
{
    if (!fits(d, s, DFUKIT_CAN_DNLOAD))
        return;
    d->block_number = s->wValue;
    d->length = s->wLength;
    a->kind = DFUKIT_ANSWER_OUT;
    a->n = s->wLength;
    a->data = d->block;
}

static void do_dnload_end(dfukit_answer *a, dfukit_dfu *d)
{
    d->status = d->config->store->finish(d->store);
    if (d->status == DFUKIT_STATUS_OK)
        a->kind = DFUKIT_ANSWER_OUT;
}

static void do_upload(dfukit_answer *a, dfukit_dfu *d, const dfukit_setup *s)
{
    const dfukit_store_ops *store = d->config->store;
    int32_t n;

    if (!fits(d, s, DFUKIT_CAN_UPLOAD) || s->wLength == 0)
        return;
    if (d->state == DFUKIT_DFU_IDLE)
        store->begin(d->store, d->alt);
    n = store->read(d->store, s->wValue, d->block, s->wLength);
    if (n < 0) {
        d->status = (uint8_t)-n;
        return;
    }
    if (n < s->wLength)
        d->next_state = DFUKIT_DFU_IDLE; /* a short block is the last (DFU 1.1 §6.2.1) */
    send(a, s, d->block, (uint16_t)n);
}

static void do_sync_dnload(dfukit_answer *a, dfukit_dfu *d, const dfukit_setup *s)
{
    if (d->wait_ms != 0)
        d->next_state = DFUKIT_DNBUSY;
    send_status(a, d, s);
}

/* The store is told at the first GETSTATUS, so that an ABORT before it still undoes the download;
 * what takes no time is done by the time of the answer. */
static void do_sync_manifest(dfukit_answer *a, dfukit_dfu *d, const dfukit_setup *s)
{
    uint8_t attributes = d->config->functional.bmAttributes;

    if (!d->manifesting) {
        d->manifesting = true;
        d->config->store->manifest(d->store);
        d->wait_ms = dfukit_dfu_work(d);
    }
    if (d->state == DFUKIT_DFU_ERROR) {
        d->next_state = DFUKIT_DFU_ERROR;
    } else if ((attributes & DFUKIT_MANIFESTATION_TOLERANT) == 0) {
        d->next_state = DFUKIT_MANIFEST;
        if ((attributes & DFUKIT_WILL_DETACH) != 0)
            d->wait_ms += LAST_ANSWER_MS;
    } else if (d->wait_ms != 0) {
        d->next_state = DFUKIT_MANIFEST;
    }
    send_status(a, d, s);
}

/* ---- SETUP, and the end of the data stage ---- */

static void act(dfukit_answer *a, dfukit_dfu *d, unsigned action, const dfukit_setup *s)
{
    switch (action) {
    case DFUKIT_DO_LENIENT:
        if (!d->config->strict)
            do_accept(a, d, s);
        break;
    case DFUKIT_DO_ACCEPT:
        do_accept(a, d, s);
        break;
    case DFUKIT_DO_DETACH:
        do_detach(a, d, s);
        break;
    case DFUKIT_DO_DNLOAD:
        do_dnload(a, d, s);
        break;
    case DFUKIT_DO_DNLOAD_END:
        do_dnload_end(a, d);
        break;
    case DFUKIT_DO_UPLOAD:
        do_upload(a, d, s);
        break;
    case DFUKIT_DO_SYNC_DNLOAD:
        do_sync_dnload(a, d, s);
        break;
    case DFUKIT_DO_SYNC_MANIFEST:
        do_sync_manifest(a, d, s);
        break;
    default: /* DFUKIT_DO_STALL_ERROR */
        break;
    }
}

dfukit_answer dfukit_dfu_setup(dfukit_dfu *d, const dfukit_setup *setup)
{
    dfukit_answer answer;
    unsigned input;
    uint8_t cell;

    answer.kind = DFUKIT_ANSWER_STALL;
    answer.n = 0;
    answer.data = NULL;
    d->next_input = DFUKIT_ON_NOTHING;
    if ((setup->bmRequestType & 0x7Fu) != DFUKIT_TYPE_CLASS_OUT ||
        setup->wIndex != dfukit_dfu_interface(d) || !d->configured)
        return answer;
    d->used = dfukit_dfu_in_dfu_mode(d);
    d->wait_ms = dfukit_dfu_work(d); /* may lead to dfuERROR: the table is asked afterwards */
    input = input_of(setup);
    cell = dfukit_transitions[d->state][input];
    d->next_state = (uint8_t)dfukit_cell_state(cell);
    if (dfukit_cell_action(cell) == DFUKIT_DO_STALL) {
        d->state = d->next_state;
        return answer;
    }
    if (d->wait_ms == 0 || (INPUTS_WHEN_QUIET >> input & 1u) == 0)
        act(&answer, d, dfukit_cell_action(cell), setup);
    /* What keeps the state has nothing to do later; a timer may move the state in the meantime. */
    if (answer.kind == DFUKIT_ANSWER_STALL)
        dfukit_dfu_fail(d, DFUKIT_STATUS_STALLEDPKT); /* unless a handler has named a cause */
    else if (d->next_state != d->state)
        d->next_input = (uint8_t)input;
    return answer;
}

/* A whole block: the store starts to work on it. */
static uint8_t take_block(dfukit_dfu *d)
{
    const dfukit_store_ops *store = d->config->store;

    if (d->state == DFUKIT_DFU_IDLE)
        store->begin(d->store, d->alt);
    return store->write(d->store, d->block_number, d->block, d->length);
}

void dfukit_dfu_complete(dfukit_dfu *d)
{
    uint8_t status = DFUKIT_STATUS_OK;
    uint8_t input = d->next_input;

    d->next_input = DFUKIT_ON_NOTHING;
    switch (input) {
    case DFUKIT_ON_DETACH:
        if ((d->config->functional.bmAttributes & DFUKIT_WILL_DETACH) != 0)
            d->wish = DFUKIT_WISH_REATTACH_DFU;
        break;
    case DFUKIT_ON_DNLOAD:
        status = take_block(d);
        break;
    case DFUKIT_ON_DNLOAD_END:
        d->manifesting = false;
        break;
    case DFUKIT_ON_CLRSTATUS:
        d->status = DFUKIT_STATUS_OK;
        break;
    case DFUKIT_ON_ABORT:
        d->config->store->abort(d->store);
        break;
    case DFUKIT_ON_UPLOAD:
    case DFUKIT_ON_GETSTATUS:
        break;
    default:
        return;
    }
    if (status != DFUKIT_STATUS_OK) {
        dfukit_dfu_fail(d, status);
        return;
    }
    d->state = d->next_state;
    d->deadline_ms = d->now_ms + d->wait_ms;
    d->timing = true; /* a state that waits for nothing takes no notice */
}
