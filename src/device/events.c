/* SPDX-License-Identifier: MIT */
/*
 * What happens to a DFU function besides its requests: time, bus resets, configurations and
 * alternate settings, coming and going (DFU 1.1 §5.1, §7, Annex A.2).
 */
#include "class.h"

/* ---- Coming and going ---- */

static void enter(dfukit_dfu *d, dfukit_state state)
{
    d->state = (uint8_t)state;
    d->status = state == DFUKIT_DFU_ERROR ? DFUKIT_STATUS_FIRMWARE : DFUKIT_STATUS_OK;
    d->next_input = DFUKIT_ON_NOTHING;
    d->alt = 0;
    d->used = false;
    d->configured = false;
    d->timing = false;
}

void dfukit_dfu_init(dfukit_dfu *d, const dfukit_dfu_config *config, void *store, uint8_t *block)
{
    d->config = config;
    d->store = store;
    d->block = block;
    d->wish = DFUKIT_WISH_NONE;
    d->manifesting = false;
    d->now_ms = 0;
    d->wait_ms = 0;
    if (config->loader_only)
        enter(d, DFUKIT_DFU_IDLE);
    else
        enter(d, config->store->valid(store) ? DFUKIT_APP_IDLE : DFUKIT_DFU_ERROR);
}

void dfukit_dfu_attach(dfukit_dfu *d, bool dfu_mode)
{
    if (d->state > DFUKIT_DFU_IDLE) /* something may be under way that the firmware must not meet */
        d->config->store->abort(d->store);
    d->wish = DFUKIT_WISH_NONE;
    enter(d, dfu_mode || d->config->loader_only ? DFUKIT_DFU_IDLE : DFUKIT_APP_IDLE);
}

dfukit_wish dfukit_dfu_wish(dfukit_dfu *d)
{
    dfukit_wish wish = (dfukit_wish)d->wish;

    d->wish = DFUKIT_WISH_NONE;
    return wish;
}

/* A reset during enumeration must not end DFU mode that has only just begun: hosts reset a device
 * two to four times for each change of mode. Once it is configured (strict), or there was a class
 * request as well (lenient), the host means it. */
void dfukit_dfu_bus_reset(dfukit_dfu *d)
{
    bool meant = d->configured && (d->used || d->config->strict);

    d->next_input = DFUKIT_ON_NOTHING;
    d->configured = false;
    d->alt = 0;
    if (d->state == DFUKIT_APP_DETACH) {
        d->wish = DFUKIT_WISH_REATTACH_DFU;
        enter(d, DFUKIT_DFU_IDLE);
    } else if (dfukit_dfu_in_dfu_mode(d) && meant) {
        d->config->store->abort(d->store);
        /* While flash work runs nobody may look at the firmware, less start it. */
        if (dfukit_dfu_work(d) == 0 && d->config->store->valid(d->store)) {
            d->wish = DFUKIT_WISH_REATTACH_APP;
            enter(d, d->config->loader_only ? DFUKIT_DFU_IDLE : DFUKIT_APP_IDLE);
        } else {
            enter(d, DFUKIT_DFU_ERROR);
        }
    }
}

/* ---- Configuration and alternate setting ---- */

bool dfukit_dfu_set_alternate(dfukit_dfu *d, uint8_t alt)
{
    if (!dfukit_dfu_in_dfu_mode(d))
        return alt == 0;
    if (alt >= d->config->alternates || d->state == DFUKIT_MANIFEST_WAIT_RESET ||
        dfukit_dfu_work(d) != 0)
        return false;
    d->config->store->abort(d->store);
    d->alt = alt;
    d->state = DFUKIT_DFU_IDLE;
    d->status = DFUKIT_STATUS_OK;
    d->next_input = DFUKIT_ON_NOTHING;
    return true;
}

void dfukit_dfu_set_configured(dfukit_dfu *d, bool configured)
{
    if (configured && d->configured)
        dfukit_dfu_set_alternate(d, 0);
    else
        d->alt = 0;
    d->next_input = DFUKIT_ON_NOTHING;
    d->configured = configured;
}

/* ---- Time ---- */

/* The end of a bwPollTimeout or of the detach timer, in a state that waits for one. */
static void deadline(dfukit_dfu *d, uint32_t left_ms)
{
    uint8_t attributes = d->config->functional.bmAttributes;

    d->timing = false;
    if (d->state == DFUKIT_APP_DETACH) {
        d->state = DFUKIT_APP_IDLE;
    } else if (d->state == DFUKIT_DNBUSY) {
        d->state = DFUKIT_DNLOAD_SYNC;
    } else if (d->state != DFUKIT_MANIFEST) {
        return;
    } else if ((attributes & DFUKIT_MANIFESTATION_TOLERANT) != 0) {
        d->state = DFUKIT_MANIFEST_SYNC;
    } else if (left_ms != 0) { /* the store needs longer than it said, and nobody asks any more */
        d->deadline_ms = d->now_ms + left_ms;
        d->timing = true;
    } else {
        d->state = DFUKIT_MANIFEST_WAIT_RESET;
        if ((attributes & DFUKIT_WILL_DETACH) != 0)
            d->wish = DFUKIT_WISH_REATTACH_APP;
    }
}

void dfukit_dfu_poll(dfukit_dfu *d, uint32_t now_ms)
{
    uint32_t left_ms = 0;

    d->now_ms = now_ms;
    /* Manifestation may take its time in the store: not between a GETSTATUS and its answer. */
    if (d->state != DFUKIT_MANIFEST_SYNC)
        left_ms = dfukit_dfu_work(d);
    if (d->timing && (int32_t)(now_ms - d->deadline_ms) >= 0)
        deadline(d, left_ms);
}
