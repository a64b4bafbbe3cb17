/* SPDX-License-Identifier: MIT */
/*
 * The DFU class requests (DFU 1.1 §3, Annex A.2), by the table dfukit_transitions: the cell of
 * state and request names an action. A stall takes effect at SETUP; everything else is only
 * prepared there, and done when the data stage has completed. What is not a request (time, resets)
 * is in events.c.
 */
#include "class.h"

#define STALL (-1)

/* ---- Requests as inputs of the table ---- */

static unsigned input_of(const dfukit_setup *s)
{
    unsigned request = s->bRequest;
    bool in = dfukit_setup_is_in(s);

    if (request >= DFUKIT_REQUEST_COUNT ||
        ((dfukit_transitions[request] ^ (uint32_t)s->bmRequestType << 24) & DFUKIT_INPUT_IN) != 0)
        return DFUKIT_ON_OTHER;
    /* The table has two rows for DNLOAD: with data, and the empty one that ends a download. */
    if (request == DFUKIT_DNLOAD)
        return s->wLength != 0 ? DFUKIT_ON_DNLOAD : DFUKIT_ON_DNLOAD_END;
    return in || s->wLength == 0 ? request : DFUKIT_ON_OTHER;
}

/* ---- The store's work, and errors ---- */

void dfukit_dfu_rewind(dfukit_dfu *d)
{
    d->next_state = 0;
    d->manifesting = false;
    if (dfukit_dfu_defers(dfukit_config(d)))
        d->pending = false;
    if (dfukit_config(d)->alternates > 1 && d->owes_0)
        d->alt = 0;
    dfukit_config(d)->store->rewind(d->store, d->alt);
}

DFUKIT_APART void dfukit_dfu_fail(dfukit_dfu *d, int32_t status)
{
    d->state = DFUKIT_DFU_ERROR;
    if (d->status == DFUKIT_STATUS_OK)
        d->status = (uint8_t)status;
    dfukit_dfu_rewind(d);
}

/* Hand the block that has come to the store. */
static void start_block(dfukit_dfu *d)
{
    const dfukit_dfu_config *config = dfukit_config(d);
    uint8_t status = config->store->write(d->store, d->block_number, d->block, d->length);

    if (dfukit_dfu_defers(config))
        d->pending = false;
    if (config->double_buffer) {
        if (d->second)
            d->block -= config->functional.wTransferSize;
        else
            d->block += config->functional.wTransferSize;
        d->second = !d->second;
    }
    if (status != DFUKIT_STATUS_OK)
        dfukit_dfu_fail(d, status);
}

uint32_t dfukit_dfu_work(dfukit_dfu *d)
{
    const dfukit_store_ops *store = dfukit_config(d)->store;
    int32_t left_ms = store->poll(d->store);

    if (dfukit_config(d)->double_buffer && left_ms == 0 && d->pending) {
        start_block(d);
        left_ms = store->poll(d->store);
    }
    if (left_ms >= 0)
        return (uint32_t)left_ms;
    if (dfukit_dfu_mode(d)) /* what it has left behind is no business of the firmware that runs */
        dfukit_dfu_fail(d, -left_ms);
    return 0;
}

/* ---- One function for each request that needs more than the table ---- */

static bool fits(const dfukit_dfu *d, const dfukit_setup *s, uint8_t ability)
{
    const dfukit_functional *f = &dfukit_config(d)->functional;

    return (f->bmAttributes & ability) != 0 && s->wLength <= f->wTransferSize;
}

/* A device waits for the reset no longer than it says itself (DFU 1.1 §3.1, §4.1.3). */
static void detach(dfukit_dfu *d, const dfukit_setup *s)
{
    uint16_t most = dfukit_config(d)->functional.wDetachTimeOut;

    d->deadline_ms = d->now_ms + (s->wValue < most ? s->wValue : most);
}

static int32_t upload(dfukit_dfu *d, const dfukit_setup *s)
{
    const dfukit_store_ops *store = dfukit_config(d)->store;
    int32_t n;

    if (!fits(d, s, DFUKIT_CAN_UPLOAD) || s->wLength == 0)
        return STALL;
    n = store->read(d->store, s->wValue, d->block, s->wLength);
    if (n < 0)
        d->status = (uint8_t)-n;
    else if (n < s->wLength)
        d->next_state = DFUKIT_DFU_IDLE; /* a short block is the last (DFU 1.1 §6.2.1) */
    return n;
}

/* GETSTATUS in dfuDNLOAD-SYNC. @return the state after it; *wait_ms: bwPollTimeout. */
static uint8_t sync_dnload(dfukit_dfu *d, uint32_t *wait_ms)
{
    if (dfukit_config(d)->double_buffer && !d->pending) {
        *wait_ms = 0; /* there is room for the next block */
        return DFUKIT_DNLOAD_IDLE;
    }
    if (dfukit_config(d)->dfuse && d->pending) {
        start_block(d);
        *wait_ms = dfukit_dfu_work(d);
        if (d->state == DFUKIT_DFU_ERROR)
            return DFUKIT_DFU_ERROR;
        if (*wait_ms == 0)
            *wait_ms = 1;
    }
    return *wait_ms != 0 ? DFUKIT_DNBUSY : DFUKIT_DNLOAD_IDLE;
}

/* GETSTATUS in dfuMANIFEST-SYNC. The store is told at the first one, so that an ABORT before it
 * still undoes the download; what takes no time is done by the time of the answer. */
static uint8_t sync_manifest(dfukit_dfu *d, uint32_t *wait_ms)
{
    uint8_t attributes = dfukit_config(d)->functional.bmAttributes;

    if (!d->manifesting) {
        d->manifesting = true;
        dfukit_config(d)->store->manifest(d->store);
        *wait_ms = dfukit_dfu_work(d);
        if (d->state == DFUKIT_DFU_ERROR)
            return DFUKIT_DFU_ERROR;
    }
    if ((attributes & DFUKIT_MANIFESTATION_TOLERANT) != 0 && *wait_ms == 0)
        return DFUKIT_DFU_IDLE;
    if ((attributes & DFUKIT_MANIFESTATION_TOLERANT) == 0 && (attributes & DFUKIT_WILL_DETACH) != 0)
        *wait_ms += DFUKIT_LAST_ANSWER_MS;
    return DFUKIT_MANIFEST;
}

/* In dfuDNBUSY and dfuMANIFEST: what is left of the bwPollTimeout given last; of a manifestation
 * that takes longer than it said, what is left of that. */
static uint32_t rest(const dfukit_dfu *d, uint32_t work_ms)
{
    int32_t left = (int32_t)(d->deadline_ms - d->now_ms);
    uint32_t least = d->state == DFUKIT_MANIFEST ? work_ms : 0;

    return left < (int32_t)least ? least : (uint32_t)left;
}

/* The answer to GETSTATUS (DFU 1.1 §6.1.2). No wait comes near the 24 bits of bwPollTimeout. */
static int32_t get_status(dfukit_dfu *d, uint32_t wait_ms)
{
    uint8_t iString = dfukit_config(d)->status_string;
    unsigned next = d->state;
    uint32_t word;

    if (next == DFUKIT_DNLOAD_SYNC || next == DFUKIT_MANIFEST_SYNC) {
        next = next == DFUKIT_DNLOAD_SYNC ? sync_dnload(d, &wait_ms) : sync_manifest(d, &wait_ms);
        d->next_state = (uint8_t)next;
        d->deadline_ms = d->now_ms + wait_ms;
    } else if (!dfukit_config(d)->strict && (next == DFUKIT_DNBUSY || next == DFUKIT_MANIFEST)) {
        wait_ms = rest(d, wait_ms);
    }
    word = d->status | wait_ms << 8;
    d->reply[0] = (uint8_t)word;
    d->reply[1] = (uint8_t)(word >> 8);
    d->reply[2] = (uint8_t)(word >> 16);
    d->reply[3] = (uint8_t)(word >> 24);
    d->reply[4] = (uint8_t)next;
    if (iString != 0) /* else it stays 0 */
        d->reply[5] = d->status == DFUKIT_STATUS_VENDOR ? iString : 0;
    return (int32_t)DFUKIT_STATUS_SIZE;
}

/* ---- SETUP, and the end of the data stage ---- */

/* A request that the table lets pass. @return bytes of the data stage, or STALL. */
static int32_t take(dfukit_dfu *d, unsigned input, const dfukit_setup *s, uint32_t wait_ms)
{
    if (input == DFUKIT_ON_DNLOAD_END) {
        d->status = dfukit_config(d)->store->finish(d->store);
        if (d->status != DFUKIT_STATUS_OK)
            return STALL;
    }
    if (input == DFUKIT_ON_DNLOAD) {
        if (!fits(d, s, DFUKIT_CAN_DNLOAD))
            return STALL;
        d->block_number = s->wValue;
        d->length = s->wLength;
    }
    if (input == DFUKIT_ON_GETSTATE) {
        d->reply[0] = d->state;
        return 1;
    }
    if (input == DFUKIT_ON_GETSTATUS)
        return get_status(d, wait_ms);
    if (input == DFUKIT_ON_UPLOAD)
        return upload(d, s);
    if (!dfukit_config(d)->loader_only && input == DFUKIT_ON_DETACH)
        detach(d, s);
    return s->wLength;
}

/* Is the input taken now? */
static bool takes(const dfukit_dfu *d, unsigned input, uint32_t transitions, bool working)
{
    const dfukit_dfu_config *config = dfukit_config(d);
    /* A second buffer frees the block, not the manifestation. */
    uint32_t quiet =
        config->double_buffer && !d->manifesting ? DFUKIT_INPUT_QUIET_2 : DFUKIT_INPUT_QUIET;

    if (config->dfuse && (config->functional.bmAttributes & DFUKIT_CAN_DNLOAD) != 0 &&
        d->state == DFUKIT_DFU_IDLE && input == DFUKIT_ON_DNLOAD_END)
        return !working;
    if (working && (transitions & quiet) != 0)
        return false;
    return dfukit_takes(transitions, d->state, config->strict);
}

int32_t dfukit_dfu_request(dfukit_dfu *d, const dfukit_setup *s)
{
    uint32_t wait_ms, transitions;
    unsigned input;
    int32_t n = STALL;

    if ((s->bmRequestType & 0x7Fu) != DFUKIT_TYPE_CLASS_OUT ||
        s->wIndex != dfukit_dfu_interface(d) || !d->configured)
        return STALL;
    if (!dfukit_config(d)->strict)
        d->used = dfukit_dfu_mode(d);
    wait_ms = dfukit_dfu_work(d); /* may lead to dfuERROR: the table is asked afterwards */
    input = input_of(s);
    transitions = dfukit_transitions[input];
    if (takes(d, input, transitions, wait_ms != 0)) {
        d->next_state = transitions >> DFUKIT_INPUT_NEXT & 0x0Fu;
        n = take(d, input, s, wait_ms);
    }
    if (n >= 0)
        return n;
    if (!dfukit_dfu_mode(d))
        d->state = DFUKIT_APP_IDLE;
    else if (d->state != DFUKIT_MANIFEST_WAIT_RESET)
        dfukit_dfu_fail(d, DFUKIT_STATUS_STALLEDPKT); /* unless a handler has named a cause */
    return STALL;
}

dfukit_answer dfukit_dfu_setup(dfukit_dfu *d, const dfukit_setup *setup)
{
    dfukit_answer answer = {DFUKIT_ANSWER_STALL, 0, NULL};
    int32_t n;

    d->next_state = 0;
    n = dfukit_dfu_request(d, setup);
    if (n < 0)
        return answer;
    answer.kind = dfukit_setup_is_in(setup) ? DFUKIT_ANSWER_IN : DFUKIT_ANSWER_OUT;
    answer.n = n < setup->wLength ? (uint16_t)n : setup->wLength;
    answer.data = dfukit_dfu_data(d, setup);
    return answer;
}

/* A new state tells which request it was: all but one have their own, and to dfuIDLE lead those
 * that end a transfer, or the memory of one. */
void dfukit_dfu_complete(dfukit_dfu *d)
{
    const dfukit_dfu_config *config = dfukit_config(d);
    uint8_t next = d->next_state;

    if (next == 0)
        return;
    d->next_state = 0;
    d->state = next;
    if (next == DFUKIT_DFU_IDLE) {
        d->status = DFUKIT_STATUS_OK;
        dfukit_dfu_rewind(d);
    } else if (next == DFUKIT_DNLOAD_SYNC) {
        if (dfukit_dfu_defers(config))
            d->pending = true;
        else
            start_block(d);
    } else if (!config->loader_only && next == DFUKIT_APP_DETACH &&
               (config->functional.bmAttributes & DFUKIT_WILL_DETACH) != 0) {
        d->wish = DFUKIT_WISH_REATTACH_DFU;
    }
}
